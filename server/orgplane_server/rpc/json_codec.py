from __future__ import annotations

from typing import Any, TypeVar

from connectrpc.codec import Codec
from connectrpc.errors import ConnectError
from protobuf import Message, Registry

from ..domain.errors import InvalidArgument, Reason
from ..domain.json_document import MalformedJSON, parsed
from . import errors
from .json_message import UNKNOWN, MessageReader
from .json_value import MALFORMED, Unreadable

M = TypeVar("M", bound=Message)


class StrictJSONCodec(Codec[Any, Any]):
    """JSON that means what it says, both ways.

    Of a request, what this server would not heed is refused by name: the caller would take it for done.
    Answers also show `"enabled": false`: readers of plain JSON take what is absent for unknown.
    """

    def __init__(self, *, ignore_unknown: bool = False, registry: Registry | None = None) -> None:
        self._registry = registry
        self._reader = MessageReader(ignore_unknown=ignore_unknown, registry=registry)

    def name(self) -> str:
        return "json"

    def encode(self, message: Message) -> bytes:
        return message.to_json(registry=self._registry, always_emit_implicit=True).encode()

    def decode(self, data: bytes | bytearray, message_class: type[M]) -> M:
        """Raises ConnectError, as the runtime would put its own words before any other."""
        try:
            message: M = self._reader.read(message_class, parsed(data))
            return message
        except MalformedJSON as error:
            raise errors.malformed(str(error)) from None
        except Unreadable as error:
            raise _refusal(error) from None


def _refusal(error: Unreadable) -> ConnectError:
    if not error.violations[0].field:  # the message as a whole
        return errors.malformed(error.violations[0].description)
    rules = {violation.rule for violation in error.violations}
    if UNKNOWN in rules:
        reason = Reason.UNKNOWN_FIELD
    elif MALFORMED in rules:
        reason = Reason.MALFORMED_REQUEST
    else:
        reason = Reason.INVALID_ARGUMENT
    return errors.translated(InvalidArgument(*error.violations, reason=reason))
