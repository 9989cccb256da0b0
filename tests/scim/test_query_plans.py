"""No SCIM request reads a whole table, and what it costs does not grow with a group."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from clock import SettableClock
from crowd import crowd
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store import scim_membership
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.scim_breaker import ScimBreakers
from provisioning import Administration
from query_plans import statements, wasteful
from scim_client import ENTERPRISE, Scim
from scim_client import user as a_user


async def everything(scim: Scim) -> None:
    """Every kind of request, with effect."""
    work = {"value": "a@x.example", "type": "work", "primary": True}
    one = await scim.create_user("a", externalId="a", emails=[work])
    two = await scim.create_user("b@x.example")
    group = await scim.create_group("Guides", one)
    user_path, group_path = f"/Users/{one['id']}", f"/Groups/{group['id']}"
    await scim("GET", user_path)
    await scim("GET", group_path)
    for filter in (
        'userName eq "a"',
        'userName sw "a"',
        'externalId eq "a"',
        f'id eq "{one["id"]}"',
        'emails[type eq "work"].value eq "a@x.example"',
        'emails.value sw "a"',
        'displayName eq "a"',
        'title co "a"',
        "not (title pr)",
        "active eq true",
        'meta.lastModified gt "2000-01-01T00:00:00Z"',
        f'{ENTERPRISE}:department eq "x"',
        f'groups.value eq "{group["id"]}"',
        'userName eq "a" or externalId eq "b"',
    ):
        await scim("GET", "/Users", filter=filter, count=1)
        await scim("GET", "/Users", filter=filter, count=1, startIndex=2)
    for filter in (
        'displayName eq "guides"',
        'externalId eq "x"',
        f'members.value eq "{one["id"]}"',
        "members pr",
    ):
        await scim("GET", "/Groups", filter=filter, count=1)
    for sort in ("userName", "title", "emails", "meta.created", "externalId"):
        for order in ("ascending", "descending"):
            query = {"sortBy": sort, "sortOrder": order, "count": 1}
            first = await scim("GET", "/Users", cursor="", **query)
            await scim("GET", "/Users", cursor=first.json["nextCursor"], **query)
    await scim("GET", "/Groups")
    await scim("PUT", user_path, a_user("a2", title="x"))
    add = {"op": "add", "path": "members", "value": [{"value": two["id"]}]}
    await scim.patch(group_path, add, {"op": "replace", "path": "displayName", "value": "New"})
    await scim.patch(
        group_path,
        {"op": "remove", "path": f'members[value eq "{two["id"]}"]'},
        {"op": "replace", "path": "members", "value": [{"value": two["id"]}]},
        {"op": "replace", "path": "externalId", "value": "x"},
    )
    await scim("DELETE", f"/Users/{two['id']}")
    await scim("DELETE", group_path)


async def break_and_mend(
    database: Database,
    clock: SettableClock,
    scim: Scim,
    admin: Administration,
    configuration: ScimConfiguration,
) -> None:
    """The breaker counts, pauses, and lets go on."""
    breakers, caller, id = ScimBreakers(database, clock), admin.owner.caller, configuration.id
    await breakers.update(caller, id, 1)
    for number, end in enumerate((breakers.discard, breakers.resume)):
        for gone in range(11):
            made = await scim.create_user(f"breaker-{number}-{gone}")
            last = await scim("DELETE", f"/Users/{made['id']}")
        assert last.status == 429
        await breakers.get(caller, id)
        await end(caller, id)


async def test_no_statement_of_any_request_reads_a_whole_table(
    database: Database,
    database_url: str,
    scim: Scim,
    admin: Administration,
    configuration: ScimConfiguration,
    clock: SettableClock,
) -> None:
    await crowd(database, configuration, clock)
    other, _ = await admin.create()
    await crowd(database, other, clock)
    if not is_sqlite(database_url):  # which nobody analyzes
        await database.write(lambda unit: unit.connection.exec_driver_sql("ANALYZE"))
    with statements() as seen:
        await everything(scim)
        await break_and_mend(database, clock, scim, admin, configuration)
        await admin.configurations.delete(admin.owner.caller, other.id)
    bad = await wasteful(database, is_sqlite(database_url), of_requests(seen))
    assert len(seen) > 60
    for text, steps in bad.items():
        print(text, steps, sep="\n", end="\n\n")
    assert bad == {}


def of_requests(seen: dict[str, Any]) -> dict[str, Any]:
    """Without what keeps the log of requests and the last use of a credential, which nobody waits for."""
    noted = ("scim_request", "UPDATE scim_credential")
    return {
        text: parameters
        for text, parameters in seen.items()
        if not any(each in text for each in noted)
    }


@pytest.mark.parametrize("size", [10, 1000])
async def test_changing_a_member_costs_the_same_in_any_group(
    database: Database,
    database_url: str,
    scim: Scim,
    configuration: ScimConfiguration,
    clock: SettableClock,
    size: int,
) -> None:
    ids = await crowd(database, configuration, clock, size + 1)
    group = await scim.create_group("Guides")

    def fill(unit: UnitOfWork) -> None:
        unit.connection.execute(
            scim_membership.table.insert(),
            [
                {
                    "roster_id": UUID(group["id"]),
                    "user_id": id,
                    "configuration_id": configuration.id,
                }
                for id in ids[:-1]
            ],
        )

    await database.write(fill)
    path, last = f"/Groups/{group['id']}", str(ids[-1])
    costs = []
    for operation in (
        {"op": "add", "path": "members", "value": [{"value": last}]},
        {"op": "remove", "path": f'members[value eq "{last}"]'},
        {"op": "replace", "path": "displayName", "value": "Others"},
    ):
        with statements() as seen:
            assert (await scim.patch(path, operation)).status == 204
        costs.append(len(of_requests(seen)))
        assert not any("FROM scim_group_member JOIN" in text for text in seen)
    turn = 0 if is_sqlite(database_url) else 1
    assert costs == [8 + turn, 7 + turn, 4 + turn]
    with statements() as seen:
        answer = await scim("GET", path, excludedAttributes="members")
    assert "members" not in answer.json
    assert not any("scim_group_member" in text for text in seen)
    with statements() as seen:
        answer = await scim("GET", "/Groups", excludedAttributes="members")
    assert not any("scim_group_member" in text for text in seen)


async def test_the_groups_of_a_page_of_users_take_one_query(
    database: Database, scim: Scim, configuration: ScimConfiguration, clock: SettableClock
) -> None:
    await crowd(database, configuration, clock, 50)
    with statements() as seen:
        answer = await scim("GET", "/Users", count=50)
    assert len(answer.json["Resources"]) == 50
    assert len(of_requests(seen)) == 4  # the gate, the page, the groups, the total
