"""A PATCH of plain values makes of a user what scim2-models would make of it."""

from __future__ import annotations

import cProfile
import pstats
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from orgplane_server.domain import scim_user
from orgplane_server.domain.errors import InvalidArgument
from orgplane_server.domain.scim_user import ScimUser
from orgplane_server.scim.assignment import assignments
from orgplane_server.scim.attributes import USER as USER_ATTRIBUTES
from orgplane_server.scim.operations import Operations
from orgplane_server.scim.user import created, library_patched, patched
from scim2_models import SCIMException
from scim_client import ENTERPRISE, USER, patch

BARE = {"userName": "bob"}
FULL = {
    "schemas": [USER, ENTERPRISE],
    "userName": "bob@acme.example",
    "externalId": "00u1",
    "active": True,
    "displayName": "Bob",
    "title": "Guide",
    "name": {"givenName": "Bob", "familyName": "B", "formatted": "Bob B"},
    "emails": [{"value": "bob@acme.example", "type": "work", "primary": True}],
    "addresses": [{"locality": "Rome", "type": "home"}],
    ENTERPRISE: {"department": "d", "manager": {"value": "x", "$ref": "https://x.example/Users/x"}},
}
TEXTS = (
    *("externalId", "userName", "displayName", "nickName", "title", "userType"),
    *("preferredLanguage", "locale", "timezone"),
    *("name.formatted", "name.familyName", "name.givenName", "name.middleName"),
    *("name.honorificPrefix", "name.honorificSuffix"),
    *(
        f"{ENTERPRISE}:{name}"
        for name in (
            *("employeeNumber", "costCenter", "organization", "division", "department"),
            "manager.value",
        )
    ),
)


def a_user(document: dict[str, Any]) -> ScimUser:
    id, now = uuid.uuid4(), datetime.now(UTC)
    made = created(document)
    return scim_user.new(id, id, id, made, now)  # type: ignore[arg-type]


def both(document: dict[str, Any], *operations: dict[str, Any]) -> tuple[Any, Any]:
    """What we make of a user, and what the library does; only if we do it ourselves."""
    user, asked = a_user(document), patch(*operations)
    normal = Operations(USER_ATTRIBUTES).patch(asked)["Operations"]
    assert assignments(normal) is not None
    before = user.document
    ours = patched(asked)(user)
    assert scim_user.changed(user, dict(user.attributes), user.created_at) is user
    assert user.document == before
    return list(ours.items()), list(library_patched(normal)(user).items())


@pytest.mark.parametrize("document", [BARE, FULL], ids=["bare", "full"])
@pytest.mark.parametrize("op", ["add", "Replace"])
@pytest.mark.parametrize("path", TEXTS)
def test_a_text(document: dict[str, Any], op: str, path: str) -> None:
    ours, theirs = both(document, {"op": op, "path": path, "value": "New ½"})
    assert ours == theirs


@pytest.mark.parametrize("document", [BARE, FULL], ids=["bare", "full"])
@pytest.mark.parametrize("value", [True, False, "False"])
def test_active(document: dict[str, Any], value: object) -> None:
    for operation in (
        {"op": "replace", "value": {"active": value}},
        {"op": "Add", "path": "active", "value": value},
    ):
        ours, theirs = both(document, operation)
        assert ours == theirs


@pytest.mark.parametrize("document", [BARE, FULL], ids=["bare", "full"])
def test_many_at_once(document: dict[str, Any]) -> None:
    ours, theirs = both(
        document,
        {"op": "replace", "value": {"active": False, "name.givenName": "R", "title": "T"}},
        {"op": "add", "path": "name.givenName", "value": "S"},
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "e"},
        {"op": "replace", "path": "title", "value": "U"},
    )
    assert ours == theirs


ENTRIES = {
    "userName": "bob",
    "emails": [
        {"value": "bob@acme.example", "type": "work", "primary": True},
        {"value": "Bob@Home.example", "type": "home", "display": "Bob"},
        {"value": "straße@acme.example"},
    ],
}
CHOSEN = (
    *('type eq "WORK"', 'type ne "work"', 'type eq "other"', 'type eq "other" and value eq "x"'),
    *("primary eq true", 'primary eq "False"', "primary ne true", "primary pr", "display pr"),
    *(
        'value co "HOME"',
        'value sw "STRA"',
        'value ew ".example"',
        'value eq "strasse@acme.example"',
    ),
    *('value gt "c"', 'value ge "bob@home.example"', 'value lt "c"', 'value le "bob"'),
    *('not (type eq "work")', 'type eq "home" or type eq "work"', 'type eq "a" and type eq "b"'),
    'type eq "other" and primary eq true',
)


@pytest.mark.parametrize("document", [BARE, ENTRIES], ids=["none", "some"])
@pytest.mark.parametrize("chosen", ["", *(f"[{test}]" for test in CHOSEN)])
@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": ".value", "value": "new"},
        {"op": "replace", "path": ".type", "value": "other"},
        {"op": "replace", "path": ".primary", "value": True},
        {"op": "replace", "path": ".primary", "value": False},
        {"op": "remove", "path": ".display"},
        {"op": "remove", "path": ""},
    ],
    ids=lambda operation: f"{operation['op']} {operation['path']} {operation.get('value', '')}",
)
def test_entries_of_a_list(
    document: dict[str, Any], chosen: str, operation: dict[str, Any]
) -> None:
    if not chosen and not operation["path"]:
        return
    again = {"op": "add", "path": 'emails[type eq "work"].display', "value": "D"}
    changes = ({**operation, "path": f"emails{chosen}{operation['path']}"}, again)
    normal = Operations(USER_ATTRIBUTES).patch(patch(*changes))["Operations"]
    try:
        theirs = library_patched(normal)(a_user(document))
    except SCIMException as refusal:
        with pytest.raises(InvalidArgument, match=r"selects no|is given|several") as refused:
            both(document, *changes)
        wanted = refusal.scim_type
    else:
        assert list(theirs.items()) == both(document, *changes)[0]
        return
    assert refused.value.violations[0].rule.endswith(wanted)


def calls(entries: int, operations: int) -> int:
    """How many functions are called to make so many operations on a list of so many entries."""
    emails = [{"value": f"{number}@x.example", "type": "home"} for number in range(entries)]
    user = a_user({"userName": "bob", "emails": emails})
    change = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "x"}
    revise = patched(patch(*([change] * operations)))
    profile = cProfile.Profile()
    profile.runcall(revise, user)
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined,no-any-return]


def test_an_operation_costs_a_few_calls_for_each_entry() -> None:
    few, many = calls(100, 8), calls(100, 108)
    assert (many - few) / (100 * 100) < 8


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "title"},
        {"op": "replace", "path": "title", "value": ""},
        {"op": "replace", "path": "profileUrl", "value": "https://x.example"},
        {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "x"}},
        {"op": "replace", "path": 'photos[type eq "photo"].value', "value": "https://x.example"},
        {"op": "remove", "path": 'photos[value eq "https://x.example"]'},
        {"op": "remove", "path": "emails"},
        {"op": "add", "path": "emails", "value": [{"value": "x"}]},
        {"op": "replace", "path": "name", "value": {"givenName": "R"}},
        {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": "x"},
    ],
)
def test_what_is_left_to_the_library(operation: dict[str, Any]) -> None:
    plain = {"op": "replace", "path": "title", "value": "T"}
    normal = Operations(USER_ATTRIBUTES).patch(patch(plain, operation))["Operations"]
    assert assignments(normal) is None
