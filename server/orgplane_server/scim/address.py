"""Where SCIM is, below the address of the server."""

from __future__ import annotations

import re

_BASE = "/scim/v2"

#: A path that is SCIM's: which configuration it names, if it names one, and what comes then.
ADDRESS = re.compile(
    rf"(?P<base>(?:/api)?{_BASE}"
    r"(?:/(?P<configuration>[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}))?)"
    r"(?P<path>/.*)?",
    re.ASCII | re.DOTALL,
)


def base_url(url: str) -> str:
    """What an identity provider is given as the base URL, where it reaches the server at `url`."""
    return url + _BASE


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_THINGS = frozenset(
    {
        "Users",
        "Groups",
        "Bulk",
        "Me",
        "ServiceProviderConfig",
        "ResourceTypes",
        "Schemas",
        ".search",
    }
)


def route(method: str, path: str) -> str:
    """What is asked for, such as `GET /Users/{id}`, without a word of the caller's."""
    thing, _, below = path[1:].partition("/")
    if method not in _METHODS or thing not in _THINGS:
        return "other"
    rest = "" if not below else "/.search" if below == ".search" else "/{id}"
    return f"{method} /{thing}{rest}"
