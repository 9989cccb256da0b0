"""The pages by which people find their provider. Whatever they were begun with goes along to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from ..domain.identifier import OrganizationId
from ..usecases.address_limit import AddressLimit
from ..usecases.login import LOGIN, LOGIN_SSO, Login, Logins
from . import asking, page
from .asking import Malformed
from .responses import Application, Receive, Scope, Send

#: Parameters that a sign-in is begun with.
_KEPT = ("continue", "return_to")
_FIELD = "email"
#: An e-mail address that an application thinks is theirs (OpenID Connect Core 1.0, section 3.1.2.1).
_HINT = "login_hint"


def routes(logins: Logins, limit: AddressLimit) -> dict[str, Application]:
    """`/login` asks for an e-mail address, `/login/ORGANIZATION` for none. Both only look things up."""

    async def by_address(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, limit, ("GET", "HEAD", "POST")):
            return
        try:
            posted = scope["method"] == "POST"
            given = await asking.form(scope, receive) if posted else asking.query(scope)
        except Malformed:
            await _damaged(send)
            return
        kept = _kept(given)
        if not posted:
            hint = given.get(_HINT, "")
            await page.show(send, 200, "Sign in", _form(kept, hint=hint))
            return
        found = await logins.for_address(given.get(_FIELD, ""))
        if len(found) == 1:
            (url,) = _addresses(found, kept)
            await page.show(send, 200, "Sign in", page.links([url]), onward=url[0])
        elif found:
            await _choice(send, found, kept)
        else:
            wrong = (
                "Nobody with such an e-mail address signs in here. Check what you have typed, or ask an administrator of your "
                "organization for its own link."
            )
            await page.show(send, 404, "Sign in", _form(kept, wrong=wrong))

    async def of_organization(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, limit, ("GET", "HEAD")):
            return
        try:
            kept = _kept(asking.query(scope))
        except Malformed:
            await _damaged(send)
            return
        found: Sequence[Login] = ()
        if (id := asking.id_below(scope, f"{LOGIN}/")) is not None:
            found = await logins.of_organization(OrganizationId(id))
        if len(found) == 1:
            ((url, _),) = _addresses(found, kept)
            await page.redirect(send, url)
        elif found:
            await _choice(send, found, kept)
        else:
            told = page.paragraph("Nobody can sign in here.")
            await page.show(send, 404, "You are not signed in", told)

    return {LOGIN: by_address, f"{LOGIN}/": of_organization}


def _form(kept: Mapping[str, str], *, hint: str = "", wrong: str = "") -> str:
    filled = {"value": hint} if hint else {}
    asked = {"type": "email", "autocomplete": "email", "maxlength": "254", **filled}
    field = page.field(_FIELD, "E-mail address", wrong=bool(wrong), **asked)
    return page.form(LOGIN, page.hidden(kept), field, page.button("Continue"), wrong=wrong)


async def _choice(send: Send, found: Sequence[Login], kept: Mapping[str, str]) -> None:
    await page.show(send, 200, "Choose how you sign in", page.links(_addresses(found, kept)))


async def _damaged(send: Send) -> None:
    told = page.paragraph("This link is damaged.")
    await page.show(send, 400, "You are not signed in", told)


def _addresses(found: Sequence[Login], kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of each the page that leads to the provider, and what it is called."""
    query = f"?{urlencode(kept)}" if kept else ""
    return [(f"{LOGIN_SSO}{each.id}{query}", each.name) for each in found]


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in _KEPT if given.get(name)}
