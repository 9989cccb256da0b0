"""What webhooks do: deliveries a second, how late they are, and what callers of the API notice.

    PYTHONPATH=tests python bench/webhooks.py [--endpoints 50] [--per-second 1000] [--seconds 20] [--rounds 3] [--url postgresql://...]

One organization has endpoints that answer after 10 ms, and so many changes a second as make the deliveries. By turns there are no endpoints,
those, and those with one more that never answers. Server, receivers and driver share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import orgplane
import uvloop
from processes import create_organization
from servers import cpu_seconds, serving

ANSWER_SECONDS = 0.01
#: Things that change: as many events of different ones may be on their way at a time.
SUBJECTS = 60
#: Calls a second of whom the API's p99 is told.
CALLS = 40
PHASES = ("none", "answering", "and one that never answers")


class _Receiving(asyncio.Protocol):
    """As little of HTTP as is sent here: each request whole, with a content length."""

    def __init__(self, seen: list[float]) -> None:
        self._seen = seen
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self._read) < end + 4 + length:
                return
            body, self._read = (
                self._read[end + 4 : end + 4 + length],
                self._read[end + 4 + length :],
            )
            if b" /never" in head[:40]:
                continue
            at = body.split(b'"occurredAt":')[1].split(b'"')[1].decode()
            self._seen.append(time.time() - datetime.fromisoformat(at).timestamp())
            asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")  # type: ignore[attr-defined]


async def receive() -> None:
    """Tells its port, and for each line on stdin how late what came since was, in seconds."""
    seen: list[float] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Receiving(seen), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(seen), flush=True)
        seen.clear()


@contextlib.contextmanager
def receiver() -> AsyncIterator[tuple[int, IO[str], IO[str]]]:  # type: ignore[misc]
    process = subprocess.Popen(
        [sys.executable, __file__, "--receive"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.stdin, process.stdout
    finally:
        process.stdin.close()
        process.wait()


@dataclass
class Phase:
    """Seconds, of deliveries and of calls; and what was done."""

    late: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    changes: int = 0


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


async def paced(rate: float, seconds: float, work: object) -> None:
    """Starts so much a second, whether or not what began before is done."""
    begun, tasks = time.perf_counter(), set()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(begun + number / rate - time.perf_counter())
        tasks.add(asyncio.create_task(work(number)))  # type: ignore[operator]
    await asyncio.gather(*tasks)


async def phase(
    client: orgplane.AsyncClient,
    caller: orgplane.AsyncClient,
    subjects: list[str],
    found: Phase,
    rate: float,
    seconds: float,
    pid: int,
) -> None:
    async def change(number: int) -> None:
        await client.service_accounts.update(
            service_account_id=subjects[number % len(subjects)], description=str(random.random())
        )
        found.changes += 1

    async def call(_: int) -> None:
        begun = time.perf_counter()
        await caller.identity.get_authenticated_identity()
        found.calls.append(time.perf_counter() - begun)

    begun, cpu = time.perf_counter(), cpu_seconds(pid)
    await asyncio.gather(paced(rate, seconds, change), paced(CALLS, seconds, call))
    found.seconds += time.perf_counter() - begun
    found.cpu += cpu_seconds(pid) - cpu


async def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Phase]:
    found = {name: Phase() for name in PHASES}
    url = arguments.url or f"sqlite:///{folder}/orgplane.db"
    of_changes, of_calls = (create_organization(url, name) for name in ("Acme", "Globex"))
    command = [sys.executable, "-m", "orgplane_server", "serve", "--listen", "127.0.0.1:0"]
    command += ["--database-url", url, "--webhook-allowed-hosts", "127.0.0.1"]
    command += ["--requests-per-second", "0", "--workers", str(arguments.workers)]
    command += ["--secret-key-file", f"{folder}/key"]
    with (
        receiver() as (port, ask, told),
        serving(command, folder / "server.log") as server,
    ):
        async with (
            orgplane.AsyncClient(url=server.url, token=of_changes.token) as client,
            orgplane.AsyncClient(url=server.url, token=of_calls.token) as caller,
        ):
            subjects = [
                (
                    await client.service_accounts.create(
                        name=f"s{number}", valid_until=datetime.now(UTC) + timedelta(days=1)
                    )
                ).service_account.id
                for number in range(SUBJECTS)
            ]
            rate = arguments.per_second / arguments.endpoints
            await phase(client, caller, subjects, Phase(), rate, 3, server.pid)  # warms up
            for _ in range(arguments.rounds):
                for name in PHASES:
                    paths = [] if name == "none" else [*map(str, range(arguments.endpoints))]
                    if name == PHASES[2]:
                        paths.append("never")
                        paths.pop(0)
                    hooks = [
                        (
                            await client.webhook_endpoints.create(
                                url=f"http://127.0.0.1:{port}/{path}",
                                event_types=["service_account.update"],
                            )
                        ).webhook_endpoint.id
                        for path in paths
                    ]
                    if hooks:  # the first ones open connections
                        await phase(client, caller, subjects, Phase(), rate, 3, server.pid)
                        await asyncio.sleep(1)
                    _said(ask, told)
                    seconds = arguments.seconds
                    one = found[name]
                    await phase(client, caller, subjects, one, rate, seconds, server.pid)
                    await asyncio.sleep(1 if hooks else 0)
                    one.late += _said(ask, told)
                    for hook in hooks:
                        await client.webhook_endpoints.delete(webhook_endpoint_id=hook)
    return found


def _said(ask: IO[str], told: IO[str]) -> list[float]:
    ask.write("\n")
    ask.flush()
    said: list[float] = json.loads(told.readline())
    return said


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--per-second", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--url", default="", help="of an empty database; SQLite in a folder of its own by default"
    )
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.receive:
        uvloop.run(receive())
        return
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder:
        found = uvloop.run(measure(arguments, Path(folder)))
    for name, one in found.items():
        late = [1000 * percentile(one.late, part) for part in (0.5, 0.99)]
        calls = [1000 * percentile(one.calls, part) for part in (0.5, 0.99)]
        print(
            f"{name}: {len(one.late) / one.seconds:.0f} deliveries/s of {one.changes / one.seconds:.1f} changes/s, "
            f"p50 {late[0]:.1f} ms, p99 {late[1]:.1f} ms; calls p50 {calls[0]:.1f} ms, p99 {calls[1]:.1f} ms; "
            f"server {one.cpu / one.seconds:.2f} CPUs"
        )


if __name__ == "__main__":
    main()
