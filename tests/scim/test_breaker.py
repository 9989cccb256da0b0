"""A provider removes only so many people at once before an administrator is asked."""

from __future__ import annotations

from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import FailedPrecondition
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.scim_breaker import BreakerState, ScimBreakers
from scim_client import Scim, user

#: Of so many a fifth would be less than the ten who always may go.
PEOPLE = 26
OFF = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
ON = {"Operations": [{"op": "replace", "path": "active", "value": True}]}


class Keeper:
    def __init__(self, use_case: ScimBreakers, owner: Founded, configuration: Any) -> None:
        self._use_case, self._whose = use_case, (owner.caller, configuration.id)

    async def set(self, percent: int | None) -> BreakerState:
        return await self._use_case.update(*self._whose, percent)

    async def state(self) -> BreakerState:
        return await self._use_case.get(*self._whose)

    async def resume(self) -> int:
        return await self._use_case.resume(*self._whose)

    async def discard(self) -> int:
        return await self._use_case.discard(*self._whose)


@pytest.fixture
def keeper(
    database: Database, clock: SettableClock, acme: Founded, configuration: ScimConfiguration
) -> Keeper:
    return Keeper(ScimBreakers(database, clock), acme, configuration)


@pytest.fixture
async def ids(scim: Scim, keeper: Keeper) -> list[str]:
    await keeper.set(20)
    return [(await scim.create_user(f"user-{number}"))["id"] for number in range(PEOPLE)]


async def active(scim: Scim) -> int:
    answer = await scim("GET", "/Users", filter="active eq true", count=0)
    return int(answer.json["totalResults"])


async def test_whoever_deletes_everybody_is_paused_until_an_administrator_resumes_it(
    scim: Scim, keeper: Keeper, ids: list[str], database: Database, acme: Founded
) -> None:
    answers = [await scim("DELETE", f"/Users/{id}") for id in ids]
    assert [answer.status for answer in answers] == [204] * 10 + [429] * (PEOPLE - 10)
    assert answers[-1].error == (429, None)
    assert answers[-1].headers["retry-after"].isdigit()
    assert (await keeper.state()).waiting == PEOPLE - 10
    assert await active(scim) == PEOPLE - 10
    # All else goes on.
    new = await scim.create_user("new")
    left = ids[-1]
    renamed = {"Operations": [{"op": "replace", "path": "displayName", "value": "New"}]}
    assert (await scim("PATCH", f"/Users/{left}", renamed)).status == 200
    assert (await scim("GET", f"/Users/{left}")).json["active"] is True
    events = await database.read(
        lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 10_000)
    )
    assert sum("deprovisioning_paused_at" in event.changes for event in events) == 1
    assert await keeper.resume() == PEOPLE - 10
    assert [(await scim("GET", f"/Users/{id}")).status for id in ids] == [404] * PEOPLE
    assert (await keeper.state()).breaker.paused_at is None
    assert (await scim("DELETE", f"/Users/{new['id']}")).status == 204  # counted anew
    with pytest.raises(FailedPrecondition):
        await keeper.resume()


async def test_whoever_tries_again_as_okta_does_is_told_the_same_until_it_is_done(
    scim: Scim, keeper: Keeper, ids: list[str], clock: SettableClock
) -> None:
    async def deactivate(id: str, number: int) -> int:
        document = {**user(f"user-{number}"), "id": id, "active": False}
        return (await scim("PUT", f"/Users/{id}", document)).status

    told = [await deactivate(id, number) for number, id in enumerate(ids)]
    assert told == [200] * 10 + [429] * (PEOPLE - 10)
    clock.advance(hours=2)  # what is paused does not go by itself
    again = [await deactivate(id, number) for number, id in enumerate(ids)]
    assert again == told
    assert (await keeper.state()).waiting == PEOPLE - 10
    assert await keeper.resume() == PEOPLE - 10
    assert await active(scim) == 0
    assert [await deactivate(id, number) for number, id in enumerate(ids)] == [200] * PEOPLE


async def test_what_is_discarded_is_not_done_and_the_last_wish_counts(
    scim: Scim, keeper: Keeper, ids: list[str]
) -> None:
    operations = [
        {"method": "PATCH", "path": f"/Users/{id}", "data": OFF, "bulkId": id} for id in ids
    ]
    answer = await scim("POST", "/Bulk", {"Operations": operations})
    told = [operation["status"] for operation in answer.json["Operations"]]
    assert told == ["200"] * 10 + ["429"] * (PEOPLE - 10)
    back, gone = ids[-1], ids[-2]
    assert (await scim("PATCH", f"/Users/{back}", ON)).status == 200
    assert (await scim("DELETE", f"/Users/{gone}")).status == 429
    assert (await keeper.state()).waiting == PEOPLE - 11
    assert await keeper.discard() == PEOPLE - 11
    assert await active(scim) == PEOPLE - 10
    told = [(await scim("PATCH", f"/Users/{id}", OFF)).status for id in ids[10:]]
    assert told == [200] * 10 + [429] * (PEOPLE - 20)
    assert (await scim("PATCH", f"/Users/{back}", ON)).status == 200
    assert (await scim("DELETE", f"/Users/{gone}")).status == 429
    await keeper.resume()
    assert (await scim("GET", f"/Users/{gone}")).status == 404
    assert (await scim("GET", f"/Users/{back}")).json["active"] is True
    assert await active(scim) == 1


async def test_what_a_server_whose_clock_is_behind_was_asked_for_is_discarded_as_well(
    scim: Scim, keeper: Keeper, ids: list[str], clock: SettableClock
) -> None:
    told = [(await scim("PATCH", f"/Users/{id}", OFF)).status for id in ids[:11]]
    assert told == [200] * 10 + [429]
    clock.advance(seconds=-5)
    assert (await scim("PATCH", f"/Users/{ids[11]}", OFF)).status == 429
    assert (await scim("DELETE", f"/Users/{ids[12]}")).status == 429
    assert (await keeper.state()).waiting == 3
    assert await keeper.discard() == 3


async def test_as_many_as_the_share_go_within_an_hour_and_without_a_breaker_all(
    scim: Scim, keeper: Keeper, ids: list[str], clock: SettableClock
) -> None:
    await keeper.set(50)
    told = [(await scim("PATCH", f"/Users/{id}", OFF)).status for id in ids[:13]]
    assert told == [200] * 13
    clock.advance(hours=1)
    told = [(await scim("PATCH", f"/Users/{id}", OFF)).status for id in ids[13:23]]
    assert told == [200] * 10
    assert (await scim("PATCH", f"/Users/{ids[-1]}", OFF)).status == 429
    await keeper.discard()
    await keeper.set(None)
    for id in ids:
        assert (await scim("DELETE", f"/Users/{id}")).status == 204
