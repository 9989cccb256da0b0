"""What a request asks of the database is counted, so that it does not grow unnoticed."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_api.gitpod.v1 import organization_policies_pb as policies_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from rpc_clients import PROTOCOLS, Clients


@pytest.fixture(params=["connect-proto"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The statements are the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


@pytest.fixture
async def id(admin: Clients, acme: Founded) -> str:
    organization = str(acme.organization.id)
    sso = await admin(
        "create_sso_configuration",
        sso_pb.CreateSSOConfigurationRequest(
            organization_id=organization,
            client_id="c",
            client_secret="s",
            issuer_url="https://i.example",
        ),
    )
    made = await admin(
        "create_scim_configuration",
        pb.CreateSCIMConfigurationRequest(
            organization_id=organization, sso_configuration_id=sso.sso_configuration.id
        ),
    )
    configuration: str = made.scim_configuration.id
    return configuration


#: When a token was used last is written once a minute, when there is time.
LATER = "UPDATE personal_access_token"


def outermost(text: str) -> str:
    """A statement without what is in parentheses, such as others that it looks things up by."""
    while (less := re.sub(r"\([^()]*\)", "", text)) != text:
        text = less
    return text


async def statements(
    admin: Clients, method: str, request: Any, transactions: list[object] | None = None
) -> list[str]:
    """The first word and the table of each statement that a call runs; its transactions are added to those given."""
    seen: list[str] = []
    found = [] if transactions is None else transactions

    def note(connection: Any, _2: object, text: str, _3: object, _4: object, _5: object) -> None:
        if text.startswith(LATER):
            return
        words = outermost(text).split()
        if words[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            before = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}
            seen.append(f"{words[0]} {words[words.index(before[words[0]]) + 1]}")
            transaction = connection.get_transaction()
            if not any(each is transaction for each in found):
                found.append(transaction)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await admin(method, request)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    return seen


TOKEN = "SELECT personal_access_token"


@pytest.fixture
def locked(database_url: str) -> list[str]:
    """How a row is read to be changed: on PostgreSQL with a turn of its own before, against SCIM's."""
    turns = 0 if is_sqlite(database_url) else 1
    return ["SELECT scim_configuration"] * (turns + 1)


async def test_an_update_is_a_look_up_and_three_statements(
    admin: Clients,
    id: str,
    locked: list[str],
    acme: Founded,
    database: Database,
    database_url: str,
    way: str,
    clock: SettableClock,
) -> None:
    """Whatever domains and policies there are."""
    await Vouching(database, clock).vouch(acme.organization.id, "acme.example", private=True)
    policies = policies_pb.UpdateOrganizationPoliciesRequest(
        organization_id=str(acme.organization.id), restrict_account_creation_to_scim=True
    )
    await admin("update_organization_policies", policies)
    request = pb.UpdateSCIMConfigurationRequest(scim_configuration_id=id, name="New")
    transactions: list[object] = []
    assert await statements(admin, "update_scim_configuration", request, transactions) == [
        TOKEN,
        *locked,
        "UPDATE scim_configuration",
        "INSERT audit_event",
    ]
    # Each is handed over to a thread; where one writes at a time, the short way looks the token up in that of the change.
    assert len(transactions) == (1 if is_sqlite(database_url) and way == "short" else 2)


async def test_an_update_of_nothing_writes_nothing(
    admin: Clients, id: str, locked: list[str]
) -> None:
    request = pb.UpdateSCIMConfigurationRequest(scim_configuration_id=id, enabled=True)
    assert await statements(admin, "update_scim_configuration", request) == [
        TOKEN,
        *locked,
    ]


async def test_a_read_is_a_look_up_and_one_statement(admin: Clients, id: str) -> None:
    one = pb.GetSCIMConfigurationRequest(scim_configuration_id=id)
    for method, request in (
        ("get_scim_configuration", one),
        ("list_scim_configurations", pb.ListSCIMConfigurationsRequest()),
    ):
        assert await statements(admin, method, request) == [TOKEN, "SELECT scim_configuration"]
