"""What only waits for the database is not done any more once its client has left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import MutableMapping
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.app.build import build
from orgplane_server.store.engine.database import Database
from provisioning import MAX_REQUEST_BYTES, Administration, serving
from scim_client import Scim

#: Jobs that keep all threads of the database busy.
MANY = 8
ANN = b'{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann"}'


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/Users", b""),
        ("POST", "/Users", ANN),
        ("POST", "/Users/.search", b"{}"),
        ("DELETE", "/Users/{bob}", b""),
    ],
)
async def test_it_is_dropped(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    method: str,
    path: str,
    body: bytes,
) -> None:
    _, token = await admin.create()
    async with serving(database, clock) as http:
        scim = Scim(http, token)
        bob = await scim.create_user("bob")
        server = build(
            database,
            bytes(32),
            clock=clock,
            max_request_bytes=MAX_REQUEST_BYTES,
            request_timeout=30,
        )
        free, busy = threading.Event(), list[asyncio.Task[Any]]()

        async def occupy() -> None:
            for work in (database.read, database.write):
                begun = threading.Event()

                def block(_: object, begun: threading.Event = begun) -> None:
                    begun.set()
                    free.wait(30)

                busy.extend(asyncio.create_task(work(block)) for _ in range(MANY))
                await asyncio.to_thread(begun.wait)

        parts, asked, sent = [body[:1], body[1:]], 0, list[Any]()

        async def receive() -> dict[str, Any]:
            """The body, if any, in two parts; then the client is still there, then not any more."""
            nonlocal asked
            if body and parts:
                part = parts.pop(0)
                if not parts:
                    await occupy()  # only now: whoever sends a body has been let in before
                return {"type": "http.request", "body": part, "more_body": bool(parts)}
            asked += 1
            if asked == 1:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        address = f"/scim/v2{path.format(bob=bob['id'])}"
        headers = {"authorization": f"Bearer {token}", "content-type": "application/scim+json"}
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": address,
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("192.0.2.1", 5),
            "server": ("127.0.0.1", 80),
        }
        if not body:
            await occupy()
        try:
            async with asyncio.timeout(25):
                await server.front(scope, receive, send)
        finally:
            free.set()
            await asyncio.gather(*busy)
            await server.aclose()
        assert sent[0]["status"] == 499
        assert [each["userName"] for each in await scim.users()] == ["bob"]
