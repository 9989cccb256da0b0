"""The pages that lead to a provider and back."""

from __future__ import annotations

from ..domain.identifier import SsoConfigurationId
from ..domain.sign_in import LIFETIME, Denied, NotThisBrowsers
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from ..usecases.login import LOGIN_SSO
from ..usecases.sign_in import Onward, SignedIn, SignIns
from ..usecases.sso_configuration import CALLBACK
from . import asking, page
from .asking import Malformed
from .cookie import Cookie
from .responses import Application, Receive, Scope, Send


def routes(sign_ins: SignIns, limit: AddressLimit, *, secure: bool) -> dict[str, Application]:
    """`/login/sso/ID` sends the browser to the provider, which sends it back to `/sso/callback/ID`.

    `secure`: browsers come by https. `limit` counts both, as they take no token.
    """
    cookie = Cookie("orgplane-sign-in", secure)

    async def begin(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, limit, ("GET",)):
            return
        try:
            continues, return_to = _begun_with(scope)
            id = _id(scope, LOGIN_SSO)
            begun = await sign_ins.begin(id, asking.origin(), continues, return_to)
        except Denied as error:
            await _denied(send, error)
            return
        kept = cookie.set(begun.browser, LIFETIME)
        await page.redirect(send, begun.url, (kept,))

    async def finish(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, limit, ("GET",)):
            return
        over = cookie.clear()
        try:
            id, browser = _id(scope, CALLBACK), cookie.read(scope)
            done = await sign_ins.finish(id, _answer(scope), browser, asking.origin())
        except Denied as error:
            # A page elsewhere can send the browser here with anything.
            headers = () if isinstance(error, NotThisBrowsers) else (over,)
            await _denied(send, error, headers)
            return
        if done.member is not None:
            current_call.get().by(str(done.member.id), done.member.organization_id)
        if isinstance(done, Onward):
            await _onward(send, done, over)
            return
        await _signed_in(send, done, over)

    return {LOGIN_SSO: begin, CALLBACK: finish}


def _id(scope: Scope, page: str) -> SsoConfigurationId:
    """What follows in the path. Raises Denied for what is none, as for one that is not there."""
    if (id := asking.id_below(scope, page)) is None:
        raise NotThisBrowsers("Nobody can sign in here.")
    return SsoConfigurationId(id)


def _answer(scope: Scope) -> dict[str, str]:
    """The provider's."""
    try:
        found = asking.query(scope)
    except Malformed:
        found = {}
    if not found:
        raise NotThisBrowsers("This is no answer of an identity provider.")
    return found


def _begun_with(scope: Scope) -> tuple[str, str]:
    """What the sign-in continues, and where the browser goes afterwards."""
    try:
        given = asking.query(scope)
    except Malformed:
        raise Denied("This link is damaged.") from None
    return given.get("continue", ""), given.get("return_to", "")


async def _signed_in(send: Send, done: SignedIn, over: tuple[bytes, bytes]) -> None:
    if done.return_to:
        # In the fragment, which neither servers nor their logs see, nor pages that are linked from there.
        address = f"{done.return_to}#exchange_token={done.token.reveal()}"
        await page.redirect(send, address, (over,))
        return
    until = f"{done.expires_at:%Y-%m-%d %H:%M} UTC"
    await page.show(
        send,
        200,
        "You are signed in",
        page.paragraph(
            f"You are {done.member.name or done.member.email}. This is your session's token. It is shown once, works until {until} "
            "while it is used every 8 hours, and lets whoever has it act as you:"
        ),
        page.code(done.token.reveal()),
        headers=(over,),
    )


async def _onward(send: Send, done: Onward, over: tuple[bytes, bytes]) -> None:
    if done.member is None or not done.asked_about:
        await page.redirect(send, done.url, (over,))
        return
    await page.show(
        send,
        200,
        "Sign in on the command line?",
        page.paragraph(
            f"The orgplane command line on this machine is about to act as you, {done.member.name or done.member.email}."
        ),
        page.paragraph("If you have not started it yourself just now, close this page."),
        page.links([(done.url, "I have started it: go on")]),
        headers=(over,),
    )


async def _denied(send: Send, why: Denied, headers: page.Headers = ()) -> None:
    told = page.paragraph(str(why))
    await page.show(send, 403, "You are not signed in", told, headers=headers)
