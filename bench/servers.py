"""Processes of the bench, and what they cost: CPU and memory of a whole tree, from Linux's /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
#: Seconds that a server has to stop: ours, left with heavy requests, finishes them first, for 20 at most.
_PATIENCE = 25


@dataclass(frozen=True)
class Server:
    """A running server, at `url`; `start_seconds` is from exec to the line that says so."""

    url: str
    pid: int
    start_seconds: float


@contextlib.contextmanager
def serving(command: list[str], log: Path, **environment: str) -> Iterator[Server]:
    """Runs a server whose first line on stdout ends with its URL; its log goes to a file."""
    begun = time.perf_counter()
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if "ready on" not in line:
            raise SystemExit(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
        seconds = time.perf_counter() - begun
        threading.Thread(
            target=process.stdout.read, daemon=True
        ).start()  # a full pipe would block it
        yield Server(line.split()[-1], process.pid, seconds)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"bench: {log.stem} did not stop, so it is killed", file=sys.stderr)
            with contextlib.suppress(OSError):
                for each in [*tree(process.pid)]:
                    os.kill(each, signal.SIGKILL)
            process.wait()


def tree(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """What a tree has used so far; a child that has ended counts once its parent has noticed."""
    ticks = 0
    for each in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


def processor_seconds(pid: int) -> tuple[float, float]:
    """What the threads of a tree have run, and have waited for a processor that others had."""
    ran = waited = 0
    for each in tree(pid):
        for task in Path(f"/proc/{each}/task").iterdir():
            with contextlib.suppress(OSError):
                times = (task / "schedstat").read_text().split()
                ran, waited = ran + int(times[0]), waited + int(times[1])
    return ran / 1e9, waited / 1e9


def rss(pid: int) -> list[int]:
    """Bytes of each process of a tree."""
    sizes = [0]
    for each in tree(pid):
        with contextlib.suppress(OSError):
            sizes.append(int(Path(f"/proc/{each}/statm").read_text().split()[1]) * _PAGE)
    return sizes


def largest_rss(pid: int) -> int:
    return max(rss(pid))
