"""Bodies and operations in the form of RFC 7643 and 7644: how `normal_form` reads what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scim2_models import Attribute, Required

from . import dialects
from .attributes import Attributes, Place
from .errors import invalid
from .objects import Document, by_name, unique

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#: What of a request is not done, by the names it was sent under, and why.
Ignored = dict[str, str]

_UNKNOWN = "it is no attribute here"


class Reading:
    """Reads one request about one kind of resource. What it leaves out is noted in `ignored`."""

    def __init__(self, attributes: Attributes, ignored: Ignored | None = None) -> None:
        self._attributes = attributes
        self._ignored: Ignored = {} if ignored is None else ignored

    def body(self, document: object) -> Document:
        body: Document = {}
        for key, value in unique("", document).items():
            place = self._attributes.member(key)
            if key.lower() == "schemas":
                body["schemas"] = self._schemas(value)
            elif place is None:
                self._ignore(key, value, _UNKNOWN)
            elif place.attribute is None:
                body[place.path] = self._extension(place, value)
            elif not place.read_only:
                body[place.path] = self._value(place, value)
        return body

    def _schemas(self, value: Any) -> Any:
        """The URNs of our schemas as we spell them: they may be in any case, as in paths and filters."""
        if not isinstance(value, list):
            return value
        return [self._attributes.spelled(each) if isinstance(each, str) else each for each in value]

    def patch(self, document: object) -> Document:
        """The body of a PATCH.

        There may be no operation in it: then there is nothing to do. Each operation has a path, spelled
        as the schemas spell it; add and replace have a value that is not null; remove has none.
        """
        body = dialects.members_of_scim_1(self._attributes, unique("", document))
        given = by_name("", body, ("Operations",))
        if "Operations" not in given:
            raise invalid("invalidSyntax", "Operations", "is required")
        listed = dialects.no_operations(given["Operations"])
        operations: list[Document] = []
        if listed is not None:
            if not isinstance(listed, list):
                raise invalid("invalidSyntax", "Operations", "must be a list")
            for index, operation in enumerate(listed):
                operations += self._operations(f"Operations[{index}]", operation)
        return {"schemas": [PATCH_OP], "Operations": operations}

    # Values.

    def _extension(self, extension: Place, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        result = {}
        for key, said in unique(extension.path, value).items():
            place = self._attributes.extension_member(extension.path, key)
            if place is None:
                self._ignore(f"{extension.path}:{key}", said, _UNKNOWN)
            else:
                assert place.attribute is not None
                result[str(place.attribute.name)] = self._value(place, said)
        return result

    def _value(self, place: Place, value: Any) -> Any:
        """A value for an attribute, with all deviations of values undone; None unassigns."""
        value = dialects.empty_text(place, value)
        value = dialects.text_boolean(place, value)
        value = dialects.manager_as_text(place, value)
        value = dialects.members_in_an_object(place, value)
        value = dialects.member_as_text(place, value)
        value = dialects.one_object_for_a_list(place, value)
        assert place.attribute is not None
        if place.attribute.type is Attribute.Type.complex:
            if isinstance(value, list) and not place.single:
                value = [self._object(place, entry) for entry in value]
            else:
                value = self._object(place, value)
        value = dialects.manager_of_nobody(place, value)
        value = _checked_members(place, dialects.member_by_value_alone(place, value))
        return dialects.emptied_entry(place, value)

    def _object(self, place: Place, value: Any) -> Any:
        """A complex value, if it is one: its declared sub-attributes, named as the schema does."""
        if not isinstance(value, dict):
            return value
        result = {}
        for key, said in unique(place.path, value).items():
            if (part := place.parts.get(key.lower())) is not None:
                assert part.attribute is not None
                result[str(part.attribute.name)] = self._value(part, said)
            elif key.lower() == "operation" and place.is_members:
                raise invalid(
                    "invalidValue", "members.operation", "is SCIM 1.1; use an operation's op"
                )
            elif not place.is_members:
                self._ignore(f"{place.path}.{key}", said, _UNKNOWN)
        return result

    # Operations.

    def _operations(self, field: str, operation: object) -> Iterator[Document]:
        given = by_name(field, operation, ("op", "path", "value"))
        op = dialects.capitalised_op(given.get("op"))
        if op not in ("add", "remove", "replace"):
            raise invalid("invalidSyntax", f"{field}.op", "must be add, remove or replace")
        if not isinstance(given.get("path", ""), str | None):
            raise invalid("invalidPath", f"{field}.path", "must be a text")
        if op != "remove" and "value" not in given:
            raise invalid("invalidValue", f"{field}.value", "is required")
        value = given.get("value")
        if given.get("path"):
            yield from self._targeted(op, given["path"], value)
        elif op == "remove":
            raise invalid("noTarget", f"{field}.path", "is required to remove something")
        elif not isinstance(value, dict):
            raise invalid("invalidValue", f"{field}.value", "must be an object if there is no path")
        else:
            yield from self._untargeted(op, unique(f"{field}.value", value))

    def _untargeted(self, op: str, value: Document) -> Iterator[Document]:
        changes = dialects.what_the_server_assigns(value)
        for path, said in dialects.paths_as_keys(self._attributes, changes):
            if path:
                yield from self._targeted(op, path, said)
                continue
            for key, one in said.items():
                yield from self._targeted(op, key, one)

    def _targeted(self, op: str, path: str, value: Any) -> Iterator[Document]:
        if path.lower() == self._attributes.urn.lower() and op != "remove":
            yield from self._untargeted(op, unique(path, value))
            return
        place = self._attributes.at(dialects.extension_attribute_without_urn(path))
        if place is None:
            self._ignored[path] = _UNKNOWN
            return
        if place.attribute is None:
            yield from self._whole_extension(op, place, value)
            return
        if place.read_only:
            raise invalid("mutability", place.path, "is readOnly")
        if op == "remove" and value == "" and not place.single:
            raise invalid("invalidValue", place.path, "must list what to remove, or have no value")
        value = self._value(place, value)
        selected = dialects.removal_by_value(place, value) if op == "remove" else None
        if selected is not None:
            for path in selected:
                yield {"op": "remove", "path": path}
        elif op != "remove" and value is not None:
            yield {"op": op, "path": place.path, "value": value}
        elif place.attribute.required is Required.true:
            raise invalid("mutability", place.path, "is required")
        else:
            yield {"op": "remove", "path": place.path}

    def _whole_extension(self, op: str, extension: Place, value: Any) -> Iterator[Document]:
        if op == "remove" or value is None:
            yield {"op": "remove", "path": extension.path}
        elif not isinstance(value, dict):
            raise invalid("invalidValue", extension.path, "must be an object")
        else:
            for key, said in unique(extension.path, value).items():
                yield from self._targeted(op, f"{extension.path}:{key}", said)

    def _ignore(self, name: str, value: Any, why: str) -> None:
        """Notes that a value has no effect; one that says nothing would have had none anyway."""
        if value not in (None, "", [], {}):
            self._ignored[name] = why


def _checked_members(place: Place, value: Any) -> Any:
    if not place.is_members or value is None:
        return value
    if not isinstance(value, list):
        raise invalid("invalidValue", place.path, "must be a list")
    for index, entry in enumerate(value):
        if not isinstance(entry, dict) or not isinstance(entry["value"], str):
            raise invalid("invalidValue", f"members[{index}].value", "must be the id of a user")
    return value
