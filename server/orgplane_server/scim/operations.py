"""Changes of a resource in the form of RFC 7644 section 3.5.2: dialects undone, paths as the schemas have them.

Raises InvalidArgument as `reading`, and Refused for more operations than are done at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scim2_models import Required

from . import dialects
from .attributes import GROUP, Place
from .errors import Refused, invalid
from .limits import MAX_OPERATIONS
from .objects import Document, by_name, unique
from .reading import NOTHING, Reading

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#: The value of a remove that has none.
_UNSAID: Any = object()
_PARTS = ("op", "path", "value")


class Operations(Reading):
    """Reads one request to change one kind of resource."""

    def patch(self, document: object) -> Document:
        """The body of a PATCH.

        There may be no operation in it: then there is nothing to do. Each operation has a path, spelled
        as the schemas spell it; add and replace have a value that is not null; remove has none. Values for
        the path `members` are lists of `{"value": id}`.
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
            if value is _UNSAID and said not in NOTHING and self._is_list(given.get("path")):
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
        elif op == "add" and not (place.is_address and value not in NOTHING):
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
        elif value in NOTHING:
            return
        elif not isinstance(value, dict):
            raise invalid("invalidValue", extension.path, "must be an object")
        else:
            for key, said in unique(extension.path, value).items():
                yield from self._targeted(op, f"{extension.path}:{key}", said)


def _require_optional(place: Place) -> None:
    """Raises InvalidArgument if the attribute cannot be unassigned."""
    assert place.attribute is not None
    if place.attribute.required is Required.true:
        raise invalid("mutability", place.path, "is required")
