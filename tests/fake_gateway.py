"""What stands before a server: answers whatever is asked in the same way, over HTTP/1.1 and HTTP/2 without TLS."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from processes import HTTP_2_PREFACE, frame

DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS, ACK = 1, 4, 1


@contextmanager
def nobody() -> Iterator[str]:
    """An address where connections are refused."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


class Gateway:
    """`asked` is what came: the head of each request over HTTP/1.1, nothing but its coming over HTTP/2.

    `bodies` are theirs.
    """

    def __init__(
        self, status: int, body: bytes = b"", content_type: str = "text/html", **headers: str
    ) -> None:
        self._status = status
        self._body = body
        self._headers = {"content-type": content_type} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.asked: list[bytes] = []
        self.bodies: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, EOFError):
            stream = _Stream(connection)
            start = stream.read(len(HTTP_2_PREFACE))
            if start.startswith(b"\x16\x03"):  # TLS, answered as servers without it do
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            elif start == HTTP_2_PREFACE:
                self._http2(connection, stream)
            else:
                self._http1(connection, stream, start)

    def _http1(self, connection: socket.socket, stream: _Stream, head: bytes) -> None:
        while b"\r\n\r\n" not in head:
            head += stream.some()
        head, _, body = head.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *([0-9]+)", head, re.IGNORECASE)
        body += stream.read(int(length[1]) - len(body) if length else 0)
        self.bodies.append(body)
        self.asked.append(head)
        lines = [f"HTTP/1.1 {self._status} X", *(f"{n}: {v}" for n, v in self._headers.items())]
        lines += [f"content-length: {len(self._body)}", "connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode() + self._body)

    def _http2(self, connection: socket.socket, stream: _Stream) -> None:
        connection.sendall(frame(SETTINGS, 0, 0))
        body = b""
        while True:
            length, kind, flags, number = struct.unpack("!IBBI", b"\0" + stream.read(9))
            content = stream.read(length)
            body += content if kind == DATA else b""
            if kind == SETTINGS and not flags & ACK:
                connection.sendall(frame(SETTINGS, ACK, 0))
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                self.bodies.append(body)
                body = b""
                self.asked.append(b"")
                fields = {":status": str(self._status), **self._headers}
                block = b"".join(b"\0" + _text(name) + _text(fields[name]) for name in fields)
                connection.sendall(
                    frame(HEADERS, END_HEADERS, number, block)
                    + frame(DATA, END_STREAM, number, self._body)
                )


class _Stream:
    """Reads exactly what is asked for."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def some(self) -> bytes:
        if not (found := self._connection.recv(65536)):
            raise EOFError
        return found

    def read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            if not (more := self._connection.recv(length - len(found))):
                raise EOFError
            found += more
        return found


def _text(text: str) -> bytes:
    """A string of HPACK, not Huffman-coded (RFC 7541, section 5)."""
    length, octets = len(text), bytearray()
    if length < 127:
        octets.append(length)
    else:
        octets.append(127)
        length -= 127
        while length >= 128:
            octets.append(length % 128 + 128)
            length //= 128
        octets.append(length)
    return bytes(octets) + text.encode()
