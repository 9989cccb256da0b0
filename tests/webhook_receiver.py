"""Somebody else's server that webhooks are posted to: it keeps what comes, and answers as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

#: What to answer with: a status, or one with further header fields and a body.
Answer = int | tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def verified(self, secret: str) -> Any:
        """The event, as the Standard Webhooks library takes it. Raises its WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`answer` decides what each post gets; `posts` are all there were, in order of their coming."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[Post], Answer | Awaitable[Answer]] = lambda _: 204
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        return [post.headers["webhook-id"] for post in self.posts]

    def types(self) -> list[str]:
        """What came, as `USER UPDATE`."""
        return [
            f"{post.event['resourceType'].removeprefix('RESOURCE_TYPE_')} "
            f"{post.event['operation'].removeprefix('RESOURCE_OPERATION_')}"
            for post in self.posts
        ]

    async def until(self, met: Callable[[], bool], seconds: float = 20) -> None:
        """Waits for posts to come until it is so."""
        async with asyncio.timeout(seconds), self.came:
            await self.came.wait_for(met)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                post = Post(first.split()[1], headers, body)
                async with self.came:
                    self.posts.append(post)
                    self.came.notify_all()
                given = self.answer(post)
                answer = await given if isinstance(given, Awaitable) else given
                status, fields, content = (answer, {}, b"") if isinstance(answer, int) else answer
                told = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
                writer.write(
                    f"HTTP/1.1 {status} so\r\ncontent-length: {len(content)}\r\n{told}\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await receiver._serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1000)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
