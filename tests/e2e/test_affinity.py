"""On which CPUs a server's threads may run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
from processes import Server, children, eventually, sqlite_url

CPUS = os.sched_getaffinity(0)
LISTENERS = "wrk:"

pytestmark = pytest.mark.skipif(len(CPUS) < 2, reason="one CPU leaves no choice")


@pytest.fixture
def only_cpu() -> Iterator[int]:
    """The one that what is started meanwhile may use."""
    only = max(CPUS)
    os.sched_setaffinity(0, {only})
    yield only
    os.sched_setaffinity(0, CPUS)


def interpreter(pid: int) -> list[set[int]]:
    """Where each of its threads may run."""
    return allowed(pid, listeners=False)


def allowed(pid: int, *, listeners: bool) -> list[set[int]]:
    """Where each thread of a process but the first may run: those of the listener, or the others."""
    found = []
    for folder in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            listens = (folder / "comm").read_text().startswith(LISTENERS)
            if folder.name != str(pid) and listens is listeners:
                found.append(os.sched_getaffinity(int(folder.name)))
    return found


def together(pid: int) -> bool:
    """Whether they may run on one CPU, the same; not so while the system chooses."""
    first, *others = interpreter(pid)
    return len(first) == 1 and all(other == first for other in others)


def test_the_interpreter_keeps_to_one_cpu_and_the_listener_does_not(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        (pid,) = children(server.process.pid)
        eventually(lambda: together(pid))
        listeners = allowed(pid, listeners=True)
        assert listeners
        assert listeners == [CPUS] * len(listeners)


def test_the_system_may_choose_another_one_now_and_then(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        (pid,) = children(server.process.pid)
        for _ in range(2):
            eventually(lambda: together(pid))
            eventually(lambda: CPUS in interpreter(pid))


def test_any_cpu_is_for_every_thread(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path), "--cpu-affinity", "any") as server:
        (pid,) = children(server.process.pid)
        threads = interpreter(pid)
        assert threads == [CPUS] * len(threads)


def test_no_thread_leaves_what_the_process_may_use(tmp_path: Path, only_cpu: int) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        (pid,) = children(server.process.pid)
        threads = interpreter(pid)
        assert threads == [{only_cpu}] * len(threads)


def test_workers_share_the_cpus_out(postgresql_server: str, tmp_path: Path) -> None:
    url = postgres.new_database(postgresql_server)
    arguments = ("--database-url", url, "--secret-key-file", str(tmp_path / "key"))
    with Server(*arguments, "--workers", str(len(CPUS))) as server:
        pids = children(server.process.pid)
        for pid in pids:
            eventually(lambda pid=pid: together(pid))  # type: ignore[misc]
        used = set().union(*(interpreter(pid)[0] for pid in pids))
        assert used == CPUS
