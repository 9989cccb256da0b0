"""What identity providers send instead of what RFC 7643 and 7644 say, and what they mean by it.

All of it is understood at once on one endpoint; nobody has to say which provider they use. Each
deviation is one function that takes what came and gives it back in the RFC's form, or as it was; its
docstring says who forces it and what the RFC says. What is understood neither way is refused with a
scimType and the name of the field. `normal_form` puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import unquote

from scim2_models import Attribute, Required, ScimPolicy
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from ..domain.text import folded
from .attributes import GROUP, USER, Attributes, Place
from .errors import invalid
from .objects import Document, by_name

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: Every deviation, for documentation and tests.
DEVIATIONS: list[Callable[..., Any]] = []


def deviation(function: _Function) -> _Function:
    DEVIATIONS.append(function)
    return function


# How a request is addressed.


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


_SCIM_JSON = "application/scim+json"
_READ = ("", _SCIM_JSON, "application/json", "*/*")


# How filters are written.


@deviation
def percent_encoded_value(node: FilterNode) -> FilterNode:
    """A compared value that is still percent-encoded within its quotes is also looked for decoded.

    Who: Entra's validator encodes the value, then the whole query.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string within the quotes.
    """
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq:
        return node
    if not isinstance(node.value, str) or not _PERCENT.search(node.value):
        return node
    decoded = unquote(node.value, errors="replace")
    if not decoded.isprintable() or "\ufffd" in decoded:
        return node
    return LogicalExpr(LogicalOperator.or_, (node, replace(node, value=decoded)))


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
def manager_compared_by_id(node: FilterNode) -> FilterNode:
    """A manager who is compared to a value is the one with that id.

    Who: Entra checks `id eq "..." and manager eq "..."`.
    RFC: RFC 7644 section 3.4.2.2 compares sub-attributes: `manager.value`.
    """
    if not isinstance(node, Comparison) or node.attr_path.attr.lower() != "manager":
        return node
    attr_path = replace(node.attr_path, sub_attr=node.attr_path.sub_attr or "value")
    return replace(node, attr_path=attr_path)


@deviation
def unquoted_resource_type(text: str) -> str:
    """The name of a resource type that `meta.resourceType` is compared with may be without its quotes.

    Who: WSO2's clients, after the RFC's own example of a filter on several types.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string, and in that example `meta.resourceType eq User`.
    """
    return _RESOURCE_TYPE.sub(
        lambda found: f'{found[1]}"{found[2]}"' if found[2] else found[0], text
    )


#: A text in quotes, which is left alone, or a comparison.
_RESOURCE_TYPE = re.compile(
    r'"(?:[^"\\]|\\.)*"|(meta\.resourceType\s+(?:eq|ne)\s+)([A-Za-z]+)(?![^\s)])', re.IGNORECASE
)
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_NAME = re.compile(r"[A-Za-z][\w-]*(?![\w:-])", re.ASCII)


# What values look like, in bodies and in operations.


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
def manager_as_text(place: Place, value: Any) -> Any:
    """A manager given as an id, or as a list of one manager, is `{"value": id}`.

    Who: Entra sends the id alone, and its documentation a list.
    RFC: RFC 7643 section 4.3 has an object.
    """
    if not _is_manager(place):
        return value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return {"value": value} if isinstance(value, str) and value else value


@deviation
def manager_of_nobody(place: Place, value: Any) -> Any:
    """A manager whose id is empty is no manager.

    Who: Entra replaces the manager by `{"value": ""}` to remove it.
    RFC: RFC 7644 section 3.5.2.2 removes by a remove operation.
    """
    if _is_manager(place) and isinstance(value, dict) and value.get("value", "") is None:
        return None
    return value


@deviation
def members_in_an_object(place: Place, value: Any) -> Any:
    """The members of a group wrapped once more, `{"members": [...]}`, are those members.

    Who: scripts that build one value for operations with and without a path.
    RFC: RFC 7644 section 3.5.2.3 has the new values themselves if the operation has a path.
    """
    if not place.is_members or not isinstance(value, dict):
        return value
    given = by_name(place.path, value, ("members",))
    return given.get("members", value)


@deviation
def member_as_text(place: Place, value: Any) -> Any:
    """A member given as an id is `{"value": id}`.

    Who: Microsoft's reference collection adds `"value": "id"`.
    RFC: RFC 7643 section 4.2 has objects.
    """
    if not place.is_members:
        return value
    entries = value if isinstance(value, list) else [value]
    if not any(isinstance(entry, str) for entry in entries):
        return value
    return [{"value": entry} if isinstance(entry, str) else entry for entry in entries]


@deviation
def member_by_value_alone(place: Place, value: Any) -> Any:
    """A member is who its `value` says; its `type` and `$ref`, null or not, select and change nothing.

    Who: Entra sends `"$ref": null`, Keycloak's extension a relative `$ref`.
    RFC: RFC 7644 section 3.5.2.1 tells members apart by all of what is given.
    """
    if not place.is_members or not isinstance(value, list):
        return value
    return [{"value": entry.get("value")} if isinstance(entry, dict) else entry for entry in value]


@deviation
def emptied_entry(place: Place, value: Any) -> Any:
    """An entry of a list of which nothing is left but its label is left out.

    Who: Entra sends every mapped address and number, with `""` or null for those that a user does not have.
    RFC: RFC 7643 section 2.5 leaves an entry of a type alone.
    """
    if place.single or not isinstance(value, list):
        return value
    return [entry for entry in value if not _emptied(entry)]


def _emptied(entry: object) -> bool:
    if not isinstance(entry, dict) or None not in entry.values():
        return False
    return all(said is None or name in ("type", "primary") for name, said in entry.items())


def _is_manager(place: Place) -> bool:
    return place.attribute is not None and place.attribute.name == "manager"


# How changes are asked for.


@deviation
def members_of_scim_1(attributes: Attributes, body: Document) -> Document:
    """A PATCH of SCIM 1.1: `members` without operations, added unless their own `operation` is `delete`.

    Who: OneLogin's older sample.
    RFC: RFC 7644 section 3.5.2 has operations.
    """
    given = by_name("", body, ("Operations", "members"))
    if attributes is not GROUP or "members" not in given or "Operations" in given:
        return body
    operations = []
    for index, entry in enumerate(given["members"] if isinstance(given["members"], list) else []):
        member = by_name(f"members[{index}]", entry, ("value", "operation"))
        operation = member.pop("operation", None)
        if operation not in (None, "delete"):
            raise invalid("invalidValue", f"members[{index}].operation", "must be delete or absent")
        op = "remove" if operation else "add"
        operations.append({"op": op, "path": "members", "value": [member]})
    return {"Operations": operations}


@deviation
def no_operations(operations: Any) -> Any:
    """A PATCH whose list of operations is empty asks for nothing, and nothing is done.

    Gives back None then.

    Who: Entra's validator.
    RFC: RFC 7644 section 3.5.2 has one or more.
    """
    return None if operations == [] else operations


@deviation
def capitalised_op(op: Any) -> Any:
    """`Add`, `Replace` and `Remove` are the operations of those names.

    Who: Entra without aadOptscim062020.
    RFC: RFC 7644 section 3.5.2 names them in lower case.
    """
    return op.lower() if isinstance(op, str) else op


@deviation
def what_the_server_assigns(value: Document) -> Document:
    """The `id`, `meta` and `schemas` in the value of an operation without a path are not changes.

    Who: Okta sends a group's `id` with its new name; authentik the whole group.
    RFC: RFC 7644 section 3.5.2 refuses to change what is readOnly; RFC 7643 section 3.1 ignores `meta`.
    """
    return {key: said for key, said in value.items() if key.lower() not in _SERVERS}


@deviation
def paths_as_keys(attributes: Attributes, value: Document) -> list[tuple[str, Any]]:
    """The members of a value without a path whose names are paths, each with its path; the others have none.

    Who: Entra with aadOptscim062020 (`name.givenName`, `emails[type eq "work"].value`, an extension's URN and name).
    RFC: RFC 7644 section 3.5.2.3 has attributes as members of the value.
    """
    return [
        (key, said) if attributes.member(key) is None and _PATH.search(key) else ("", {key: said})
        for key, said in value.items()
    ]


@deviation
def removal_by_value(place: Place, value: Any) -> Any:
    """A remove with a value: of many values those that it lists, none if it lists none; of a single one, that.

    Gives back paths with filters, or None for all of what is at the path.

    Who: Entra without aadOptscim062020, JumpCloud and older authentik list the members to remove; Entra states a removed attribute's value.
    RFC: RFC 7644 section 3.5.2.2 has a remove say all by its path.
    """
    if place.single or value is None:
        return None
    if not isinstance(value, list):
        raise invalid("invalidValue", place.path, "must list what to remove")
    return [f"{place.path}[{_selecting(place, entry)}]" for entry in value]


def _selecting(place: Place, entry: Any) -> FilterNode:
    """The filter that finds the entries of which all is true that `entry` says."""
    said = {k: v for k, v in entry.items() if v is not None} if isinstance(entry, dict) else {}
    if not said or any(isinstance(value, dict | list) for value in said.values()):
        raise invalid("invalidValue", place.path, "must say which entries to remove")
    terms = tuple(Comparison(AttrPath(k), CompareOperator.eq, v) for k, v in said.items())
    return terms[0] if len(terms) == 1 else LogicalExpr(LogicalOperator.and_, terms)


@deviation
def unmatched_filter_creates(policy: ScimPolicy) -> ScimPolicy:
    """An entry that a filter of `eq` and `and` describes is made if there is none.

    Who: Entra sets `emails[type eq "work"].value` and `roles[primary eq "True"].display` of users without any.
    RFC: RFC 7644 section 3.5.2.3 answers noTarget, as is still done for other filters.
    """
    create = ScimPolicy.UnmatchedPathFilter.create
    return policy.model_copy(update={"unmatched_path_filter": create})


@deviation
def unknown_attributes(policy: ScimPolicy) -> ScimPolicy:
    """Attributes and schema URNs that no schema of ours declares are ignored, in bodies and in PATCH. `password` is one.

    Who: Entra and Okta send what administrators map; Okta a placeholder password; Entra a schema URN of its own for groups.
    RFC: RFC 7644 section 3.12 answers invalidValue or invalidPath.
    """
    return policy.model_copy(update={"unknown": ScimPolicy.Unknown.ignore})


def compared(binding: Any, text: str) -> str:
    """What the SCIM library compares text by: what filters do."""
    return text if binding.case_exact else folded(text)


#: What the SCIM library is to tolerate when it checks bodies and applies operations.
POLICY = unmatched_filter_creates(unknown_attributes(ScimPolicy(comparison_key=compared)))

_PATH = re.compile(r"[.:\[]")
_SERVERS = ("id", "meta", "schemas")
