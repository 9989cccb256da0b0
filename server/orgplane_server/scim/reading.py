"""What is said of a resource in the form of RFC 7643: dialects undone, names spelled as the schemas spell them.

Raises InvalidArgument, with a scimType and the name of the field, for what can be understood neither way.
"""

from __future__ import annotations

from typing import Any

from scim2_models import Attribute

from . import dialects
from .attributes import Attributes, Place
from .errors import invalid
from .limits import MAX_ENTRIES, MAX_IGNORED, MAX_MEMBERS
from .objects import Document, unique

#: What of a request is not done, by the names it was sent under, and why.
Ignored = dict[str, str]

#: Values that say nothing.
NOTHING: tuple[Any, ...] = (None, "", [], {})
_TYPES: dict[Any, tuple[type, str]] = {
    Attribute.Type.string: (str, "must be a string"),
    Attribute.Type.reference: (str, "must be a string"),
    Attribute.Type.binary: (str, "must be a string"),
    Attribute.Type.boolean: (bool, "must be true or false"),
    Attribute.Type.complex: (dict, "must be an object"),
}


class Reading:
    """Reads one request about one kind of resource. What it leaves out is noted in `ignored`.

    `own` is the id of the resource that the request is about; empty for a new one.
    """

    def __init__(
        self, attributes: Attributes, ignored: Ignored | None = None, own: str = ""
    ) -> None:
        self._attributes = attributes
        self._ignored: Ignored = {} if ignored is None else ignored
        self._own = own

    def body(self, document: object) -> Document:
        """The body of a POST or PUT: the declared attributes that a client may set, and `schemas`.

        `members` is a list of `{"value": id}`.
        """
        body: Document = {}
        stated = dialects.full_names(self._attributes, unique("", document))
        for key, value in stated.items():
            place = self._attributes.member(key)
            if key.lower() == "schemas":
                body["schemas"] = self._schemas(value)
            elif place is None:
                self._ignore(key, value, "it is no attribute here")
            elif place.read_only:
                self._keep(place, value)
            elif place.attribute is None:
                body[place.path] = self._extension(place, value)
            else:
                body[place.path] = self._content(place, value)
        for name in ("active", "members"):
            if body.get(name, True) is None:
                self._note(name, "it has no value")
        return body

    def _schemas(self, value: Any) -> list[str]:
        """The URNs of our schemas as they are declared: they may be in any case, as in paths and filters."""
        listed = [] if value in NOTHING else value
        if not isinstance(listed, list) or not all(isinstance(urn, str) for urn in listed):
            raise invalid("invalidSyntax", "schemas", "must be a list of strings")
        known = [self._attributes.declared(urn) or urn for urn in listed]
        if known and self._attributes.urn not in known:
            raise invalid("invalidValue", "schemas", f"must contain {self._attributes.urn}")
        return known

    def _extension(self, extension: Place, value: Any) -> Any:
        value = dialects.list_of_one_object(extension, value)
        if value in NOTHING:
            return None
        if not isinstance(value, dict):
            raise invalid("invalidValue", extension.path, "must be an object")
        result = {}
        for key, said in unique(extension.path, value).items():
            place = self._attributes.extension_member(extension.path, key)
            if place is None:
                self._ignore(f"{extension.path}:{key}", said, "it is no attribute here")
            else:
                result[place.name] = self._content(place, said)
        return result or None

    def _content(self, place: Place, value: Any) -> Any:
        """A value to be kept: of a list, the entries that say anything."""
        content = self._value(place, value)
        if place.single or not isinstance(content, list):
            return content
        entries = [entry for entry in content if entry not in NOTHING]
        only = dialects.first_primary_alone(place, entries)
        if only != entries:
            self._note(f"{place.path}.primary", "another entry is the primary one")
        return only

    def _value(self, place: Place, value: Any) -> Any:
        """A value for an attribute, with all deviations of values undone; None unassigns."""
        value = dialects.values_in_an_object(place, value)
        _require_few(place, value)
        value = dialects.list_of_one_object(place, value)
        value = dialects.empty_text(place, value)
        value = dialects.text_boolean(place, value)
        value = dialects.manager_as_text(place, value)
        value = dialects.member_as_text(place, value)
        value = dialects.one_object_for_a_list(place, value)
        value = dialects.certificate_in_pem(place, value)
        assert place.attribute is not None
        if place.attribute.type is Attribute.Type.complex:
            if isinstance(value, list) and not place.single:
                value = [self._object(place, entry) for entry in value]
            else:
                value = self._object(place, value)
        value = dialects.manager_of_nobody(place, value)
        value = _checked(place, dialects.member_by_value_alone(place, value))
        address = dialects.address_of_nothing(place, value)
        if address != value:
            self._note(place.path, "it is no URL")
        return dialects.emptied_entry(place, address)

    def _object(self, place: Place, value: Any) -> Any:
        """A complex value, if it is one: its declared sub-attributes, named as the schema does."""
        if not isinstance(value, dict):
            return value
        result, scim_1 = {}, False
        for key, said in unique(place.path, value).items():
            part = place.parts.get(key.lower())
            if part is None:
                scim_1 = scim_1 or (key.lower() == "operation" and said not in NOTHING)
                self._ignore(f"{place.path}.{key}", said, "it is no attribute here")
            elif not part.read_only:
                result[part.name] = self._value(part, said)
            elif not place.is_members:
                self._keep(part, said)
        if scim_1 and not dialects.emptied(result):
            raise invalid(
                "invalidValue", f"{place.path}.operation", "is SCIM 1.1; use an operation's op"
            )
        return result

    def _ignore(self, name: str, value: Any, why: str) -> None:
        """Notes that a value has no effect; one that says nothing would have had none anyway."""
        if value not in NOTHING:
            self._note(name, why)

    def _note(self, name: str, why: str) -> None:
        if len(self._ignored) < MAX_IGNORED:
            self._ignored[name] = why

    def _keep(self, place: Place, value: Any) -> None:
        """Notes that a value does not change what the server assigns.

        Nobody means to change `meta` (RFC 7643 section 3.1), or an id to what it is.
        """
        if place.path != "meta" and not (place.path == "id" and value == self._own):
            self._ignore(place.path, value, "the server assigns it")


def _require_few(place: Place, value: Any) -> None:
    """Raises InvalidArgument for a list of too many."""
    most = MAX_MEMBERS if place.is_members else MAX_ENTRIES
    if isinstance(value, list) and len(value) > most:
        raise invalid("invalidValue", place.path, f"must have at most {most} entries")


def _checked(place: Place, value: Any) -> Any:
    """The value, if it is of the attribute's type, or None. Entries of lists may be None, but for members."""
    assert place.attribute is not None
    if value is None:
        return None
    kind, description = _TYPES[place.attribute.type]
    if place.single:
        if type(value) is not kind:
            raise invalid("invalidValue", place.path, description)
        return value
    if not isinstance(value, list):
        raise invalid("invalidValue", place.path, "must be a list")
    for index, entry in enumerate(value):
        if place.is_members:
            if not isinstance(entry, dict) or not isinstance(entry["value"], str):
                raise invalid("invalidValue", f"members[{index}].value", "must be the id of a user")
        elif entry is not None and type(entry) is not kind:
            raise invalid("invalidValue", f"{place.path}[{index}]", description)
    return value
