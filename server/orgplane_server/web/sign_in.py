"""The pages that people sign in by. They need no script, load nothing, and are kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import parse_qsl
from uuid import UUID

from ..domain.caller import Origin
from ..domain.identifier import SsoConfigurationId
from ..domain.sign_in import LIFETIME, Denied, NotThisBrowsers
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from ..usecases.sign_in import Onward, SignedIn, SignIns
from ..usecases.sso_configuration import CALLBACK
from .responses import Application, Receive, Scope, Send, answer, refuse

#: Everything below it is served by the one page, as below `CALLBACK`.
LOGIN = "/login/sso/"

Headers = Sequence[tuple[bytes, bytes]]

_HEADERS: Headers = (
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def routes(sign_ins: SignIns, limit: AddressLimit, *, secure: bool) -> dict[str, Application]:
    """`/login/sso/ID` sends the browser to the provider, which sends it back to `/sso/callback/ID`.

    `secure`: browsers come by https. `limit` counts both, as they take no token.
    """
    cookie = "__Host-orgplane-sign-in" if secure else "orgplane-sign-in"

    def set_cookie(value: str, seconds: int) -> tuple[bytes, bytes]:
        text = f"{cookie}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        return b"set-cookie", (text + ("; Secure" if secure else "")).encode()

    async def begin(scope: Scope, receive: Receive, send: Send) -> None:
        if not await _asked(scope, send, limit):
            return
        try:
            continues = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("continue", "")
            begun = await sign_ins.begin(_id(scope, LOGIN), _origin(), continues)
        except Denied as error:
            await _page(send, 403, "You are not signed in", str(error))
            return
        kept = set_cookie(begun.browser, int(LIFETIME.total_seconds()))
        await answer(send, 303, b"", (kept, (b"location", begun.url.encode()), *_HEADERS))

    async def finish(scope: Scope, receive: Receive, send: Send) -> None:
        if not await _asked(scope, send, limit):
            return
        over = set_cookie("", 0)
        try:
            id = _id(scope, CALLBACK)
            done = await sign_ins.finish(id, _query(scope), _cookie(scope, cookie), _origin())
        except Denied as error:
            # A page elsewhere can send the browser here with anything.
            headers = () if isinstance(error, NotThisBrowsers) else (over,)
            await _page(send, 403, "You are not signed in", str(error), headers=headers)
            return
        if done.member is not None:
            current_call.get().caller = str(done.member.id)
        if isinstance(done, Onward):
            location = (b"location", done.url.encode())
            await answer(send, 303, b"", (over, location, *_HEADERS))
            return
        await _signed_in(send, done, over)

    return {LOGIN: begin, CALLBACK: finish}


async def _asked(scope: Scope, send: Send, limit: AddressLimit) -> bool:
    limit.count(current_call.get().peer)
    if scope["method"] == "GET":
        return True
    await refuse(send, 405, "unimplemented", "only GET is served here")
    return False


def _origin() -> Origin:
    call = current_call.get()
    return Origin(call.request_id, call.peer)


def _id(scope: Scope, page: str) -> SsoConfigurationId:
    """What follows in the path. Raises Denied for what is none, as for one that is not there."""
    try:
        return SsoConfigurationId(UUID(scope["path"].removeprefix(page)))
    except ValueError:
        raise NotThisBrowsers("Nobody can sign in here.") from None


def _query(scope: Scope) -> dict[str, str]:
    """The parameters of the answer. Raises Denied if one is there twice (RFC 6749, section 3.1)."""
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=50)
    except ValueError:
        pairs = []
    found = dict(pairs)
    if not pairs or len(found) < len(pairs):
        raise NotThisBrowsers("This is no answer of an identity provider.")
    return found


def _cookie(scope: Scope, name: str) -> str:
    for header, value in scope["headers"]:
        if header == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, found = part.strip().partition("=")
                if key == name:
                    return str(found)
    return ""


async def _signed_in(send: Send, done: SignedIn, over: tuple[bytes, bytes]) -> None:
    until = f"{done.expires_at:%Y-%m-%d %H:%M} UTC"
    await _page(
        send,
        200,
        "You are signed in",
        f"You are {done.member.name or done.member.email}. This is your session's token. It is shown once, works until {until} "
        "while it is used every 8 hours, and lets whoever has it act as you:",
        code=done.token.reveal(),
        headers=(over,),
    )


async def _page(
    send: Send, status: int, title: str, text: str, code: str = "", headers: Headers = ()
) -> None:
    shown = f"<p><code>{escape(code)}</code></p>" if code else ""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>'
        f"{escape(title)}</title></head><body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{shown}</main></body></html>"
    )
    kind = (b"content-type", b"text/html; charset=utf-8")
    await answer(send, status, page.encode(), (kind, *headers, *_HEADERS))
