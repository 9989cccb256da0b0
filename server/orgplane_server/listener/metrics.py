"""`GET /metrics`, served by the command itself on an address of its own, without a token."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from ..telemetry.families import WORKER_STARTS, WORKER_UP
from ..telemetry.numbers import Numbers, add
from . import exposition
from .envoy import ListenerError
from .tally import Tally
from .worker import Worker

_PATH = "/metrics"
#: A head is smaller and comes sooner, and so many at once are more than anybody needs.
_MOST_BYTES, _SECONDS, _AT_ONCE = 16 * 1024, 10.0, 16


class Metrics:
    """What all workers count, added up, and what can be seen of them from here."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers
        self._tallies = [Tally() for _ in workers]
        self._asking = asyncio.Lock()

    async def text(self, accept: str) -> tuple[str, bytes]:
        """The content type, of those that whoever asks accepts, and the text."""
        async with self._asking:
            collected = await self._collected()
        registry = CollectorRegistry()
        registry.register(_Collected(collected))
        encode, content_type = choose_encoder(accept)
        return content_type, encode(registry)

    async def _collected(self) -> list[Metric]:
        answers = await asyncio.gather(
            *(
                tally.ask(worker.lifeline, everything=False)
                for tally, worker in zip(self._tallies, self._workers, strict=True)
            )
        )
        numbers: Numbers = {}
        for worker, (told, answered) in zip(self._workers, answers, strict=True):
            add(numbers, told)
            numbers[WORKER_UP, (str(worker.number),)] = [answered]
            numbers[WORKER_STARTS, (str(worker.number),)] = [worker.starts]
        pids = [(str(each.number), each.pid) for each in self._workers]
        running = [(name, pid) for name, pid in pids if pid is not None]
        return [*exposition.families(numbers), *exposition.processes(running)]


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


@contextlib.asynccontextmanager
async def served(metrics: Metrics, host: str, port: int) -> AsyncIterator[str]:
    """The URL where they are served. Raises ListenerError if nothing can be there."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, TimeoutError):
            async with turns, asyncio.timeout(_SECONDS):
                await _answer(metrics, reader, writer)

    try:
        server = await asyncio.start_server(connected, host, port, limit=_MOST_BYTES)
    except OSError as error:
        raise ListenerError(
            f"cannot serve metrics on {host}:{port} (--metrics-listen): {error.strerror}"
        ) from None
    try:
        bound = server.sockets[0].getsockname()[1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}{_PATH}"
    finally:
        server.close()  # who is in the midst of asking is not waited for


async def _answer(
    metrics: Metrics, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One request, and the end of the connection (HTTP/1.1, RFC 9112)."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *headers = head.split("\r\n")
        method, target, _ = line.split(" ")
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await _respond(writer, HTTPStatus.BAD_REQUEST)
        return
    if target.partition("?")[0] != _PATH:
        await _respond(writer, HTTPStatus.NOT_FOUND)
    elif method not in ("GET", "HEAD"):
        await _respond(writer, HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "GET, HEAD"})
    else:
        content_type, body = await metrics.text(_value("accept", headers))
        told = {"content-type": content_type, "content-length": str(len(body))}
        await _respond(writer, HTTPStatus.OK, told, b"" if method == "HEAD" else body)


async def _respond(
    writer: asyncio.StreamWriter,
    status: HTTPStatus,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> None:
    text = f"{status.phrase}\n".encode()
    plain = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text))}
    lines = [f"HTTP/1.1 {status} {status.phrase}", "connection: close"]
    lines += (f"{name}: {value}" for name, value in (plain | (headers or {})).items())
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (text if body is None else body))
    await writer.drain()


def _value(name: str, headers: Iterable[str]) -> str:
    for each in headers:
        key, _, value = each.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return ""
