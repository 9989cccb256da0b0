"""The bodies in memory: bounded in sum and for each address, whichever door they come to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.app.bodies import Bodies, Body
from orgplane_server.app.build import build
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.web.responses import Message, Receive
from provisioning import administration
from pyqwest import Client
from pyqwest.testing import ASGITransport

PIECE = bytes(10)
PLAIN: dict[str, Any] = {"headers": []}
PACKED: dict[str, Any] = {"headers": [(b"content-encoding", b"gzip")]}


def pieces(*, more: bool = True) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": PIECE, "more_body": more}

    return receive


async def waits(receive: Receive) -> asyncio.Task[Message]:
    """A task that asks for the next piece, and has not got it."""
    task = asyncio.ensure_future(receive())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_a_body_waits_for_room_until_another_request_is_over() -> None:
    bodies = Bodies(most=25, of_address=25)
    first, second = (bodies.body(f"192.0.2.{n}:1", PLAIN, 0) for n in (1, 2))
    one, two = (each.metered(pieces()) for each in (first, second))
    await one()
    await two()
    waiting = await waits(two)
    for _ in range(3):  # the eldest goes on whatever there is, or nobody would ever
        await one()
    first.free()
    first.free()
    assert (await waiting)["body"] == PIECE
    second.free()


async def test_who_left_while_the_last_of_a_body_waited_for_room_is_told_of() -> None:
    bodies = Bodies(most=15, of_address=15)
    first = bodies.body("192.0.2.1:1", PLAIN, 0)
    await first.metered(pieces())()
    coming = iter([{"type": "http.request", "body": PIECE}, {"type": "http.disconnect"}])

    async def receive() -> Message:
        return next(coming)

    waiting = await waits(bodies.body("192.0.2.2:1", PLAIN, 0).metered(receive))
    first.free()
    assert await waiting == {"type": "http.disconnect"}


async def test_an_address_has_a_part_and_keeps_nobody_else_from_theirs() -> None:
    bodies = Bodies(most=100, of_address=15)
    made = [bodies.body(f"[2001:db8::{n}]:1", PLAIN, 0) for n in (1, 2)]
    one, two = (each.metered(pieces()) for each in made)
    await one()
    waiting = await waits(two)
    elsewhere = bodies.body("192.0.2.1:1", PLAIN, 0).metered(pieces())
    assert (await elsewhere())["body"] == PIECE
    made[0].free()  # as when its client went away in the middle
    await waiting


async def test_what_may_be_unpacked_counts_before_it_is() -> None:
    bodies = Bodies(most=50, of_address=50)
    eldest = bodies.body("192.0.2.1:1", PLAIN, 0)
    await eldest.metered(pieces())()
    waiting = await waits(bodies.body("192.0.2.2:1", PACKED, 40).metered(pieces()))
    eldest.free()
    await waiting


async def test_who_has_all_of_a_body_is_not_the_eldest_of_those_that_come_in() -> None:
    bodies = Bodies(most=15, of_address=15)
    await bodies.body("192.0.2.1:1", PLAIN, 0).metered(pieces(more=False))()
    coming = bodies.body("192.0.2.2:1", PLAIN, 0).metered(pieces())
    for _ in range(3):
        await coming()


@pytest.fixture
async def full(database: Database, clock: SettableClock) -> AsyncIterator[Client]:
    """A server in which half an upload takes all the room there is."""
    bodies = Bodies(most=10, of_address=10, patience=0)
    holding: Body = bodies.body("192.0.2.1:1", PLAIN, 0)
    await holding.metered(pieces())()
    limits: dict[str, Any] = {"max_request_bytes": 1024 * 1024, "request_timeout": 30}
    server = build(database, bytes(32), clock=clock, bodies=bodies, **limits)
    yield Client(ASGITransport(server.front))
    await server.aclose()


async def test_each_door_says_when_to_try_again(
    full: Client, database: Database, clock: SettableClock, acme: Founded
) -> None:
    """Clients of both try again after these answers by themselves."""
    _, scim_token = await administration(database, clock, acme).create()
    url = "http://orgplane.test"
    headers = {"authorization": f"Bearer {scim_token}", "content-type": "application/scim+json"}
    answer = await full.post(f"{url}/scim/v2/Users", headers=headers, content=b"{}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["detail"].startswith("the server has no room")
    headers = {
        "authorization": f"Bearer {acme.token.reveal()}",
        "content-type": "application/json",
    }
    path = "/gitpod.v1.UserService/GetAuthenticatedUser"
    answer = await full.post(f"{url}{path}", headers=headers, content=b"{}")
    assert answer.json()["code"] == "unavailable"
    kinds = {detail["type"] for detail in answer.json()["details"]}
    assert kinds == {"google.rpc.ErrorInfo", "google.rpc.RetryInfo"}
