"""What values look like, in bodies and in operations."""

from __future__ import annotations

import base64
import re
from typing import Any

from pydantic_core import Url, ValidationError
from scim2_models import Attribute, Required

from ..attributes import Place
from ..errors import invalid
from .deviation import deviation

#: What servers and proxies take at least; longer ones are pictures, not where they are.
_MAX_URL = 8000
_PEM = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----\s*"
)


@deviation
def empty_text(place: Place, value: Any) -> Any:
    """An empty text unassigns its attribute. A user's userName and a group's displayName refuse it.

    Who: Entra and Ory Polis clear attributes with `""`.
    RFC: RFC 7643 section 2.5 knows null and the empty list as unassigned; an empty text is a value.
    """
    if value != "":
        return value
    assert place.attribute is not None
    if place.attribute.required is Required.true:
        raise invalid("invalidValue", place.path, "must not be empty")
    return None


@deviation
def text_boolean(place: Place, value: Any) -> Any:
    """`"True"` is true and `"False"` is false, in any case, where a boolean belongs.

    Who: Entra without aadOptscim062020 (`active`, also `roles[].primary`); Keycloak's extension; OneLogin's templates.
    RFC: RFC 7643 section 2.3.2 has JSON's true and false.
    """
    assert place.attribute is not None
    if place.attribute.type is not Attribute.Type.boolean or not isinstance(value, str):
        return value
    if value.lower() not in ("true", "false"):
        raise invalid("invalidValue", place.path, "must be true or false")
    return value.lower() == "true"


@deviation
def one_object_for_a_list(place: Place, value: Any) -> Any:
    """A single object, where an attribute has a list of them, is that list's only entry.

    Who: scripts and attribute templates that map one address, or one member.
    RFC: RFC 7643 section 2.4 has a JSON array.
    """
    assert place.attribute is not None
    if place.single or place.attribute.type is not Attribute.Type.complex:
        return value
    return [value] if isinstance(value, dict) else value


@deviation
def list_of_one_object(place: Place, value: Any) -> Any:
    """A list of one object is that object, where one is meant: `name`, `manager`, an extension, a value without a path.

    Who: Entra's documentation has a list with the manager; SCIM-SDK's clients put every value of an operation in a list.
    RFC: RFC 7643 section 2.3.8 has an object.
    """
    complex = place.attribute is None or place.attribute.type is Attribute.Type.complex
    if not complex or not place.single or not isinstance(value, list) or len(value) != 1:
        return value
    return value[0]


@deviation
def values_in_an_object(place: Place, value: Any) -> Any:
    """The values of a list wrapped once more, as in `{"members": [...]}`, are those values.

    Who: Salesforce removes members so; scripts that build one value for operations with and without a path.
    RFC: RFC 7644 section 3.5.2.3 has the new values themselves if the operation has a path.
    """
    if place.single or not isinstance(value, dict) or len(value) != 1:
        return value
    ((name, values),) = value.items()
    return values if name.lower() == place.name.lower() else value


@deviation
def emptied_entry(place: Place, value: Any) -> Any:
    """An entry of a list of which nothing is left but its label is left out.

    Who: Entra sends every mapped address and number, with `""` or null for those that a user does not have.
    RFC: RFC 7643 section 2.5 leaves an entry of a type alone.
    """
    if place.single or not isinstance(value, list):
        return value
    return [entry for entry in value if not emptied(entry)]


def emptied(entry: object) -> bool:
    if not isinstance(entry, dict) or None not in entry.values():
        return False
    return all(said is None or name in ("type", "primary") for name, said in entry.items())


@deviation
def first_primary_alone(place: Place, value: Any) -> Any:
    """Of several primary entries in one list the first is the primary one.

    Who: PingOne and PingFederate send both of two addresses as primary.
    RFC: RFC 7643 section 2.4 has primary true in one entry at most.
    """
    if place.single or not isinstance(value, list):
        return value
    found, entries = False, []
    for entry in value:
        primary = isinstance(entry, dict) and entry.get("primary") is True
        entries.append({**entry, "primary": False} if primary and found else entry)
        found = found or primary
    return entries


@deviation
def address_of_nothing(place: Place, value: Any) -> Any:
    """What is no URL, or far too long for one, leaves a `profileUrl` or a photo unassigned, as nobody's account hangs on it.

    Who: Saviynt's template sends one blank as `profileUrl`; directories have file names, and photos themselves.
    RFC: RFC 7644 section 3.12 answers invalidValue.
    """
    if not place.is_address or value is None:
        return value
    return value if len(value) <= _MAX_URL and _is_url(value) else None


def _is_url(text: str) -> bool:
    """Whether it is an absolute URL, or the path of one, as the SCIM library will have it."""
    try:
        return text.startswith("/") or bool(Url(text))
    except ValidationError:
        return False


@deviation
def certificate_in_pem(place: Place, value: Any) -> Any:
    """A certificate in PEM is the Base64 between its two lines.

    Who: administrators map what their tools print; directories export it.
    RFC: RFC 7643 section 4.1.2 has the Base64 of DER, as RFC 4648 section 4 has it.
    """
    assert place.attribute is not None
    if place.attribute.type is not Attribute.Type.binary or not isinstance(value, str):
        return value
    pem = _PEM.fullmatch(value)
    text = value if pem is None else "".join(pem[1].split())
    try:
        canonical = base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except ValueError:
        canonical = ""
    if text and text != canonical:
        raise invalid("invalidValue", place.path, "must be Base64 (RFC 4648 section 4), or PEM")
    return text
