"""Clients who open streams over HTTP/2 and give them up, and connect anew whenever the server ends the connection.

    PYTHONPATH=tests python bench/given_up.py URL CONNECTIONS SECONDS

Each connection gives up fifty streams so long after it opened them; with 0, in the piece that opens them. Goes on until
stdin is closed.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import select
import socket
import sys
import time

from processes import HTTP_2_PREFACE, frame

#: Seconds between the opening of streams and giving them up, where both do not come in one piece.
APART = 0.002
_PATH = "/gitpod.v1.UserService/GetAuthenticatedUser"
#: Streams that are opened and given up together.
_AT_ONCE = 50
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


def give_up(port: int, apart: float) -> None:
    """Goes on until it is ended from outside."""
    head = request()
    while True:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
        ):
            connection.sendall(HTTP_2_PREFACE + frame(4, 0, 0, b""))
            for first in range(1, 2**31 - 2 * _AT_ONCE, 2 * _AT_ONCE):
                streams = range(first, first + 2 * _AT_ONCE, 2)
                opened = [frame(1, 5, stream, head) for stream in streams]
                given_up = [frame(3, 0, stream, _CANCEL) for stream in streams]
                if apart:
                    connection.sendall(b"".join(opened))
                    time.sleep(apart)
                    connection.sendall(b"".join(given_up))
                else:
                    connection.sendall(
                        b"".join(itertools.chain(*zip(opened, given_up, strict=True)))
                    )
                if select.select([connection], [], [], 0)[0] and not connection.recv(65536):
                    break


def main() -> None:
    os.nice(19)  # from other machines they would not take our processors
    url, connections, apart = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    port = int(url.rpartition(":")[2])
    processes = [
        multiprocessing.Process(target=give_up, args=(port, apart), daemon=True)
        for _ in range(connections)
    ]
    for process in processes:
        process.start()
    print("at it", flush=True)
    sys.stdin.read()
    for process in processes:
        process.terminate()


if __name__ == "__main__":
    main()
