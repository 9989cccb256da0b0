"""What a SCIM request asks of the database is counted, so that it does not grow unnoticed.

The gate looks once in each transaction, and before a body is read if it has not for some seconds: one look is one transaction, and one
hand-over to a thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.usecases.organization_policies import Policies
from provisioning import Administration
from pyqwest import Client
from scim_client import ENTERPRISE, USER, Scim
from scim_client import user as a_user

GATE = "SELECT scim_credential"
#: Travels with the statement behind it, on PostgreSQL alone: of two who ask for an address at once, one waits.
TURN = "pg_advisory_xact_lock"
BEFORE_TABLE = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}


@pytest.fixture
def gate(database_url: str) -> list[str]:
    """How a change is let in whose token was good a moment ago: in its transaction.

    On PostgreSQL after a turn, against whoever changes the configuration.
    """
    return [GATE] if is_sqlite(database_url) else [GATE, GATE]


@pytest.fixture
def turn(database_url: str) -> list[str]:
    return [] if is_sqlite(database_url) else [TURN]


@pytest.fixture
def locked(database_url: str) -> list[str]:
    """How a member is read to be changed: on PostgreSQL held first, by a statement that travels along."""
    return ["SELECT member"] if is_sqlite(database_url) else ["SELECT member", "SELECT member"]


@pytest.fixture
def asked(database: Database) -> Iterator[list[str]]:
    """The first word and the table of each statement; not what is noted of them later."""
    seen: list[str] = []

    def note(_1: object, _2: object, text: str, _3: object, _4: object, _5: object) -> None:
        words = text.split()
        if TURN in text and "FROM" not in words:
            seen.append(TURN)
        elif words[0] in BEFORE_TABLE and not is_noted(words):
            outside = _without_parentheses(text).split()
            asks = f"{words[0]} {outside[outside.index(BEFORE_TABLE[words[0]]) + 1]}"
            if [asks] != seen[-1:] or words[0] != "INSERT":  # the rows of one table count once
                seen.append(asks)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def _without_parentheses(text: str) -> str:
    """And what is in them, such as other queries."""
    while (shorter := re.sub(r"\([^()]*\)", " ", text)) != text:
        text = shorter
    return text


@pytest.fixture
def transactions(database: Database) -> Iterator[list[object]]:
    """Those in which something is asked, each of which is handed over to a thread; not what is noted of them later."""
    seen: list[object] = []

    def note(connection: Any, _2: object, text: str, _3: object, _4: object, _5: object) -> None:
        words, transaction = text.split(), connection.get_transaction()
        if words[0] not in BEFORE_TABLE or is_noted(words):
            return
        if not any(each is transaction for each in seen):
            seen.append(transaction)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def is_noted(words: list[str]) -> bool:
    """What nobody waits for: the log of requests, and the last use of a credential."""
    return "scim_request" in words or words[:2] == ["UPDATE", "scim_credential"]


CREATED = [
    "SELECT member",  # who has the address already
    "INSERT member",
    "INSERT scim_user",
    "INSERT scim_user_value",
    "UPDATE scim_count",
    "INSERT audit_event",
]


async def test_creating_a_user(
    scim: Scim, gate: list[str], turn: list[str], asked: list[str]
) -> None:
    """Also when the provider says everything that Okta or Entra may say."""
    everything = a_user(
        "bob@acme.example",
        schemas=[USER, ENTERPRISE],
        externalId="1",
        active="True",
        name={"givenName": "Bob", "familyName": "B"},
        displayName="Bob",
        emails=[{"value": "bob@acme.example", "type": "work", "primary": True}],
        roles=[{"value": "v", "primary": "True"}],
        **{ENTERPRISE: {"department": "d"}},
    )
    assert (await scim("POST", "/Users", everything)).status == 201
    assert asked == [GATE, *gate, *turn, *CREATED]


async def test_domains_and_policies_cost_a_creation_nothing(
    http: Client,
    admin: Administration,
    database: Database,
    clock: SettableClock,
    gate: list[str],
    turn: list[str],
    asked: list[str],
    transactions: list[object],
) -> None:
    _, token = await admin.create(email_domains=("acme.example",))
    await admin.vouch("acme.example")
    this, only_scim = admin.owner.organization.id, {"restrict_account_creation_to_scim": True}
    await Policies(database, clock).update(admin.owner.caller, this, only_scim)  # type: ignore[arg-type]
    asked.clear()
    transactions.clear()
    emails = [{"value": "bob@acme.example", "type": "work"}]
    await Scim(http, token).create_user("bob@acme.example", emails=emails)
    assert asked == [GATE, *gate, *turn, *CREATED]
    assert len(transactions) == 2  # the look at the gate, and the change


async def test_looking_for_a_user_who_is_there_and_for_one_who_is_not(
    scim: Scim, asked: list[str]
) -> None:
    await scim.create_user("bob")
    asked.clear()
    assert await scim.found('userName eq "bob"') == ["bob"]
    assert asked == [GATE, "SELECT scim_user", "SELECT scim_group_member"]
    asked.clear()
    assert await scim.found('userName eq "ann"') == []
    assert asked == [GATE, "SELECT scim_user"]


async def test_reading_a_user_and_a_page_of_them(scim: Scim, asked: list[str]) -> None:
    made = [await scim.create_user(f"user{number}") for number in range(3)]
    asked.clear()
    await scim("GET", f"/Users/{made[0]['id']}")
    assert asked == [GATE, "SELECT scim_user", "SELECT scim_group_member"]
    for more, counted in (({}, []), ({"startIndex": 2, "count": 1}, ["SELECT scim_count"])):
        asked.clear()
        answer = await scim("GET", "/Users", **more)
        assert answer.json["totalResults"] == 3
        assert asked == [GATE, "SELECT scim_user", *counted, "SELECT scim_group_member"]


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (
            {"op": "replace", "value": {"active": False}},
            ["UPDATE member", "INSERT sign_out", "DELETE session"],
        ),
        (
            {"op": "Replace", "path": "active", "value": "False"},
            ["UPDATE member", "INSERT sign_out", "DELETE session"],
        ),
        ({"op": "replace", "value": {"active": True}}, None),
    ],
)
async def test_suspending_a_user(
    scim: Scim,
    gate: list[str],
    locked: list[str],
    asked: list[str],
    operation: Any,
    changed: list[str] | None,
) -> None:
    made = await scim.create_user("bob", displayName="Bob")
    asked.clear()
    assert (await scim.patch(f"/Users/{made['id']}", operation)).status == 200
    turn = ["SELECT scim_user", "SELECT organization"] if len(locked) > 1 else []
    changes = [
        *(*locked, "SELECT scim_breaker", *turn, "SELECT member"),
        *(changed or ()),
        *("UPDATE scim_user", "INSERT audit_event"),
    ]
    read = [*gate, "SELECT scim_user", "SELECT scim_group_member"]
    assert asked == [*read, *(() if changed is None else changes)]


@pytest.mark.parametrize("made_between", [False, True], ids=["parts", "entries"])
async def test_changing_entries_of_a_list(
    scim: Scim, gate: list[str], locked: list[str], asked: list[str], made_between: bool
) -> None:
    """However many operations there are; what is made of the user by whole entries is made between two transactions."""
    made = await scim.create_user("bob", emails=[{"value": "bob@acme.example", "type": "work"}])
    asked.clear()
    path = 'emails[type eq "work"]'
    operations = [
        {"op": "add", "path": path, "value": {"display": f"Bob {number}"}}
        if made_between
        else {"op": "add", "path": f"{path}.display", "value": f"Bob {number}"}
        for number in range(3)
    ]
    assert (await scim.patch(f"/Users/{made['id']}", *operations)).status == 200
    before = [*gate, "SELECT scim_user", *gate] if made_between else gate
    read = [*before, "SELECT scim_user", "SELECT scim_group_member"]
    values = ["DELETE scim_user_value", "INSERT scim_user_value"]
    assert asked == [*read, *locked, "UPDATE scim_user", *values, "INSERT audit_event"]


async def test_adding_and_removing_a_member(scim: Scim, gate: list[str], asked: list[str]) -> None:
    bob = await scim.create_user("bob")
    path = f"/Groups/{(await scim.create_group('Guides'))['id']}"
    asked.clear()
    add = {"op": "add", "path": "members", "value": [{"value": bob["id"]}]}
    assert (await scim.patch(path, add)).status == 204
    after = ["UPDATE scim_group", "INSERT audit_event"]
    assert asked == [
        *gate,
        "SELECT scim_group",
        "SELECT role_assignment",
        "SELECT scim_user",
        "SELECT scim_group_member",
        "INSERT scim_group_member",
        *after,
    ]
    asked.clear()
    remove = {"op": "remove", "path": f'members[value eq "{bob["id"]}"]'}
    assert (await scim.patch(path, remove)).status == 204
    assert asked == [
        *gate,
        "SELECT scim_group",
        "SELECT role_assignment",
        "SELECT scim_group_member",
        "DELETE scim_group_member",
        *after,
    ]
