"""The issuer of an OpenID Connect provider."""

from __future__ import annotations

import re

from .destination import AUTHORITY, AllowedHosts, Destination, host, port

#: As long as any URL that software in between is sure to pass on.
MAX_LENGTH = 2048
_DISCOVERY = "/.well-known/openid-configuration"

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
#: What a path is made of (RFC 3986, section 3.3).
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")

#: Microsoft's clouds; what follows is the tenant. That of private accounts is of everybody.
_ENTRA = re.compile(
    r"https://login\.(?:microsoftonline\.com|microsoftonline\.us|partner\.microsoftonline\.cn)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0"
)
_ENTRA_OF_EVERYBODY = "9188040d-6c67-4c5b-b112-36a304b66dad"


def single_tenant(url: str) -> bool:
    """Whether an issuer is one organization's own directory, and says nothing of whether addresses are verified.

    Of no other than Entra ID is both known: of a tenant named by its id, not of `common`, `organizations` or `consumers`.
    """
    match = _ENTRA.fullmatch(url)
    return match is not None and match[1] != _ENTRA_OF_EVERYBODY


def complaint(url: str, allowed: AllowedHosts) -> str | None:
    """Why `url` can be no issuer (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2); None if it can.

    It is kept and compared as it was given: nothing is normalised away.
    """
    if len(url) > MAX_LENGTH:
        return f"must be at most {MAX_LENGTH} characters"
    match = _URL.fullmatch(url)
    if match is None or match[1].lower() not in ("http", "https"):
        return "must be a URL that begins with https://"
    scheme, authority, path, query, fragment = match.groups()
    if query is not None or fragment is not None:
        return "must have no query and no fragment"
    if "@" in authority:
        return "must have no user name and no password"
    if not _PATH.fullmatch(path):
        return "must be made of the characters of a URL; others are percent-encoded"
    if path.rstrip("/").endswith(_DISCOVERY):
        return f"must be the issuer, which is what stands before {_DISCOVERY}"
    parts = AUTHORITY.fullmatch(authority)
    named = None if parts is None else host(parts[1])
    if parts is None or named is None:
        return "must have a host: a name in ASCII (xn--... for others) without a dot at its end, or an IP address"
    numbered = port(parts[2])
    if numbered is None and parts[2] is not None:
        return "must have a port from 1 to 65535, or none and no colon"
    return Destination(scheme.lower(), named, numbered).complaint(allowed)
