"""`GET /metrics`, served by the command itself on an address of its own, without a token."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import platform
from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus
from importlib import metadata
from typing import TYPE_CHECKING

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from ..telemetry.families import (
    BUILD,
    CERTIFICATE,
    CONNECTIONS,
    FAMILIES,
    WORKER_STARTS,
    WORKER_UP,
)
from ..telemetry.numbers import Exemplars, Numbers, add
from . import exposition
from .envoy import ListenerError
from .tally import Tally
from .worker import Worker

if TYPE_CHECKING:  # and with it cryptography, which only TLS needs
    from .certificates import Certificates

_PATH = "/metrics"
#: Seconds until what is in the database is asked for anew, and in which a worker's listener answers.
_STORED_SECONDS, _WORKER_SECONDS = 15.0, 2.0
#: A head is smaller and comes sooner, and so many at once are more than anybody needs.
_MOST_BYTES, _SECONDS, _AT_ONCE = 16 * 1024, 10.0, 16


class Metrics:
    """What all workers count, added up, and what can be seen of them from here."""

    def __init__(self, workers: Sequence[Worker], certificates: Certificates | None) -> None:
        self._workers = workers
        self._certificates = certificates
        self._tallies = [Tally() for _ in workers]
        self._asking = asyncio.Lock()
        self._stored: Numbers = {}
        self._stored_due = 0.0
        self._turns = itertools.cycle(range(len(workers)))

    async def text(self, accept: str) -> tuple[str, bytes]:
        """The content type, of those that whoever asks accepts, and the text."""
        async with self._asking:
            collected = await self._collected()
        registry = CollectorRegistry()
        registry.register(_Collected(collected))
        encode, content_type = choose_encoder(accept)
        return content_type, encode(registry)

    async def _collected(self) -> list[Metric]:
        numbers, answering = await self._counted()
        numbers[BUILD, (metadata.version("orgplane-server"), platform.python_version())] = [1]
        if self._certificates is not None:
            numbers[CERTIFICATE, ()] = [self._certificates.ends_at.timestamp()]
        open_ones = await asyncio.gather(*(_connections(worker) for worker in self._workers))
        exemplars: Exemplars = {}
        for tally in self._tallies:
            exemplars |= tally.exemplars
        running = []
        for worker, answers, connections in zip(self._workers, answering, open_ones, strict=True):
            name = str(worker.number)
            numbers[WORKER_UP, (name,)] = [answers]
            numbers[WORKER_STARTS, (name,)] = [worker.starts]
            if connections is not None:
                numbers[CONNECTIONS, (name,)] = [connections]
            if worker.pid is not None:
                running.append((name, worker.pid))
        return [*exposition.families(numbers, exemplars), *exposition.processes(running)]

    async def _counted(self) -> tuple[Numbers, list[bool]]:
        """What the workers tell, and which of them do; one at a time is asked for what is stored, now and then."""
        now = asyncio.get_running_loop().time()
        due = next(self._turns) if now >= self._stored_due else None
        answers = await asyncio.gather(
            *(
                tally.ask(worker.lifeline, everything=worker.number == due)
                for tally, worker in zip(self._tallies, self._workers, strict=True)
            )
        )
        numbers: Numbers = {}
        for told, _ in answers:
            add(numbers, told)
        if due is not None:
            self._stored = {key: numbers[key] for key in numbers if FAMILIES[key[0]].stored}
            self._stored_due = now + _STORED_SECONDS if self._stored else now
        return numbers | self._stored, [answered for _, answered in answers]


async def _connections(worker: Worker) -> int | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_WORKER_SECONDS):
            return await worker.connections()
    return None


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
