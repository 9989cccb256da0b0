"""Which of the protocols a call is made in, as its content type tells."""

from __future__ import annotations

from enum import StrEnum


class Protocol(StrEnum):
    CONNECT = "connect"
    GRPC = "grpc"
    GRPC_WEB = "grpc-web"

    @classmethod
    def of(cls, content_type: str) -> Protocol:
        """What begins like none of the others is Connect, as in every server of this family."""
        kind, _, _ = content_type.partition("+")
        match kind:
            case "application/grpc":
                return cls.GRPC
            case "application/grpc-web":
                return cls.GRPC_WEB
            case _:
                return cls.CONNECT


def media_type(content_type: str) -> str:
    """Without parameters, which mean nothing to our codecs. gRPC knows none."""
    if Protocol.of(content_type) is not Protocol.CONNECT:
        return content_type
    return content_type.partition(";")[0].strip().lower()


#: What the message, or each of the messages, of a POST may be.
_CODECS = ("json", "proto")
_FRAMED = tuple(
    f"application/{kind}{codec}"
    for kind in ("grpc", "grpc-web")
    for codec in ("", *(f"+{codec}" for codec in _CODECS))
)
UNARY_TYPES = (*(f"application/{codec}" for codec in _CODECS), *_FRAMED)
STREAM_TYPES = (*(f"application/connect+{codec}" for codec in _CODECS), *_FRAMED)
#: What a stream of answers to one message may be asked for with, beside that: a message a line.
LINE_TYPES = ("application/json", "application/jsonl")

ENCODINGS = ("gzip", "identity")

#: What a body, or each of its messages, is compressed with; and what says how the answer's may be.
ACCEPTS = {
    "content-encoding": "accept-encoding",
    "connect-content-encoding": "connect-accept-encoding",
    "grpc-encoding": "grpc-accept-encoding",
}


def encoding_header(content_type: str) -> str:
    """The one of these headers that counts."""
    kind = media_type(content_type)
    if Protocol.of(kind) is not Protocol.CONNECT:
        return "grpc-encoding"
    return "connect-content-encoding" if kind in STREAM_TYPES else "content-encoding"
