"""The one seam where the RPC library's errors become ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.google.rpc.error_details_pb import BadRequest, ErrorInfo, RequestInfo, RetryInfo
from protobuf import Message

from .. import errors
from .broken import connection_error
from .gateway import GatewayError
from .options import Options

M = TypeVar("M", bound=Message)

KINDS: Mapping[Code, type[errors.APIError]] = {
    Code.INVALID_ARGUMENT: errors.InvalidArgumentError,
    Code.OUT_OF_RANGE: errors.InvalidArgumentError,
    Code.UNAUTHENTICATED: errors.UnauthenticatedError,
    Code.PERMISSION_DENIED: errors.PermissionDeniedError,
    Code.NOT_FOUND: errors.NotFoundError,
    Code.ALREADY_EXISTS: errors.AlreadyExistsError,
    Code.FAILED_PRECONDITION: errors.FailedPreconditionError,
    Code.RESOURCE_EXHAUSTED: errors.ResourceExhaustedError,
    Code.UNIMPLEMENTED: errors.UnimplementedError,
    Code.UNAVAILABLE: errors.UnavailableError,
    Code.DEADLINE_EXCEEDED: errors.DeadlineExceededError,
    Code.CANCELED: errors.CanceledError,
    Code.ABORTED: errors.AbortedError,
    Code.INTERNAL: errors.InternalError,
    Code.DATA_LOSS: errors.InternalError,
    Code.UNKNOWN: errors.APIError,
}

#: Reasons that have a class of their own.
REASONS: Mapping[str, type[errors.APIError]] = {"EVENTS_PURGED": errors.EventsPurgedError}


def translated(error: ConnectError, headers: Mapping[str, str], options: Options) -> BaseException:
    """Our error for the library's; `headers` are those of the answer, if there was one.

    The cancellation of a task, which the library hides in its error, is given back as it was.
    """
    cause = error.__cause__
    if cause is not None and not isinstance(cause, Exception):
        return cause
    if _is_unreadable(error):
        why = error.told + options.via if isinstance(error, GatewayError) else _plain(error.message)
        return errors.InternalError(
            f"the answer cannot be read: {why}",
            request_id=headers.get("x-request-id", ""),
        )
    if error.code is Code.UNAVAILABLE and cause is not None:
        return connection_error(cause, options)
    kind = KINDS[error.code]
    info = _detail(error, ErrorInfo)
    if info is not None:
        kind = REASONS.get(info.reason, kind)
    bad_request = _detail(error, BadRequest)
    request = _detail(error, RequestInfo)
    retry = _detail(error, RetryInfo)
    message = error.told if isinstance(error, GatewayError) else error.message
    if cause is not None or isinstance(error, GatewayError):
        message += options.via
    return kind(
        message or error.code.value,
        code=error.code.value,
        reason=info.reason if info else "",
        metadata=dict(info.metadata) if info else {},
        request_id=request.request_id if request else headers.get("x-request-id", ""),
        violations=[
            errors.FieldViolation(violation.field, violation.description, violation.reason)
            for violation in (bad_request.field_violations if bad_request else ())
        ],
        retry_after=_delay(retry),
    )


def _is_unreadable(error: ConnectError) -> bool:
    """Whether the library could not read an answer; an error that the server sent has no cause.

    It says of an answer what it would say of a request, and of another content type that it is unknown.
    """
    if isinstance(error, GatewayError):
        return error.status == HTTPStatus.OK
    if error.code is Code.INVALID_ARGUMENT:
        return error.__cause__ is not None
    return error.message.startswith("invalid content-type")


#: What JSON calls the values of Python's types, which the library names.
_JSON_TYPES = {
    "str": "string",
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "dict": "object",
    "NoneType": "null",
}


def _plain(message: str) -> str:
    """The library's words without Python's class names."""
    return re.sub(
        r"<class '(?:\w+\.)*(\w+)'>", lambda name: _JSON_TYPES.get(name[1], name[1]), message
    )


def _detail(error: ConnectError, kind: type[M]) -> M | None:
    name = kind.desc().type_name
    for detail in error.details:
        if detail.type_name == name:
            try:
                found: Any = detail.value(kind)
            except ValueError:  # cut off, or what it says it is not
                return None
            return found if isinstance(found, kind) else None
    return None


def _delay(retry: RetryInfo | None) -> timedelta | None:
    if retry is None or retry.retry_delay is None:
        return None
    try:
        return max(retry.retry_delay.to_timedelta(), timedelta())
    except OverflowError:
        return timedelta.max
