from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from orgplane_server.app.arrival import Arrivals, Beginnings, still_wanted
from orgplane_server.web.responses import Message, Receive


class Ended(Exception):
    pass


def receiving(*parts: Message) -> Receive:
    """One part after another, and then nothing for ever."""
    coming = iter(parts)

    async def receive() -> Message:
        if (part := next(coming, None)) is None:
            await asyncio.Event().wait()
            raise AssertionError
        return part

    return receive


HALF = {"type": "http.request", "body": b"{", "more_body": True}
REST = {"type": "http.request", "body": b"}"}


async def waiting(receive: Receive) -> asyncio.Task[Message]:
    """A task that waits for what comes next."""

    async def next_part() -> Message:
        return await receive()

    task = asyncio.create_task(next_part())
    await asyncio.sleep(0)
    return task


async def test_who_waits_for_more_is_told_that_it_has_ended_and_so_is_who_asks_later() -> None:
    arrivals = Arrivals(Ended)
    receive, later = arrivals.of(receiving(HALF)), arrivals.of(receiving(HALF))
    assert await receive() == HALF
    assert await later() == HALF
    task = await waiting(receive)
    arrivals.end()
    with pytest.raises(Ended):
        await task
    for each in (later, arrivals.of(receiving(REST))):
        with pytest.raises(Ended):
            await each()


async def test_who_has_the_whole_request_still_waits_for_the_client_to_go() -> None:
    arrivals = Arrivals(Ended)
    receive = arrivals.of(receiving(HALF, REST, {"type": "http.disconnect"}))
    assert [await receive(), await receive()] == [HALF, REST]
    arrivals.end()
    assert await receive() == {"type": "http.disconnect"}


async def test_a_cancelled_task_is_cancelled_also_when_it_has_ended() -> None:
    arrivals = Arrivals(Ended)
    task = await waiting(arrivals.of(receiving()))
    task.cancel()
    arrivals.end()
    with pytest.raises(asyncio.CancelledError):
        await task


class Told:
    """What a listener that knows the next message already gives: an awaitable that is no future."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __await__(self) -> Generator[None, None, Message]:
        yield from ()
        return self._message


async def test_a_request_that_was_given_up_before_its_turn_is_wanted_no_more() -> None:
    assert await still_wanted(lambda: Told({"type": "http.disconnect"})) is None


async def test_any_other_is_told_all_that_came() -> None:
    coming = iter([REST, {"type": "http.disconnect"}])
    receive = await still_wanted(lambda: Told(next(coming)))
    assert receive is not None
    assert [await receive(), await receive()] == [REST, {"type": "http.disconnect"}]


async def test_nobody_waits_for_a_body_to_know_whether_it_is_wanted() -> None:
    body: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    receive = await still_wanted(lambda: body)
    assert receive is not None
    body.set_result(HALF)
    assert await receive() == HALF


async def test_a_burst_from_where_requests_were_given_up_lets_others_in_between() -> None:
    beginnings, begun = Beginnings(), list[str]()

    async def request(name: str, address: str, port: int) -> None:
        await beginnings.turn((address, port))
        begun.append(name)

    async def burst() -> str:
        begun.clear()
        calls = [("a", "::1", 1)] * 3 + [("b", "::1", 2)] * 3 + [("c", "::2", 1)] * 3
        await asyncio.gather(*(request(*call) for call in calls))
        return "".join(begun)

    assert await burst() == "aaabbbccc"
    beginnings.gave_up(("::1", 3))
    assert await burst() == "abcccabab"
    assert await burst() == "abcccabab", "the second time nothing is left of the first"
