"""What letters say. All of it is ours but an organization's name, in one short line."""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from .address import ENCODED

#: The most of an organization's name that goes into a letter, in characters.
_MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class Content:
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def code(organization: str, code: str, minutes: int) -> Content:
    """Proves that whoever asked for it reads the mail of the address."""
    name = line(organization)
    return _content(
        f"Your code for {name}",
        [
            f"Somebody wants to use this e-mail address with the organization “{name}”. If that is you, enter this code:",
            f"It works for {minutes} minutes, once. If it was not you, ignore this letter: without the code nothing happens. "
            "Give the code to nobody.",
        ],
        code,
    )


def invite(organization: str, secret: str, server: str, until: datetime) -> Content:
    """Lets whoever has the address become a member; `server` is where, empty if nobody knows."""
    name, there = line(organization), f" --url {server}" if server else ""
    return _content(
        f"You are invited to {name}",
        [
            f"You are invited to become a member of the organization “{name}”. This is your invite:",
            f"To accept it, enter orgplane{there} invites redeem, the invite, --name with your name and --email with this address. "
            "A code is mailed to you then, which shows that it is you.",
            f"The invite works until {until:%Y-%m-%d %H:%M} UTC, once, and for this address only. If you expected none, ignore "
            "this letter: nothing happens.",
        ],
        secret,
    )


def line(name: str) -> str:
    """A name as it stands in letters: one line, short, without what steers a display, looks like an address, or is encoded."""
    shown = "".join(
        character if unicodedata.category(character)[0] != "C" else " " for character in name
    )
    shown = " ".join(shown.replace("://", " ").replace(ENCODED, "= ?").split())
    if len(shown) > _MOST_NAME:
        shown = shown[: _MOST_NAME - 1].rstrip() + "…"
    return shown or "an organization"


def _content(subject: str, paragraphs: list[str], shown: str) -> Content:
    """The `shown` stands after the first paragraph, by itself."""
    first, *rest = paragraphs
    text = "\n\n".join([first, f"    {shown}", *rest]) + "\n"
    body = "".join(f"<p>{html.escape(each)}</p>" for each in rest)
    return Content(
        subject,
        text,
        f"<!doctype html><html><body><p>{html.escape(first)}</p>"
        f"<p><strong><code>{html.escape(shown)}</code></strong></p>{body}</body></html>\n",
    )
