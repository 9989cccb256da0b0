"""Turns go round among organizations, and within one of them among its credentials."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import pytest
from orgplane_server.fairness import FairQueue, Party


def waiting(*items: str) -> FairQueue[str]:
    """Of each item the first letter is its organization, the second its credential."""
    queue: FairQueue[str] = FairQueue()
    for item in items:
        queue.put(item, Party(item[0], item[1]))
    return queue


def all_of(queue: FairQueue[str]) -> list[str]:
    return [queue.take() for _ in range(len(queue))]


def test_organizations_take_turns_and_so_do_credentials_of_each() -> None:
    queue = waiting("ax1", "ax2", "ax3", "ay1", "bx1", "bx2", "cx1")
    assert all_of(queue) == ["ax1", "bx1", "cx1", "ay1", "bx2", "ax2", "ax3"]
    with pytest.raises(IndexError):
        queue.take()


def test_who_comes_late_is_served_after_one_of_each_who_waits() -> None:
    queue = waiting("ax1", "ax2", "ax3", "bx1", "bx2")
    assert queue.take() == "ax1"
    queue.put("cx1", Party("c", "x"))
    assert all_of(queue) == ["bx1", "ax2", "cx1", "bx2", "ax3"]


def test_many_credentials_win_an_organization_nothing() -> None:
    queue = waiting(*(f"a{credential}" for credential in "pqrst"), "bx1", "bx2")
    assert all_of(queue)[:4] == ["ap", "bx1", "aq", "bx2"]


def together(queue: FairQueue[str]) -> list[str]:
    """What is answered together, the first of which has begun."""
    first = queue.take()
    served: set[Hashable] = {first[0]}
    return [first, *iter(partial(queue.take_along, served), None)]


def test_who_is_alone_is_served_whole() -> None:
    queue = waiting("ax1", "ax2", "ax3", "ay1")
    assert together(queue) == ["ax1", "ay1", "ax2", "ax3"]
    assert queue.take_along({"a"}) is None


def test_who_has_little_to_do_does_not_wait_until_others_have_done_much() -> None:
    queue = waiting("ax1", "ax2", "ax3", "bx1")
    assert together(queue) == ["ax1", "bx1"]
    assert together(queue) == ["ax2", "ax3"]


def test_as_long_as_everybody_has_more_to_do_it_is_done_together() -> None:
    queue = waiting("ax1", "ax2", "ax3", "ax4", "bx1", "bx2", "bx3")
    assert together(queue) == ["ax1", "bx1", "ax2", "bx2", "ax3", "bx3"]


def test_of_those_with_one_thing_each_all_are_served_together() -> None:
    assert together(waiting("ax1", "bx1", "cx1", "dx1")) == ["ax1", "bx1", "cx1", "dx1"]


def test_who_comes_late_has_a_turn_in_what_has_begun_and_ends_it() -> None:
    queue = waiting("ax1", "ax2", "ax3", "ax4")
    served: set[Hashable] = {queue.take()[0]}
    queue.put("bx1", Party("b", "x"))
    assert [queue.take_along(served) for _ in range(3)] == ["ax2", "bx1", None]


def test_the_servers_own_work_ends_nothing() -> None:
    queue = waiting("ax1", "ax2", "ax3")
    queue.put("own", Party())
    assert together(queue) == ["ax1", "own", "ax2", "ax3"]
