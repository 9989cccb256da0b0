"""The real command, in a process of its own, on a real port."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import urlsplit

from databases import new_sqlite
from orgplane_server.domain.instant import system_clock
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.usecases.organization import Foundation, Founded
from preloaded import Preloaded

READY = "orgplane-server ready on "
HTTP_2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: Far more than anything takes; only a failure waits so long.
PATIENCE = 60.0


def environment(**more: str) -> dict[str, str]:
    """Ours without settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORGPLANE_")}
    return {**kept, **more}


def command(*arguments: str, python: str | Path = sys.executable) -> list[str]:
    return [str(python), "-W", "error", "-m", "orgplane_server", *arguments]


_PRELOADED = Preloaded(
    *("orgplane-server", "orgplane_server.__main__", "orgplane_server.app.commands"),
    environment=environment(),
)


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    return _PRELOADED.run(*arguments, environment=environment(**variables), patience=PATIENCE)


@dataclass(frozen=True)
class Organization:
    organization_id: str
    user_id: str
    token: str


def create_organization(database_url: str, name: str = "Acme") -> Organization:
    """What the command of this name does to a database, new or in use, without a process, which takes a second of a processor."""
    if is_sqlite(database_url) and not (file := Path(urlsplit(database_url).path)).exists():
        new_sqlite(file.parent)

    async def found() -> Founded:
        async with contextlib.aclosing(Database.open(database_url)) as database:
            return await Foundation(database, system_clock).create(name, "ada@acme.example")

    with ThreadPoolExecutor(1) as thread:  # whose caller may have an event loop
        founded = thread.submit(lambda: asyncio.run(found())).result()
    return Organization(
        str(founded.organization.id), str(founded.administrator.id), founded.token.reveal()
    )


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

    def so_far(self) -> list[str]:
        """All lines that have come by now."""
        while not self._queue.empty():
            self.next()
        return self.seen

    def rest(self) -> list[str]:
        """All lines to the end, which must come."""
        while self.next() is not None:
            pass
        return self.seen


def eventually(happened: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Comes back when it has happened; for what another process does and does not tell."""
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def children(pid: int, *, unreaped: bool = False) -> list[int]:
    """The processes that a process started and that live, or that are dead and it has not asked about."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and (unreaped or state not in "ZX"):
                found.append(int(folder.name))
    return found


class Server:
    """`orgplane-server serve` on a free port; the context ends it."""

    def __init__(
        self,
        *arguments: str,
        python: str | Path = sys.executable,
        open_files: tuple[int, int] | None = None,
        **variables: str,
    ) -> None:
        """`open_files` are its soft and its hard limit; they are this process's without."""
        listen = () if "--listen" in arguments else ("--listen", "127.0.0.1:0")
        self.process = subprocess.Popen(
            command("serve", *listen, *arguments, python=python),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, open_files)
            if open_files
            else None,
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


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One of HTTP/2 (RFC 9113, section 4.1)."""
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


@contextlib.contextmanager
def call_without_end(port: int) -> Iterator[None]:
    """A call that runs until it is cut: a client over HTTP/2 that takes no byte of the answer (RFC 9113, 6.9)."""

    no_window = frame(4, 0, 0, b"\0\4\0\0\0\0")  # SETTINGS_INITIAL_WINDOW_SIZE
    get = b"\x82\x86\x04\x08/healthz\x41\x01x"  # GET, http, the path, the authority
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(HTTP_2_PREFACE + no_window + frame(1, 5, 1, get))
        received = b""
        while frame(1, 4, 1, b"")[3:] not in received:  # the answer's headers
            received += connection.recv(65536)
        yield


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/orgplane.db"
