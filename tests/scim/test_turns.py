"""Large requests are worked on one at a time, and nobody's keep those of others from their turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from clock import SettableClock
from crowd import crowd
from orgplane_server.app.build import build
from orgplane_server.domain.errors import Unavailable
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.fairness import Party
from orgplane_server.scim.turns import AT_ONCE, Turn, Turns
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.scim_listing import MOST_AT_ONCE
from provisioning import MAX_REQUEST_BYTES, administration


async def settled() -> None:
    """Whoever can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_turns_go_round_among_those_who_wait() -> None:
    turns, order = Turns(), list[str]()

    async def work(whose: str) -> None:
        turn = Turn(turns)
        await turn.take(Party(whose[0]))
        await turn.take(Party(whose[0]))  # which it has
        order.append(whose)
        await settled()
        assert order[-1] == whose, "nobody else had a turn meanwhile"
        turn.give_back()
        turn.give_back()

    await asyncio.gather(*map(work, ("a1", "a2", "a3", "a4", "b1", "b2", "c1")))
    assert order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_who_has_waited_too_long_is_sent_away_and_who_left_is_passed_over() -> None:
    hasty = Turns(patience=0)
    held = Turn(hasty)
    await held.take(Party("a"))
    with pytest.raises(Unavailable):
        await Turn(hasty).take(Party("b"))
    held.leave()
    later = asyncio.get_running_loop().time() + 60
    patient = Turns()
    await patient.take(Party("a"), later)
    waiting = [asyncio.create_task(patient.take(Party(whose), later)) for whose in ("b", "c", "d")]
    await settled()
    waiting[0].cancel()
    await settled()
    patient.give()
    waiting[1].cancel()  # just when it got its turn
    await settled()
    assert [task.cancelled() for task in waiting] == [True, True, False]
    assert waiting[2].done()


async def test_of_one_few_are_inside_until_they_leave() -> None:
    turns = Turns(at_once=2)
    sending = [Turn(turns), Turn(turns)]
    for turn in sending:
        await turn.take(Party("a"))
        turn.give_back()
    third, other = Turn(turns), Turn(turns)
    waiting = asyncio.create_task(third.take(Party("a")))
    await other.take(Party("b"))
    other.leave()
    await settled()
    assert not waiting.done()
    sending[0].leave()
    sending[0].leave()
    await waiting
    third.leave()
    sending[1].leave()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_long_lists_that_nobody_takes_are_made_a_few_at_a_time(
    database: Database,
    clock: SettableClock,
    issued: tuple[ScimConfiguration, str],
    globex: Founded,
) -> None:
    """Whoever opens hundreds and reads none has a few in memory, and others get theirs."""
    _, others = await administration(database, clock, globex).create()
    configuration, token = issued
    await crowd(database, configuration, clock, MOST_AT_ONCE + 1)
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=MAX_REQUEST_BYTES,
        request_timeout=30,
    )
    begun, read = asyncio.Semaphore(0), asyncio.Event()

    async def list_users(token: str, taken: asyncio.Event | None) -> None:
        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 200
                begun.release()
            elif taken is not None:
                await taken.wait()

        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/scim/v2/Users",
            "query_string": b"",
            "headers": [(b"authorization", b"Bearer " + token.encode()), (b"host", b"x")],
            "client": ("127.0.0.1", 4000),
        }
        await server.front(scope, receive, send)

    asking = [asyncio.create_task(list_users(token, read))]
    await begun.acquire()  # by then the token is known
    asking += [asyncio.create_task(list_users(token, read)) for _ in range(AT_ONCE)]
    for _ in range(AT_ONCE - 1):
        await begun.acquire()
    await list_users(others, None)
    await begun.acquire()
    await settled()
    assert begun.locked(), "one more list was made while none was taken"
    read.set()
    await asyncio.gather(*asking)
    await server.aclose()
