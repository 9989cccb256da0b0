"""Large requests are worked on one at a time, and nobody's keep those of others from their turn."""

from __future__ import annotations

import asyncio

import pytest
from orgplane_server.domain.errors import Unavailable
from orgplane_server.scim.turns import Turn, Turns


async def settled() -> None:
    """Whoever can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_turns_go_round_among_those_who_wait() -> None:
    turns, order = Turns(), list[str]()

    async def work(whose: str) -> None:
        turn = Turn(turns)
        await turn.take(whose[0])
        await turn.take(whose[0])  # which it has
        order.append(whose)
        await settled()
        assert order[-1] == whose, "nobody else had a turn meanwhile"
        turn.give_back()
        turn.give_back()

    await asyncio.gather(*map(work, ("a1", "a2", "a3", "a4", "b1", "b2", "c1")))
    assert order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_who_has_waited_too_long_is_sent_away_and_who_left_is_passed_over() -> None:
    turns = Turns(patience=0)
    await turns.take("a")
    with pytest.raises(Unavailable):
        await turns.take("b")
    patient = Turns()
    await patient.take("a")
    waiting = [asyncio.create_task(patient.take(whose)) for whose in ("b", "c", "d")]
    await settled()
    waiting[0].cancel()
    await settled()
    patient.give()
    waiting[1].cancel()  # just when it got its turn
    await settled()
    assert [task.cancelled() for task in waiting] == [True, True, False]
    assert waiting[2].done()
