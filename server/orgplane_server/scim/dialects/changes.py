"""How changes are asked for."""

from __future__ import annotations

import re
from typing import Any

from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from ..attributes import GROUP, Attributes, Place
from ..errors import invalid
from ..objects import Document, by_name
from .deviation import deviation

_PATH = re.compile(r"[.:\[]")


@deviation
def members_of_scim_1(attributes: Attributes, body: Document) -> Document:
    """A PATCH of a group as SCIM 1.1 has it: `members` without operations, added unless their own `operation` is `delete`.

    What is beside them replaces what was.

    Who: OneLogin's older sample.
    RFC: RFC 7644 section 3.5.2 has operations.
    """
    given = by_name("", body, ("Operations", "members", "meta"))
    if attributes is not GROUP or "members" not in given or "Operations" in given:
        return body
    meta = given.get("meta")
    if isinstance(meta, dict) and by_name("meta", meta, ("attributes",)).get("attributes"):
        raise invalid("invalidValue", "meta.attributes", "is SCIM 1.1; use a remove operation")
    rest = {key: said for key, said in body.items() if key.lower() not in ("members", "schemas")}
    operations: list[Document] = [{"op": "replace", "value": rest}] if rest else []
    for index, entry in enumerate(_members_of_scim_1(given["members"])):
        where = f"members[{index}]"
        member = by_name(where, entry, ("value", "operation"))
        operation = member.pop("operation", None)
        if operation not in (None, "delete"):
            raise invalid("invalidValue", f"{where}.operation", "must be delete or absent")
        op = "remove" if operation else "add"
        operations.append({"op": op, "path": "members", "value": [member]})
    return {"Operations": operations}


def _members_of_scim_1(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    listed = value if isinstance(value, list) else [value]
    return [{"value": entry} if isinstance(entry, str) else entry for entry in listed]


@deviation
def no_operations(body: Document) -> Any:
    """A PATCH without an operation asks for nothing, and nothing is done; if it says anything else, it is refused.

    Gives back the operations, or None.

    Who: Entra's validator sends an empty list, ConnId's connector none before each change of groups.
    RFC: RFC 7644 section 3.5.2 has one or more.
    """
    given = by_name("", body, ("Operations", "schemas"))
    if given.get("Operations") not in (None, []):
        return given["Operations"]
    if not given or len(given) < len(body):
        raise invalid("invalidSyntax", "Operations", "is required")
    return None


@deviation
def capitalised_op(op: Any) -> Any:
    """`Add`, `Replace` and `Remove` are the operations of those names.

    Who: Entra without aadOptscim062020.
    RFC: RFC 7644 section 3.5.2 names them in lower case.
    """
    return op.lower() if isinstance(op, str) else op


@deviation
def what_the_server_assigns(attributes: Attributes, value: Document) -> Document:
    """What the server assigns (`id`, `meta`, `groups`, a manager's `displayName`) is no change within a value that says more.

    By a path of its own it is refused.

    Who: Okta sends a group's `id` with its new name; authentik the whole group; SCIM-SDK's clients the whole user.
    RFC: RFC 7644 section 3.5.2 refuses to change what is readOnly; RFC 7643 section 3.1 ignores `meta`.
    """
    return {
        key: said
        for key, said in value.items()
        if key.lower() != "schemas"
        and not ((place := attributes.member(key)) is not None and place.read_only)
    }


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
def addition_of_nothing(value: Any) -> Any:
    """An add of null, of an empty text or of what holds nothing adds nothing.

    Gives back None then.

    Who: Databricks' Terraform provider adds null to groups that nothing is to be added to.
    RFC: RFC 7644 section 3.5.2.1 has a value.
    """
    if isinstance(value, dict):
        value = {name: said for name, said in value.items() if said is not None}
    return value if value not in ([], {}) else None


@deviation
def activity_without_a_value(operations: list[Document]) -> list[Document]:
    """`active` that is removed, null or empty stays as it is: nobody comes back by what is not said. A PUT means the same.

    Who: serialisers that write null for what was not set.
    RFC: RFC 7644 section 3.5.2.2 unassigns it; section 3.5.1 leaves to the server what a PUT does not say.
    """
    return [each for each in operations if (each["op"], each["path"]) != ("remove", "active")]


@deviation
def members_without_a_value(place: Place, value: Any) -> bool:
    """Members that are null or an empty text stay who they are: nobody leaves by what is not said. A PUT without them means the same.

    `[]` says that there are none.

    Who: serialisers that write null for what was not set.
    RFC: RFC 7643 section 2.5 has null mean the same as an empty list.
    """
    return place.is_members and value is None


@deviation
def removal_by_value(attributes: Attributes, place: Place, value: Any) -> list[str]:
    """A remove with a value removes of many values those that it lists, none if it lists none; of a single one, that.

    Gives back paths.

    Who: Entra without aadOptscim062020, JumpCloud and older authentik list the members to remove; Entra states a removed attribute's value.
    RFC: RFC 7644 section 3.5.2.2 has a remove say all by its path.
    """
    if place.single:
        if (part := attributes.part_of_entries(place.path)) is None:
            return [place.path]
        return [f"{part[0]}[{_selecting(place, {part[1]: value})}].{part[1]}"]
    return [f"{place.path}[{_selecting(place, entry)}]" for entry in value]


def _selecting(place: Place, entry: Any) -> FilterNode:
    """The filter that finds the entries of which all is true that `entry` says."""
    said = {k: v for k, v in entry.items() if v is not None} if isinstance(entry, dict) else {}
    if not said or any(isinstance(value, dict | list) for value in said.values()):
        raise invalid("invalidValue", place.path, "must say which entries to remove")
    terms = tuple(Comparison(AttrPath(k), CompareOperator.eq, v) for k, v in said.items())
    return terms[0] if len(terms) == 1 else LogicalExpr(LogicalOperator.and_, terms)
