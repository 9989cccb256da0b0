from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from typing import Any

import protovalidate
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from orgplane_api.buf.validate import validate_pb
from protobuf import (
    DescField,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescMessage,
    DescService,
    Message,
)

from ...domain.errors import Reason, Violation
from .. import errors
from .incoming import Incoming

#: Of a message with more of them the first violation alone is told: to find one takes longer than to read it.
MANY_ELEMENTS = 128


class Validate(Incoming):
    """Enforces the rules annotated in the protos; an answer lists every violation, or the first of a long message."""

    def __init__(self, *services: DescService) -> None:
        """The rules of these services' requests are compiled now, so that no caller waits for it."""
        self._validator = _compiled(services)

    def accept(self, message: Message, ctx: RequestContext[Any, Any]) -> None:
        try:
            self._validator.validate(message, fail_fast=_elements(message) > MANY_ELEMENTS)
        except protovalidate.ValidationError as error:
            raise _refusal(error) from None


@functools.cache
def _compiled(services: tuple[DescService, ...]) -> protovalidate.Validator:
    validator = protovalidate.Validator()
    for service in services:
        for method in service.methods:
            with contextlib.suppress(protovalidate.ValidationError):
                validator.validate(method.input.type())
    return validator


def _elements(message: Message) -> int:
    """How many elements there are in a message's lists and maps, and in those of the messages in it."""
    found = 0
    for field in _holding(message.desc()):
        if field in message and found <= MANY_ELEMENTS:
            value: Any = message[field]
            inner = [value]
            if isinstance(value, (list, dict)):
                found += len(value)
                inner = [*value.values()] if isinstance(value, dict) else value
            found += sum(_elements(each) for each in inner if isinstance(each, Message))
    return found


@functools.cache
def _holding(desc: DescMessage) -> Sequence[DescField]:
    """The fields that hold several values, or a message."""
    several = (DescFieldValueList, DescFieldValueMap, DescFieldValueMessage)
    return [field for field in desc.fields if isinstance(field.value, several)]


def _refusal(error: protovalidate.ValidationError) -> ConnectError:
    proto = error.to_proto()
    violations = [
        Violation(_path(violation.field), violation.message, violation.rule_id)
        for violation in proto.violations
    ]
    return ConnectError(
        Code.INVALID_ARGUMENT,
        "; ".join(f"{v.field}: {v.description}" for v in violations),
        [
            errors.error_info(Reason.INVALID_ARGUMENT),
            validate_pb.Violations.from_binary(proto.to_binary()),
            errors.bad_request(violations),
        ],
    )


def _path(field: object) -> str:
    """`email_domains[1]`, `claims["x"]`, `pagination.page_size`: as the API spells its fields."""
    return ".".join(_element(element) for element in getattr(field, "elements", ()))


def _element(element: object) -> str:
    name: str = element.field_name  # type: ignore[attr-defined]
    subscript = element.subscript  # type: ignore[attr-defined]
    if subscript is None:
        return name
    return f"{name}[{subscript.value!r}]"
