"""What one caller notices of others on the same server, and what its memory is beside them.

The caller asks for the organization, one call after the other: alone, beside four connections that open streams over
HTTP/2 and give them up, in one piece and a moment later, beside sixteen who do as the caller does, and beside sixteen
who send the heaviest bodies that are under the limits, without a token and with one. All of these have the lowest
priority for a processor, as they would be on other machines.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import bars
import given_up
import heavy
import load
import servers
import subjects
from build import BENCH
from load import Target
from operations import ORGANIZATION, SCIM, Operation
from results import Results

CALLERS = 16
CONNECTIONS = 4
#: As many as the largest body names.
_USERS = 21_000
_ROUNDS = 2
_PHASES = 7
_PROTOCOL = "connect-proto"
#: Seconds of a phase, and how long a crowd is at it before anything is measured.
_SHORTEST, _LONGEST, _BEGUN = 1.0, 10.0, 1.0
#: What a round, and a phase, take beyond the seconds that are measured: the server's start and end; the crowd's.
_AROUND_ROUND, _AROUND_PHASE = 10.0, 3.0


def measure(folder: Path, until: float, found: Results) -> None:
    """Rounds, each with a server of its own, while there is time until that moment of `time.monotonic`; at least one."""
    url = f"sqlite:///{folder}/beside.db"
    there = subjects.seeded(url, folder, 100, _USERS, 100)
    made = list(heavy.requests(there))
    tokens = {SCIM: there.scim_token, "rpc": there.token}
    room = (until - time.monotonic()) / _ROUNDS - _AROUND_ROUND
    seconds = max(_SHORTEST, min(_LONGEST, room / _PHASES - _AROUND_PHASE))
    took = 0.0
    for number in range(_ROUNDS):
        begun = time.monotonic()
        if number and begun + took > until:
            break
        with subjects.orgplane(url, folder, "beside") as server:
            caller = _Caller(Target(server, there), seconds, found)
            with caller.memory() as before:
                caller.phase(bars.ALONE)
            # Before heavy bodies, which leave the server larger by what it may hold of them.
            for where, apart in ((bars.GIVEN_UP, 0.0), (bars.APART, given_up.APART)):
                with (
                    caller.memory() as during,
                    _crowd("given_up.py", server.url, CONNECTIONS, apart) as crowd,
                ):
                    caller.phase(where, crowd)
                found.note(bars.MEMORY.format(where=where), max(during) / max(before))
            with caller.memory() as after:
                caller.phase(bars.AFTER)
            found.note(bars.MEMORY.format(where=bars.AFTER), after[-1] / max(before))
            with same(caller.target, ORGANIZATION, _PROTOCOL, CALLERS, seconds) as crowd:
                caller.phase(bars.EQUALS, crowd)
            with (
                caller.memory() as during,
                heaviest(server.url, heavy.dumped(made, {})) as crowd,
            ):
                caller.phase(bars.STRANGERS, crowd)
            found.note(bars.MEMORY.format(where=bars.STRANGERS), max(during) / max(before))
            # Last, since the server is still at it when the crowd is gone.
            with heaviest(server.url, heavy.dumped(made, tokens)) as crowd:
                caller.phase(bars.HEAVY, crowd)
        equals = found.figures[bars.P99.format(where=bars.EQUALS)][-1]
        for where in (bars.STRANGERS, bars.HEAVY):
            p99 = found.figures[bars.P99.format(where=where)][-1]
            found.note(bars.TIMES.format(where=where), p99 / equals)
        took = time.monotonic() - begun


class _Caller:
    """Whoever asks for the organization."""

    def __init__(self, target: Target, seconds: float, found: Results) -> None:
        self.target = target
        self._seconds = seconds
        self._found = found

    def phase(self, where: str, crowd: subprocess.Popen[str] | None = None) -> None:
        """Notes the caller's p99, and who had how many processors meanwhile, or would have liked to have."""
        pids = {"server": self.target.server.pid, **({"crowd": crowd.pid} if crowd else {})}
        begun = time.monotonic()
        before = {who: servers.processor_seconds(pid) for who, pid in pids.items()}
        done = load.run(self.target, ORGANIZATION, _PROTOCOL, 1, self._seconds)
        passed = time.monotonic() - begun
        self._found.note(bars.P99.format(where=where), done.p99)
        for who, pid in pids.items():
            now = servers.processor_seconds(pid)
            for what, at in (("has", 0), ("waits for", 1)):
                value = (now[at] - before[who][at]) / passed
                self._found.note(f"  processors that the {who} {what}, {where}", value)

    @contextmanager
    def memory(self) -> Iterator[list[int]]:
        """Bytes of all processes of the server, ten times a second and once more at the end."""
        pid, over = self.target.server.pid, threading.Event()
        seen = [sum(servers.rss(pid))]

        def look() -> None:
            while not over.wait(0.1):
                seen.append(sum(servers.rss(pid)))

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield seen
        finally:
            over.set()
            looking.join()
            seen.append(sum(servers.rss(pid)))


@contextmanager
def same(
    target: Target, operation: Operation, protocol: str, callers: int, seconds: float
) -> Iterator[subprocess.Popen[str]]:
    """Callers who all ask for the same, for so long."""
    token = target.organization.scim_token if protocol == SCIM else target.organization.token
    flags = load.flags(target, operation, protocol, callers, seconds + 2 * _BEGUN)
    process = subprocess.Popen(
        ["nice", "-n", "19", str(load.LOAD), *flags],
        env=load.environment(token),
        stdout=subprocess.DEVNULL,
        text=True,
    )
    time.sleep(_BEGUN)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def heaviest(url: str, requests: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return _crowd("heavy.py", url, CALLERS, said=requests)


@contextmanager
def _crowd(script: str, *arguments: object, said: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that goes on until its stdin is closed."""
    process = subprocess.Popen(
        [sys.executable, str(BENCH / script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(said + "\n")
    process.stdin.flush()
    process.stdout.readline()
    time.sleep(_BEGUN)
    try:
        yield process
    finally:
        process.communicate()
