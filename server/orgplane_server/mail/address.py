"""The addresses that mail is sent to and from: fewer than RFC 5321 allows, and none that could be two."""

from __future__ import annotations

import re

import idna

#: Without % and !, behind which mail servers look for another domain to send it on to (bob%other.example@acme.example).
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([^@]+)")
_MOST_OCTETS = 64, 254
#: How an encoded word begins, which readers of headers, Python's `email` among them, take for what it encodes.
ENCODED = "=?"


class NoAddress(ValueError):
    """No mail is sent to it; the text says why."""


def normal(text: str) -> str:
    """An address as mail servers take it: what stands before the @ as it is, the domain in ASCII.

    Raises NoAddress for quoted or encoded (RFC 2047) parts, routes, addresses with a name, several, and domains that are
    none (RFC 5321, section 4.1.2, has more; such addresses are rare, and everywhere a way in for headers).
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or not text.isprintable() or ENCODED in text:
        raise NoAddress("mail is not sent to an address like this")
    local, domain = match.groups()
    try:
        domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
        domain = domain.removesuffix(".")
    except (idna.IDNAError, UnicodeError):
        raise NoAddress("what stands behind the @ is no domain") from None
    address = f"{local}@{domain}"
    if len(local.encode()) > _MOST_OCTETS[0] or len(address.encode()) > _MOST_OCTETS[1]:
        raise NoAddress("is too long for mail")
    return address


def canonical(text: str) -> str:
    """The address itself, unless its domain is spelled in another way than DNS has it: then `normal`. Raises NoAddress."""
    found = normal(text)
    return text if text.isascii() and text.lower() == found.lower() else found


def spellings(canonical: str) -> tuple[str, ...]:
    """How people may write down a canonical address: with the domain in its own script too."""
    local, _, domain = canonical.rpartition("@")
    if "xn--" not in domain.lower():
        return (canonical,)
    try:
        return canonical, f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return (canonical,)
