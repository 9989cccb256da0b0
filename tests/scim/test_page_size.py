"""How much of a list comes at once, for clients that read one page and take it for everything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from clock import SettableClock
from crowd import crowd
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store import scim_membership
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from provisioning import serving
from scim_client import Scim


@pytest.fixture
async def thousand(
    database: Database, configuration: ScimConfiguration, clock: SettableClock
) -> list[UUID]:
    return await crowd(database, configuration, clock, 1000)


def ids(page: Any) -> list[str]:
    return [each["id"] for each in page["Resources"]]


async def test_an_organization_of_a_thousand_is_seen_whole(
    scim: Scim, thousand: list[UUID]
) -> None:
    """ConnId's SCIM connector asks without a count, others for more than there are."""
    everybody = [str(id) for id in thousand]
    for query in ({}, {"count": 1000}, {"count": 10**6}, {"startIndex": 1}, {"cursor": ""}):
        page = (await scim("GET", "/Users", **query)).json
        assert page["totalResults"] == page["itemsPerPage"] == 1000
        assert ids(page) == everybody
        assert "nextCursor" not in page
    assert ids((await scim("POST", "/Users/.search")).json) == everybody
    assert ids((await scim("GET", "/")).json) == everybody
    page = (await scim("GET", "/Users", count=500, attributes="userName")).json
    assert (page["totalResults"], page["itemsPerPage"]) == (1000, 500)
    assert [sorted(each) for each in page["Resources"]] == [["id", "userName"]] * 500
    one = (await scim("GET", f"/Users/{thousand[700]}")).json
    assert (await scim("GET", "/Users")).json["Resources"][700] == one


async def test_a_long_list_is_made_while_others_are_answered(
    scim: Scim, thousand: list[UUID]
) -> None:
    """In pieces: the loop is never held for the time that the whole takes."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    answer = await scim("GET", "/Users")
    beside.cancel()
    assert len(answer.json["Resources"]) == 1000
    assert turns > 20
    assert "content-length" not in answer.headers
    assert answer.headers["content-type"] == "application/scim+json"


async def test_the_operator_says_how_many(
    database: Database, clock: SettableClock, scim: Scim
) -> None:
    for number in range(7):
        await scim.create_user(f"user{number}")
    async with serving(database, clock, scim_page_size=3) as http:
        fewer = replace(scim, http=http)
        announced = (await fewer("GET", "/ServiceProviderConfig")).json
        assert announced["filter"]["maxResults"] == 3
        pagination = announced["pagination"]
        assert (pagination["defaultPageSize"], pagination["maxPageSize"]) == (3, 3)
        for path in ("/Users", ""):
            for query in ({}, {"count": 7}):
                page = (await fewer("GET", path, **query)).json
                assert (page["totalResults"], page["itemsPerPage"]) == (7, 3)
        first = (await fewer("GET", "/Users", cursor="")).json
        second = (await fewer("GET", "/Users", cursor=first["nextCursor"], count=9)).json
        assert ids(first) + ids(second) == ids((await scim("GET", "/Users", count=6)).json)


class TestGroups:
    """A page of groups ends with the one that brings it over 20,000 members."""

    SIZES = [150, 0, *[200] * 99, 200, 200, 1, 0]

    @pytest.fixture
    async def groups(
        self,
        database: Database,
        configuration: ScimConfiguration,
        clock: SettableClock,
        scim: Scim,
    ) -> list[str]:
        """Their ids, in the order that their names and they have."""
        users = await crowd(database, configuration, clock, 200)
        made = [
            (await scim.create_group(f"group{number:03}"))["id"]
            for number in range(len(self.SIZES))
        ]

        def fill(unit: UnitOfWork) -> None:
            unit.connection.execute(
                scim_membership.table.insert(),
                [
                    {"roster_id": UUID(id), "user_id": user, "configuration_id": configuration.id}
                    for id, size in zip(made, self.SIZES, strict=True)
                    for user in users[:size]
                ],
            )

        await database.write(fill)
        return made

    async def test_a_page_ends_early(self, scim: Scim, groups: list[str]) -> None:
        number = len(groups)
        sizes = self.SIZES
        assert sum(sizes[:101]) <= 20_000 < sum(sizes[:102])
        for query in ({}, {"sortBy": "displayName"}, {"filter": 'displayName sw "group"'}):
            first = (await scim("GET", "/Groups", **query)).json
            assert (first["totalResults"], first["itemsPerPage"]) == (number, 102)
            second = (await scim("GET", "/Groups", startIndex=103, **query)).json
            assert (second["totalResults"], second["itemsPerPage"]) == (number, number - 102)
            assert ids(first) + ids(second) == groups
            shown = [len(each.get("members", [])) for each in first["Resources"]]
            assert shown == sizes[:102]
            by_cursor = (await scim("GET", "/Groups", cursor="", **query)).json
            assert (by_cursor["totalResults"], by_cursor["itemsPerPage"]) == (number, 102)
            cursor = by_cursor["nextCursor"]
            rest = (await scim("GET", "/Groups", cursor=cursor, **query)).json
            assert "nextCursor" not in rest
            assert ids(by_cursor) + ids(rest) == groups
        backwards = {"sortBy": "displayName", "sortOrder": "descending"}
        page = (await scim("GET", "/Groups", **backwards)).json
        assert ids(page) == groups[: -page["itemsPerPage"] - 1 : -1]
        whole = (await scim("GET", "/Groups", excludedAttributes="members")).json
        assert whole["itemsPerPage"] == number
        assert (await scim("GET", "/Groups", count=1)).json["itemsPerPage"] == 1
        both = (await scim("GET", "/", startIndex=201)).json
        assert (both["totalResults"], both["itemsPerPage"]) == (200 + number, 102)
