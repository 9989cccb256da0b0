"""The pages that people see: they need no script, load nothing, and are kept nowhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .responses import Send, answer

Headers = Sequence[tuple[bytes, bytes]]

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --back: #fff; --link: #0b57d0; --line: #6b7280; --wrong: #b3261e }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --back: #17191c; --link: #a8c7fa; --line: #9aa0a6; --wrong: #f2b8b5 } }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back) }
main { max-width: 26rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
label { display: block; font-weight: 600 }
input, button, li a { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border-radius: .375rem; font: inherit }
input { margin: .25rem 0 1rem; border: 1px solid var(--line); color: inherit; background: transparent }
button { border: 0; color: var(--back); background: var(--link); font-weight: 600; cursor: pointer }
ul { padding: 0; list-style: none }
li a { display: block; margin: .5rem 0; border: 1px solid var(--line); overflow-wrap: anywhere }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
[role=alert] { color: var(--wrong) }
code { overflow-wrap: anywhere }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

#: Of every page, and of what sends a browser on from one.
HEADERS: Headers = (
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'".encode(),
    ),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


async def show(
    send: Send, status: int, title: str, *content: str, onward: str = "", headers: Headers = ()
) -> None:
    """A page of what the functions below make. Browsers go `onward` from it by themselves, to an address of ours."""
    # Not a redirect, which Chromium refuses a form to another origin, however it got there: form-action 'self'.
    refresh = f'<meta http-equiv="refresh" content="0; url={escape(onward)}">' if onward else ""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(content)}</main></body></html>"
    )
    kind = (b"content-type", b"text/html; charset=utf-8")
    await answer(send, status, page.encode(), (kind, *headers, *HEADERS))


async def redirect(send: Send, address: str, headers: Headers = ()) -> None:
    """Browsers take nothing along that came in a fragment to here: it may be a token."""
    if "#" not in address:  # they would carry theirs on (RFC 9110, section 10.2.2)
        address += "#"
    await answer(send, 303, b"", (*headers, (b"location", address.encode()), *HEADERS))


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def code(text: str) -> str:
    return f"<p><code>{escape(text)}</code></p>"


def links(addresses: Iterable[tuple[str, str]]) -> str:
    """A list of addresses, each with what it is called."""
    items = (f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for url, name in addresses)
    return f"<ul>{''.join(items)}</ul>"


def form(address: str, *content: str, wrong: str = "") -> str:
    """Posted to an address of ours; `wrong` is what was wrong with the last one."""
    alert = f'<p role="alert" id="wrong">{escape(wrong)}</p>' if wrong else ""
    return f'{alert}<form method="post" action="{escape(address)}">{"".join(content)}</form>'


def field(name: str, label: str, *, wrong: bool, **attributes: str) -> str:
    """Has to be filled in, by somebody who types; `wrong`: what the form says that was wrong was there."""
    marked = {"aria-invalid": "true", "aria-describedby": "wrong"} if wrong else {}
    given = {"id": name, "name": name, **attributes, **marked}
    written = "".join(f' {key}="{escape(value)}"' for key, value in given.items())
    return f'<label for="{escape(name)}">{escape(label)}</label><input{written} required autofocus>'


def hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def button(text: str) -> str:
    """Posts the form that it is in."""
    return f"<button>{escape(text)}</button>"


def answers(name: str, given: Mapping[str, str]) -> str:
    """Buttons that post the form that they are in, each with a value of the field `name`, by what is written on them."""
    return "".join(
        f'<p><button name="{escape(name)}" value="{escape(value)}">{escape(text)}</button></p>'
        for value, text in given.items()
    )
