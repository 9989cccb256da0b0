"""The page where somebody lets in a program on another machine, by the code that it shows (RFC 8628, section 3.3)."""

from __future__ import annotations

from urllib.parse import urlencode

from ..domain.authorization import DEVICE_PAGE
from ..domain.device import LIFETIME
from ..domain.sign_in import Denied
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from ..usecases.device import Asked, Devices
from ..usecases.login import LOGIN
from . import asking, page
from .asking import Malformed
from .cookie import Cookie
from .responses import Application, Receive, Scope, Send

DEVICE = "/device"
_TITLE = "Let in a program"
_ALLOW = "allow"


def routes(
    devices: Devices, tokenless: AddressLimit, guesses: AddressLimit, *, secure: bool
) -> dict[str, Application]:
    """`guesses` counts codes that are none. `secure`: browsers come by https."""
    cookie = Cookie("orgplane-device", secure)

    async def typed(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, tokenless, ("GET", "HEAD", "POST")):
            return
        if asking.is_of_another_site(scope):
            await page.show(send, 403, _TITLE, _form("Type the code on this page."))
            return
        if scope["method"] != "POST":
            await page.show(send, 200, _TITLE, _form())
            return
        guesses.check(current_call.get().peer)
        try:
            form = await asking.form(scope, receive)
        except Malformed:
            form = {}
        found = await devices.typed(form.get("user_code", ""))
        if found is None:
            guesses.count(current_call.get().peer)
            wrong = "No program waits with this code. Check what you have typed; a code is over after 10 minutes."
            await page.show(send, 404, _TITLE, _form(wrong))
            return
        request, verifier = found
        url = f"{LOGIN}?{urlencode({'continue': request})}"
        kept = cookie.set(verifier, LIFETIME * 2)
        onward = page.links([(url, "Sign in to go on")])
        await page.show(send, 200, _TITLE, onward, onward=url, headers=(kept,))

    async def confirm(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, tokenless, ("GET", "POST")):
            return
        verifier = cookie.read(scope)
        try:
            if asking.is_of_another_site(scope):
                raise Malformed
            if scope["method"] == "POST":
                form = await asking.form(scope, receive)
                let_in = form.get("answer") == _ALLOW
                await devices.decide(form.get("code", ""), verifier, let_in=let_in)
                told = "It goes on by itself." if let_in else "It gets nothing."
                title = "The program is let in" if let_in else "The program was refused"
                content = page.paragraph(f"{told} You can close this page.")
                await page.show(send, 200, title, content, headers=(cookie.clear(),))
                return
            query = asking.query(scope)
            if "error" in query:
                raise Denied("You have not signed in.")
            asked = await devices.asked(query.get("code", ""), verifier)
        except (Malformed, Denied) as error:
            told = page.paragraph(str(error) or "This link is damaged.")
            await page.show(send, 403, "The program was not let in", told)
            return
        member = asked.person.member
        current_call.get().by(str(member.id), member.organization_id)
        await page.show(send, 200, "Let this program in?", _question(asked, query["code"]))

    return {DEVICE: typed, DEVICE_PAGE: confirm}


def _form(wrong: str = "") -> str:
    field = page.field(
        *("user_code", "Code"),
        wrong=bool(wrong),
        autocomplete="off",
        autocapitalize="characters",
        spellcheck="false",
        maxlength="20",
    )
    return page.paragraph(
        "Type the code that your own program shows. If somebody has sent you a code, do not type it: you would let them in as you."
    ) + page.form(DEVICE, field, page.button("Continue"), wrong=wrong)


def _question(asked: Asked, code: str) -> str:
    member, begun = asked.person.member, asked.device.created_at
    return (
        page.paragraph(
            f"You are {member.name or member.email}, of {asked.person.organization.name}. The orgplane command line at the address "
            f"{asked.device.peer} asked for this at {begun:%H:%M:%S} UTC. If you let it in it acts as you until the sign-in ends."
        )
        + page.paragraph("If you have not started it yourself just now, refuse.")
        + page.form(
            DEVICE_PAGE,
            page.hidden({"code": code}),
            page.answers("answer", {"refuse": "Refuse", _ALLOW: "Let it in"}),
        )
    )
