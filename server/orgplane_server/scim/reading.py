"""Bodies and operations in the form of RFC 7643 and 7644: how `normal_form` reads what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scim2_models import Attribute, Required

from . import dialects
from .attributes import GROUP, Attributes, Place
from .errors import Refused, invalid
from .limits import MAX_ENTRIES, MAX_IGNORED, MAX_MEMBERS, MAX_OPERATIONS
from .objects import Document, by_name, unique

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#: What of a request is not done, by the names it was sent under, and why.
Ignored = dict[str, str]

_NOTHING: tuple[Any, ...] = (None, "", [], {})
#: The value of a remove that has none.
_UNSAID: Any = object()
_PARTS = ("op", "path", "value")
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

    def patch(self, document: object) -> Document:
        """The body of a PATCH.

        There may be no operation in it: then there is nothing to do. Each operation has a path, spelled
        as the schemas spell it; add and replace have a value that is not null; remove has none.
        """
        body = dialects.members_of_scim_1(self._attributes, unique("", document))
        listed = dialects.no_operations(body)
        for key, value in body.items():
            if key.lower() not in ("schemas", "operations"):
                self._ignore(key, value, "it is no part of a PATCH")
        operations: list[Document] = []
        if listed is not None:
            if not isinstance(listed, list):
                raise invalid("invalidSyntax", "Operations", "must be a list")
            if len(listed) > MAX_OPERATIONS:
                raise Refused(413, f"Operations: must be at most {MAX_OPERATIONS}")
            for index, operation in enumerate(listed):
                operations += self._operations(f"Operations[{index}]", operation)
        changes = dialects.activity_without_a_value(operations)
        if len(changes) < len(operations):
            self._note("active", "it has no value")
        return {"schemas": [PATCH_OP], "Operations": changes}

    # Values.

    def _schemas(self, value: Any) -> list[str]:
        """The URNs of our schemas as they are declared: they may be in any case, as in paths and filters."""
        listed = [] if value in _NOTHING else value
        if not isinstance(listed, list) or not all(isinstance(urn, str) for urn in listed):
            raise invalid("invalidSyntax", "schemas", "must be a list of strings")
        known = [self._attributes.declared(urn) or urn for urn in listed]
        if known and self._attributes.urn not in known:
            raise invalid("invalidValue", "schemas", f"must contain {self._attributes.urn}")
        return known

    def _extension(self, extension: Place, value: Any) -> Any:
        value = dialects.list_of_one_object(extension, value)
        if value in _NOTHING:
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
        entries = [entry for entry in content if entry not in _NOTHING]
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
                scim_1 = scim_1 or (key.lower() == "operation" and said not in _NOTHING)
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

    # Operations.

    def _operations(self, field: str, operation: object) -> Iterator[Document]:
        given = by_name(field, operation, _PARTS)
        others = {
            key: said for key, said in unique(field, operation).items() if key.lower() not in _PARTS
        }
        op = dialects.capitalised_op(given.get("op"))
        if op not in ("add", "remove", "replace"):
            raise invalid("invalidSyntax", f"{field}.op", "must be add, remove or replace")
        if not isinstance(given.get("path", ""), str | None):
            raise invalid("invalidPath", f"{field}.path", "must be a text")
        if op != "remove" and "value" not in given:
            raise invalid("invalidValue", f"{field}.value", "is required")
        value = given.get("value", _UNSAID if op == "remove" else None)
        for key, said in others.items():
            if value is _UNSAID and said not in _NOTHING and self._is_list(given.get("path")):
                # It might say what to remove.
                raise invalid("invalidSyntax", f"{field}.{key}", "is no part of an operation")
            self._ignore(f"{field}.{key}", said, "it is no part of an operation")
        if given.get("path"):
            yield from self._targeted(op, given["path"], value)
        elif op == "remove":
            raise invalid("noTarget", f"{field}.path", "is required to remove something")
        else:
            yield from self._untargeted(op, f"{field}.value", value)

    def _is_list(self, path: str | None) -> bool:
        """Whether a path names all entries of a list."""
        place = self._attributes.at(dialects.dot_after_a_urn(path)) if path else None
        return place is not None and not place.single

    def _untargeted(self, op: str, field: str, value: Any) -> Iterator[Document]:
        value = dialects.list_of_one_object(self._attributes.whole, value)
        if not isinstance(value, dict):
            raise invalid("invalidValue", field, "must be an object if there is no path")
        value = unique(field, value)
        changes = dialects.what_the_server_assigns(self._attributes, value)
        for key, said in value.items():
            if key not in changes and (place := self._attributes.member(key)) is not None:
                self._keep(place, said)
        for path, said in dialects.paths_as_keys(self._attributes, changes):
            if path:
                yield from self._targeted(op, path, said)
                continue
            for key, one in said.items():
                yield from self._targeted(op, key, one)

    def _targeted(self, op: str, path: str, value: Any) -> Iterator[Document]:
        if path.lower() == self._attributes.urn.lower():
            if op == "remove":
                raise invalid("mutability", path, "is required")
            yield from self._untargeted(op, path, value)
            return
        plain = dialects.extension_attribute_without_urn(dialects.dot_after_a_urn(path))
        place = self._attributes.at(plain)
        if place is None:
            if op == "remove" and self._attributes is GROUP and self._attributes.names(plain):
                raise invalid("invalidPath", path, "is no attribute of a group")
            self._note(path, "it is no attribute here")
        elif place.attribute is None:
            yield from self._whole_extension(op, place, value)
        elif place.read_only:
            raise invalid("mutability", place.path, "is readOnly")
        elif op == "remove":
            yield from self._removal(place, value)
        else:
            yield from self._assignment(op, place, value)

    def _assignment(self, op: str, place: Place, value: Any) -> Iterator[Document]:
        content = self._content(place, value)
        if content is None and place.path == "active":
            self._note("active", "it has no value")
        if op != "add" and dialects.members_without_a_value(place, content):
            self._note("members", "it has no value")
        elif op == "add" and not (place.is_address and value not in _NOTHING):
            content = dialects.addition_of_nothing(content)
            if content is not None:
                yield {"op": op, "path": place.path, "value": content}
        elif content is not None:
            yield {"op": op, "path": place.path, "value": content}
        else:
            _require_optional(place)
            yield {"op": "remove", "path": place.path}

    def _removal(self, place: Place, value: Any) -> Iterator[Document]:
        whole = value is _UNSAID or (value is None and not place.is_members)
        if whole or place.single:
            _require_optional(place)
        paths = [place.path]
        if not whole:
            part = self._attributes.part_of_entries(place.path)
            stated = place.single and part is None
            listed = value if stated else self._listed(place, value)
            paths = dialects.removal_by_value(self._attributes, place, listed)
        yield from ({"op": "remove", "path": path} for path in paths)

    def _listed(self, place: Place, value: Any) -> list[Any]:
        """The entries that a value selects among those of a list."""
        if value is None or dialects.values_in_an_object(place, value) == "":
            raise invalid("invalidValue", place.path, "must list what to remove, or have no value")
        entries: list[Any] | None = self._value(place, value)
        return [] if entries is None else entries

    def _whole_extension(self, op: str, extension: Place, value: Any) -> Iterator[Document]:
        value = dialects.list_of_one_object(extension, value)
        if value is _UNSAID or (op != "add" and value in (None, "")):
            yield {"op": "remove", "path": extension.path}
        elif value in _NOTHING:
            return
        elif not isinstance(value, dict):
            raise invalid("invalidValue", extension.path, "must be an object")
        else:
            for key, said in unique(extension.path, value).items():
                yield from self._targeted(op, f"{extension.path}:{key}", said)

    # What is not done.

    def _ignore(self, name: str, value: Any, why: str) -> None:
        """Notes that a value has no effect; one that says nothing would have had none anyway."""
        if value not in _NOTHING:
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


def _require_optional(place: Place) -> None:
    """Raises InvalidArgument if the attribute cannot be unassigned."""
    assert place.attribute is not None
    if place.attribute.required is Required.true:
        raise invalid("mutability", place.path, "is required")


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
