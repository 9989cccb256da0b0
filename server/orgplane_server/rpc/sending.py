"""The runtime's answers, put right where they are not quite what the protocols' specifications say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote, unquote_to_bytes

from .protocol import ENCODINGS
from .receiving import Message

Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

_ENCODING_HEADERS = (b"content-encoding", b"connect-content-encoding", b"grpc-encoding")
#: gRPC over HTTP/2, "Responses": all of printable ASCII but the percent sign is written as it is.
_UNENCODED = "".join(map(chr, (*range(0x20, 0x25), *range(0x26, 0x7F))))
_ACCEPTED = (b"grpc-accept-encoding", ",".join(ENCODINGS).encode())

#: The frame that ends an answer in gRPC-Web.
_TRAILERS, _PREFIX_BYTES = 0x80, 5


def conforming(send: Send) -> Send:
    """`send` for the runtime.

    It escapes every sign in `grpc-message`, and Node's gRPC client shows those escapes of `:` and the like that
    were not needed. It calls what is not compressed `identity`, which is no content coding (RFC 9110,
    section 8.4.1), and does not tell gRPC clients what they may compress with.
    """
    web = False

    async def send_conforming(message: Message) -> None:
        nonlocal web
        match message["type"]:
            case "http.response.start":
                headers = [header for header in message["headers"] if not _is_identity(header)]
                kind = dict(headers).get(b"content-type", b"")
                if kind.startswith(b"application/grpc"):
                    web = kind.startswith(b"application/grpc-web")
                    headers = [*_readable(headers), _ACCEPTED]
                message = {**message, "headers": headers}
            case "http.response.trailers":
                message = {**message, "headers": list(_readable(message["headers"]))}
            case "http.response.body" if web and not message.get("more_body", False):
                message = {**message, "body": _readable_frame(message.get("body", b""))}
        await send(message)

    return send_conforming


def _is_identity(header: Header) -> bool:
    return header[1] == b"identity" and header[0] in _ENCODING_HEADERS


def _readable(headers: Iterable[Header]) -> Iterable[Header]:
    for name, value in headers:
        if name == b"grpc-message":
            value = quote(unquote_to_bytes(value), safe=_UNENCODED).encode()
        yield name, value


def _readable_frame(frame: bytes) -> bytes:
    """Trailers in a gRPC-Web body: lines as in HTTP/1."""
    if not frame or not frame[0] & _TRAILERS:
        return frame
    lines = (line.partition(b": ") for line in frame[_PREFIX_BYTES:].split(b"\r\n") if line)
    trailers = _readable((name, value) for name, _, value in lines)
    content = b"".join(b"%b: %b\r\n" % trailer for trailer in trailers)
    return bytes([_TRAILERS]) + len(content).to_bytes(_PREFIX_BYTES - 1) + content
