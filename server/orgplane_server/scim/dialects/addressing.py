"""How a request is addressed, and which media types it names."""

from __future__ import annotations

import re

from .deviation import deviation

_SCIM_JSON = "application/scim+json"
_READ = ("", _SCIM_JSON, "application/json", "*/*")


@deviation
def path(raw: str) -> str:
    """A path below the base without the slashes that say nothing: `/Users/` is `/Users`.

    Who: Microsoft's reference collection asks for `/Users/?filter=`; administrators paste base URLs that end in a slash.
    RFC: RFC 7644 section 3.2 names the endpoints without one.
    """
    return "/" + "/".join(part for part in raw.split("/") if part)


@deviation
def media_type(accept: str) -> str:
    """The media type of the answer: `application/json` for those alone who accept no `application/scim+json`.

    Who: Entra's validator stops at `application/json`; OneLogin wants nothing else.
    RFC: RFC 7644 section 3.8 has `application/scim+json` whenever the client does not ask for another.
    """
    accepted = set()
    for media_range in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in media_range.split(";"))
        if not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", parameter) for parameter in parameters):
            accepted.add(kind)
    scim = accepted & {"application/scim+json", "application/*", "*/*"}
    return "application/json" if "application/json" in accepted and not scim else _SCIM_JSON


@deviation
def is_json(content_type: str) -> bool:
    """Whether a body of this media type is read: `application/json`, `*/*` and none named, besides SCIM's own.

    Who: Okta's suite and OneLogin send `application/json`; small scripts `*/*`, or none.
    RFC: RFC 7644 section 3.1 has `application/scim+json`.
    """
    return content_type.partition(";")[0].strip().lower() in _READ
