"""How attributes are named."""

from __future__ import annotations

import re
from typing import Any

from ...domain.scim_attribute import CORE_GROUP, CORE_USER, ENTERPRISE_USER
from ..attributes import USER, Attributes
from ..errors import invalid
from ..objects import Document, unique
from .deviation import deviation

#: A quoted text, of which nothing is a URN; or a URN of ours and the dot behind it.
_URN_DOT = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?<![\w.:-])('
    + "|".join(re.escape(urn) for urn in (CORE_USER, CORE_GROUP, ENTERPRISE_USER))
    + r")\.",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][\w-]*(?![\w:-])", re.ASCII)


@deviation
def dot_after_a_urn(text: str) -> str:
    """A dot between a schema's URN and an attribute is the colon that belongs there: in paths, names and filters.

    Who: Apache Directory SCIMple's own client; ConnId's connector, told to use no colon.
    RFC: RFC 7644 section 3.10 has a colon there: `urn:ietf:params:scim:schemas:core:2.0:User.active` is none of our schemas.
    """
    return _URN_DOT.sub(lambda match: f"{match[1]}:" if match[1] else match[0], text)


@deviation
def extension_attribute_without_urn(path: str) -> str:
    """The name of an extension's attribute, given its URN if it came without.

    Who: Entra has `manager` as a path in PATCH, and in the filter that checks a manager.
    RFC: RFC 7644 section 3.10 prefixes an extension's attribute with the extension's URN.
    """
    name = _NAME.match(path)
    if name is None or USER.member(name[0]) or not (place := USER.extended(name[0])):
        return path
    return place.path + path[name.end() :]


@deviation
def full_names(attributes: Attributes, body: Document) -> Document:
    """An attribute in a body may have its schema's URN before it, or be below the core schema's URN as an extension's is.

    Who: administrators who map attributes by the full names that `/Schemas` and PATCH have.
    RFC: RFC 7643 section 3.3 has an extension's attributes in an object under its URN, all others without one.
    """
    said: list[tuple[str, Any]] = []
    for key, value in body.items():
        urn, _, name = dot_after_a_urn(key).rpartition(":")
        owner = attributes.declared(urn)
        if attributes.declared(key) == attributes.urn:
            said += unique(key, value or {}).items()
        elif owner == attributes.urn:
            said.append((name, value))
        elif owner is not None:
            said.append((owner, {name: value}))
        else:
            said.append((key, value))
    if [key for key, _ in said] == list(body):
        return body
    return _merged(said)


def _merged(said: list[tuple[str, Any]]) -> Document:
    """An object of what was said, where objects under one name are one. Raises InvalidArgument for what is said twice."""
    names: dict[str, str] = {}
    result: Document = {}
    for key, value in said:
        name = names.setdefault(key.lower(), key)
        if name not in result:
            result[name] = value
        elif ":" in name and isinstance(value, dict) and isinstance(result[name], dict):
            result[name] = _merged([*result[name].items(), *value.items()])
        else:
            raise invalid("invalidSyntax", key, "is said twice")
    return result
