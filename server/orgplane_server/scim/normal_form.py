"""What a request says in the form of RFC 7643 and 7644: dialects undone, names spelled as the schemas spell them.

Raises InvalidArgument, with a scimType and the name of the field, for what can be understood neither way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scim2_models import Attribute, Required, SCIMException, ScimFilter
from scim2_models.path import AttrPath, Comparison, FilterNode, LogicalExpr, Not, Present, ValuePath

from . import dialects
from .attributes import GROUP, USER, Attributes, Place
from .errors import invalid
from .objects import Document, by_name, unique

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERAND = re.compile(r"\b(?:eq|ne|co|sw|ew|gt|lt|ge|le)\s+([^\s\"()\[\]]+)", re.IGNORECASE)
_LITERAL = re.compile(r"true|false|null|-?\d[\d.eE+-]*", re.IGNORECASE)
#: What says that a filter may not be in the RFC's form: most are, and need no parsing here.
_UNUSUAL = re.compile(
    r"%|\]\s*\.|\bmanager\s|(?<![\w:.-])(?:" + "|".join(USER.extension_names()) + r")\b",
    re.IGNORECASE,
)


def user(document: object) -> Document:
    """The body of a POST or PUT of a user: its declared attributes that a client may set, and `schemas`."""
    return _body(USER, document)


def group(document: object) -> Document:
    """The body of a POST or PUT of a group; `members` is a list of `{"value": id}`."""
    return _body(GROUP, document)


def user_patch(document: object) -> Document:
    """The body of a PATCH of a user, its operations as `_patch` has them."""
    return _patch(USER, document)


def group_patch(document: object) -> Document:
    """The body of a PATCH of a group, its operations as `_patch` has them.

    Values for the path `members` are lists of `{"value": id}`.
    """
    return _patch(GROUP, document)


def filter_text(text: str) -> str:
    """A filter in the RFC's form. Whether its attributes exist is not looked at."""
    _refuse_unquoted(text)
    if not _UNUSUAL.search(text):
        return text
    try:
        # Entra's `emails[type eq "work"].value eq "x"` is read as `emails[type eq "work" and value eq "x"]`.
        node = ScimFilter[Any](text).ast
    except SCIMException as error:
        raise invalid("invalidFilter", "filter", str(error)) from error
    return str(_rewritten(node))


def _refuse_unquoted(text: str) -> None:
    for operand in _OPERAND.findall(_STRING.sub('""', text)):
        if not _LITERAL.fullmatch(operand):
            raise invalid(
                "invalidFilter", "filter", f"the value {operand} must be in double quotes"
            )


def _rewritten(node: FilterNode) -> FilterNode:
    if isinstance(node, LogicalExpr):
        return replace(node, terms=tuple(map(_rewritten, node.terms)))
    if isinstance(node, Not):
        return Not(_rewritten(node.expr))
    if isinstance(node, ValuePath):
        return replace(node, val_filter=_decoded(node.val_filter))
    if isinstance(node, Comparison | Present):
        node = replace(node, attr_path=_qualified(node.attr_path))
    return dialects.percent_encoded_value(dialects.manager_compared_by_id(node))


def _decoded(node: FilterNode) -> FilterNode:
    """A filter on the values of an attribute: its names are the attribute's own."""
    if isinstance(node, LogicalExpr):
        return replace(node, terms=tuple(map(_decoded, node.terms)))
    if isinstance(node, Not):
        return Not(_decoded(node.expr))
    return dialects.percent_encoded_value(node)


def _qualified(name: AttrPath) -> AttrPath:
    urn, _, attribute = dialects.extension_attribute_without_urn(name.attr).rpartition(":")
    return replace(name, uri=urn, attr=attribute) if urn and not name.uri else name


def _body(attributes: Attributes, document: object) -> Document:
    body: Document = {}
    for key, value in unique("", document).items():
        place = attributes.member(key)
        if key.lower() == "schemas":
            body["schemas"] = value
        elif place is not None and place.attribute is None:
            body[place.path] = _extension(attributes, place, value)
        elif place is not None and not place.read_only:
            body[place.path] = _value(place, value)
    return body


def _extension(attributes: Attributes, extension: Place, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    result = {}
    for key, said in unique(extension.path, value).items():
        if (place := attributes.extension_member(extension.path, key)) is not None:
            assert place.attribute is not None
            result[str(place.attribute.name)] = _value(place, said)
    return result


def _value(place: Place, value: Any) -> Any:
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
            value = [_object(place, entry) for entry in value]
        else:
            value = _object(place, value)
    value = dialects.manager_of_nobody(place, value)
    value = _checked_members(place, dialects.member_by_value_alone(place, value))
    return dialects.emptied_entry(place, value)


def _object(place: Place, value: Any) -> Any:
    """A complex value, if it is one: its declared sub-attributes, named as the schema does."""
    if not isinstance(value, dict):
        return value
    result = {}
    for key, said in unique(place.path, value).items():
        if (part := place.parts.get(key.lower())) is not None:
            assert part.attribute is not None
            result[str(part.attribute.name)] = _value(part, said)
        elif key.lower() == "operation" and place.is_members:
            raise invalid("invalidValue", "members.operation", "is SCIM 1.1; use an operation's op")
    return result


def _checked_members(place: Place, value: Any) -> Any:
    if not place.is_members or value is None:
        return value
    if not isinstance(value, list):
        raise invalid("invalidValue", place.path, "must be a list")
    for index, entry in enumerate(value):
        if not isinstance(entry, dict) or not isinstance(entry["value"], str):
            raise invalid("invalidValue", f"members[{index}].value", "must be the id of a user")
    return value


def _patch(attributes: Attributes, document: object) -> Document:
    """The body of a PATCH in the RFC's form.

    There may be no operation in it: then there is nothing to do. Each operation has a path, spelled
    as the schemas spell it; add and replace have a value that is not null; remove has none.
    """
    body = dialects.members_of_scim_1(attributes, unique("", document))
    given = by_name("", body, ("Operations",))
    if "Operations" not in given:
        raise invalid("invalidSyntax", "Operations", "is required")
    listed = dialects.no_operations(given["Operations"])
    operations: list[Document] = []
    if listed is not None:
        if not isinstance(listed, list):
            raise invalid("invalidSyntax", "Operations", "must be a list")
        for index, operation in enumerate(listed):
            operations += _operations(attributes, f"Operations[{index}]", operation)
    return {"schemas": [PATCH_OP], "Operations": operations}


def _operations(attributes: Attributes, field: str, operation: object) -> Iterator[Document]:
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
        yield from _targeted(attributes, op, given["path"], value)
    elif op == "remove":
        raise invalid("noTarget", f"{field}.path", "is required to remove something")
    elif not isinstance(value, dict):
        raise invalid("invalidValue", f"{field}.value", "must be an object if there is no path")
    else:
        yield from _untargeted(attributes, op, unique(f"{field}.value", value))


def _untargeted(attributes: Attributes, op: str, value: Document) -> Iterator[Document]:
    for path, said in dialects.paths_as_keys(attributes, dialects.what_the_server_assigns(value)):
        if path:
            yield from _targeted(attributes, op, path, said)
            continue
        for key, one in said.items():
            yield from _targeted(attributes, op, key, one)


def _targeted(attributes: Attributes, op: str, path: str, value: Any) -> Iterator[Document]:
    if path.lower() == attributes.urn.lower() and op != "remove":
        yield from _untargeted(attributes, op, unique(path, value))
        return
    place = attributes.at(dialects.extension_attribute_without_urn(path))
    if place is None:
        return
    if place.attribute is None:
        yield from _whole_extension(attributes, op, place, value)
        return
    if place.read_only:
        raise invalid("mutability", place.path, "is readOnly")
    if op == "remove" and value == "" and not place.single:
        raise invalid("invalidValue", place.path, "must list what to remove, or have no value")
    value = _value(place, value)
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


def _whole_extension(
    attributes: Attributes, op: str, extension: Place, value: Any
) -> Iterator[Document]:
    if op == "remove" or value is None:
        yield {"op": "remove", "path": extension.path}
    elif not isinstance(value, dict):
        raise invalid("invalidValue", extension.path, "must be an object")
    else:
        for key, said in unique(extension.path, value).items():
            yield from _targeted(attributes, op, f"{extension.path}:{key}", said)
