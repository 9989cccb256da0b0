from __future__ import annotations

from typing import Any, TypeVar

from connectrpc.codec import Codec, proto_json_codec
from protobuf import Message

T = TypeVar("T")


class ExplicitJSONCodec(Codec[Any, Any]):
    """JSON that also shows `"enabled": false`: readers of plain JSON take what is absent for unknown.

    Unknown fields of a request are ignored, so that newer clients can call older servers.
    """

    def __init__(self) -> None:
        self._codec = proto_json_codec()

    def name(self) -> str:
        return self._codec.name()

    def encode(self, message: Message) -> bytes:
        return message.to_json(always_emit_implicit=True).encode()

    def decode(self, data: bytes | bytearray, message_class: type[T]) -> T:
        message: T = self._codec.decode(data, message_class)
        return message
