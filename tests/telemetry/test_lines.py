"""Log lines wait for company, but not when something is wrong, and never get torn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from orgplane_server.telemetry.lines import Lines


@pytest.fixture
def ends() -> Iterator[tuple[Lines, socket.socket]]:
    """Lines, and what they are written to, which keeps one write from another."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.setblocking(False)
        yield Lines(theirs.fileno()), ours


def nothing(ours: socket.socket) -> bool:
    try:
        return not ours.recv(65536)
    except BlockingIOError:
        return True


async def test_lines_of_a_moment_are_written_together(ends: tuple[Lines, socket.socket]) -> None:
    lines, ours = ends
    lines.info("one")
    lines.info("two")
    assert nothing(ours)
    assert await asyncio.get_running_loop().sock_recv(ours, 65536) == b"one\ntwo\n"
    lines.info("three")
    assert await asyncio.get_running_loop().sock_recv(ours, 65536) == b"three\n"


async def test_a_warning_is_written_at_once_and_what_came_before_too(
    ends: tuple[Lines, socket.socket],
) -> None:
    lines, ours = ends
    lines.info("before")
    lines.error("wrong")
    assert ours.recv(65536) == b"before\nwrong\n"
    lines.write("a library's\n")
    assert ours.recv(65536) == b"a library's\n"


def test_without_an_event_loop_lines_are_written_at_once(
    ends: tuple[Lines, socket.socket],
) -> None:
    lines, ours = ends
    lines.info("one")
    assert ours.recv(65536) == b"one\n"


async def test_a_write_holds_whole_lines_and_no_more_than_stay_together(
    ends: tuple[Lines, socket.socket],
) -> None:
    lines, ours = ends
    said = [f"{number} " + "x" * (150 * number) for number in range(40)]  # the last ones are longer
    for each in said:
        lines.info(each)
    lines.drain()
    seen = []
    while not seen or len(b"".join(seen)) < sum(len(each) + 1 for each in said):
        seen.append(ours.recv(65536))
    assert b"".join(seen).decode().splitlines() == said
    for written in seen:
        assert written.endswith(b"\n")
        assert len(written) <= 4096 or written.count(b"\n") == 1


async def test_a_log_that_nobody_reads_any_more_stops_nothing(
    ends: tuple[Lines, socket.socket],
) -> None:
    lines, ours = ends
    ours.close()
    lines.info("one")
    lines.error("two")
