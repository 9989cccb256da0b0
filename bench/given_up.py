"""What clients cost others who open streams over HTTP/2 and give them up at once.

    PYTHONPATH=tests .venv/bin/python bench/given_up.py [--seconds 10] [--connections 4] [--apart]

Against a server of its own, on this machine: others' calls before, during and after, and the memory of all its processes.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import multiprocessing
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from processes import HTTP_2_PREFACE, create_organization, frame
from servers import Server, serving, tree

_PATH = "/gitpod.v1.UserService/GetAuthenticatedUser"
_PAGE = os.sysconf("SC_PAGE_SIZE")
#: Streams that are opened and given up in one piece.
_AT_ONCE = 50
_OTHERS = 4
#: Of each of the others between two calls.
_PAUSE = 0.005
#: Between the opening of streams and giving them up, where both do not come in one piece.
_APART = 0.002
_CANCEL = (8).to_bytes(4, "big")


def request() -> bytes:
    """A call's headers, in HPACK without a table."""

    def literal(name: int | bytes, value: bytes) -> bytes:
        named = bytes([0, len(name)]) + name if isinstance(name, bytes) else bytes([name])
        return named + bytes([len(value)]) + value

    post, scheme, path, authority = b"\x83", b"\x86", 4, 1
    return (
        post
        + scheme
        + literal(path, _PATH.encode())
        + literal(authority, b"x")
        + literal(b"content-type", b"application/proto")
    )


def give_up(port: int, until: float, apart: bool, begun: Synchronized[int]) -> None:
    """Opens streams and gives them up, connecting anew whenever the server ends the connection."""
    os.nice(10)  # from another machine it would not take our CPU
    head = request()
    while time.time() < until:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
        ):
            connection.sendall(HTTP_2_PREFACE + frame(4, 0, 0, b""))
            for first in range(1, 2**31 - 2 * _AT_ONCE, 2 * _AT_ONCE):
                if time.time() > until:
                    break
                streams = range(first, first + 2 * _AT_ONCE, 2)
                opened = [frame(1, 5, stream, head) for stream in streams]
                given_up = [frame(3, 0, stream, _CANCEL) for stream in streams]
                if apart:
                    connection.sendall(b"".join(opened))
                    time.sleep(_APART)
                    connection.sendall(b"".join(given_up))
                else:
                    connection.sendall(
                        b"".join(itertools.chain(*zip(opened, given_up, strict=True)))
                    )
                with begun.get_lock():
                    begun.value += _AT_ONCE
                if select.select([connection], [], [], 0)[0] and not connection.recv(65536):
                    break


@dataclass
class Others:
    """Callers who mean it; what each call took, in seconds, and how many failed."""

    port: int
    token: str
    took: list[float] = field(default_factory=list)
    failed: int = 0
    over: bool = False

    def call(self) -> None:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.over:
            begun = time.perf_counter()
            try:
                connection.request("POST", _PATH, b"{}", headers)
                answer = connection.getresponse()
                answer.read()
                self.failed += answer.status != 200
            except (OSError, http.client.HTTPException):
                connection.close()
                self.failed += 1
            self.took.append(time.perf_counter() - begun)
            time.sleep(_PAUSE)
        connection.close()

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.call) for _ in range(_OTHERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over = True
            for thread in threads:
                thread.join()


def resident(server: Server) -> float:
    """MB of all processes of the server."""
    pages = 0
    for pid in tree(server.pid):
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * _PAGE / 1e6


def phase(name: str, server: Server, token: str, seconds: float) -> tuple[float, float, float]:
    """The others' p99 in ms, the most memory, and the last."""
    others, most = Others(int(server.url.rpartition(":")[2]), token), 0.0
    with others.calling():
        until = time.time() + seconds
        while time.time() < until:
            most = max(most, resident(server))
            time.sleep(0.1)
    p50, p99 = (statistics.quantiles(others.took, n=100)[at] * 1e3 for at in (49, 98))
    last = resident(server)
    print(
        f"{name:8}{len(others.took):7} calls{others.failed:5} failed   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms"
        f"   memory {most:6.1f} MB at most, {last:6.1f} at last",
        flush=True,
    )
    return p99, most, last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument(
        "--apart", action="store_true", help="give up a moment later, not in the same piece"
    )
    parser.add_argument("--command", default=f"{sys.executable} -m orgplane_server")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/orgplane.db"
        token = create_organization(url).token
        command = [*arguments.command.split(), "serve", "--listen", "127.0.0.1:0"]
        with serving(command, folder / "log", ORGPLANE_DATABASE_URL=url) as server:
            port = int(server.url.rpartition(":")[2])
            phase("warm up", server, token, 3)
            _, _, before = phase("before", server, token, 5)
            begun = multiprocessing.Value("L", 0)
            until = time.time() + arguments.seconds
            given_up = [
                multiprocessing.Process(target=give_up, args=(port, until, arguments.apart, begun))
                for _ in range(arguments.connections)
            ]
            for process in given_up:
                process.start()
            p99, most, _ = phase("during", server, token, arguments.seconds)
            for process in given_up:
                process.join()
            _, _, after = phase("after", server, token, 5)
            print(f"{begun.value / arguments.seconds:,.0f} streams a second were given up")
            log = subprocess.run(
                ["grep", "-c", "unauthenticated\\|canceled", folder / "log"],
                capture_output=True,
                text=True,
            ).stdout.strip()
            print(f"{log} of {begun.value:,} were begun by the application")
    for what, value, limit, unit in (
        ("others' p99 during it", p99, 100, " ms"),
        ("memory during it : before", most / before, 1.5, "x"),
        ("memory after it : before", after / before, 1.1, "x"),
    ):
        met = "met" if value <= limit else "NOT MET"
        print(f"{what:30} at most {limit:g}{unit:4} {value:8.2f}{unit:4} {met}")


if __name__ == "__main__":
    main()
