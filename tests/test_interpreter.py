"""Threads keep each other waiting for a short time only while there is long work; as long as Python has it else."""

from __future__ import annotations

import sys

from orgplane_server import interpreter
from orgplane_server.fairness import Party
from orgplane_server.scim.turns import Turn, Turns
from orgplane_server.store.engine.database import Connection, Database


def interval(_: object = None) -> float:
    return sys.getswitchinterval()


async def test_the_interval_is_short_while_anybody_has_long_work() -> None:
    usual = interval()
    with interpreter.long_work():
        short = await interpreter.in_thread(interval)
        assert interval() == short < usual, "there is other work still"
    assert await interpreter.in_thread(interval) == short
    turn = Turn(Turns())
    await turn.take(Party("a"))
    assert interval() == short
    turn.give_back()
    turn.give_back()
    assert interval() == usual


async def test_queries_that_may_take_long_are_long_work(database: Database) -> None:
    def query(connection: Connection) -> float:
        return interval()

    assert await database.read(query, long=True) < await database.read(query) == interval()
