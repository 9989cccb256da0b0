"""Turns go round among organizations, and within one of them among its credentials."""

from __future__ import annotations

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


def test_who_is_alone_is_served_whole_and_who_is_not_a_little_at_a_time() -> None:
    alone = waiting("ax1", "ax2", "ax3", "ay1")
    assert alone.take_together(3, beside=1) == ["ax1", "ay1", "ax2"]
    assert alone.take_together(3, beside=1) == ["ax3"]
    assert alone.take_together(3, beside=1) == []
    several = waiting("ax1", "ax2", "ax3", "bx1")
    assert several.take_together(9, beside=2) == ["ax1", "bx1", "ax2"]
    assert several.take_together(9, beside=2) == ["ax3"]
    assert waiting("ax1", "bx1", "cx1").take_together(2, beside=2) == ["ax1", "bx1"]
