"""The real command, in a process of its own, on a real port."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

READY = "orgplane-server ready on "
#: Far more than anything takes; only a failure waits so long.
PATIENCE = 60.0


def environment(**more: str) -> dict[str, str]:
    """Ours without settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORGPLANE_")}
    return {**kept, **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "orgplane_server", *arguments]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    return subprocess.run(
        command(*arguments),
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@dataclass(frozen=True)
class Organization:
    organization_id: str
    user_id: str
    token: str


def create_organization(database_url: str, name: str = "Acme") -> Organization:
    done = run(
        *("create-organization", "--name", name, "--admin-email", "ada@acme.example", "--json"),
        *("--database-url", database_url),
    )
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    return Organization(values["organizationId"], values["userId"], values["token"])


class Lines:
    """What a stream has said, line by line, while it goes on."""

    def __init__(self, stream: IO[str]) -> None:
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)
        stream.close()

    def next(self) -> str | None:
        """The next line; None at the end."""
        line = self._queue.get(timeout=PATIENCE)
        if line is not None:
            self.seen.append(line)
        return line

    def rest(self) -> list[str]:
        """All lines to the end, which must come."""
        while self.next() is not None:
            pass
        return self.seen


def eventually(happened: Callable[[], bool]) -> None:
    """Comes back when it has happened; for what another process does and does not tell."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    """The processes that a process started and that live."""
    told = subprocess.run(
        ["ps", "-o", "pid=,stat=", "--ppid", str(pid)], capture_output=True, text=True
    ).stdout
    lines = [line.split() for line in told.splitlines()]
    return [int(child) for child, state in lines if not state.startswith("Z")]


class Server:
    """`orgplane-server serve` on a free port; the context ends it."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        listen = () if "--listen" in arguments else ("--listen", "127.0.0.1:0")
        self.process = subprocess.Popen(
            command("serve", *listen, *arguments),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.stdout = Lines(self.process.stdout)
        self.stderr = Lines(self.process.stderr)
        line = self.stdout.next()
        if line is None or not line.startswith(READY):
            self.kill()
            raise AssertionError(f"not ready: {line!r}\n" + "\n".join(self.stderr.rest()))
        self.url = line.removeprefix(READY)
        self.port = int(self.url.rpartition(":")[2])

    @property
    def address(self) -> str:
        return self.url.partition("://")[2]

    def status(self, path: str) -> int:
        """The status that a GET answers."""
        done = subprocess.run(
            ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", self.url + path],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return int(done.stdout)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """SIGKILL to the command and all that it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            self.kill()


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/orgplane.db"
