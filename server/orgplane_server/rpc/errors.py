"""The one table from the domain's errors to RPC codes, and what every error carries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.buf.validate import validate_pb
from orgplane_api.google.rpc import error_details_pb
from protobuf import Message
from protobuf.wkt import Duration

from ..domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    OrgplaneError,
    OutOfRange,
    PermissionDenied,
    Reason,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    VersionMismatch,
    Violation,
)
from .refusal import Refusal

DOMAIN = "orgplane"

CODES: Mapping[type[OrgplaneError], Code] = {
    InvalidArgument: Code.INVALID_ARGUMENT,
    Unauthenticated: Code.UNAUTHENTICATED,
    PermissionDenied: Code.PERMISSION_DENIED,
    NotFound: Code.NOT_FOUND,
    AlreadyExists: Code.ALREADY_EXISTS,
    VersionMismatch: Code.ABORTED,
    FailedPrecondition: Code.FAILED_PRECONDITION,
    OutOfRange: Code.OUT_OF_RANGE,
    ResourceExhausted: Code.RESOURCE_EXHAUSTED,
    Unavailable: Code.UNAVAILABLE,
}

#: Reasons of the errors that the RPC runtime raises by itself.
RUNTIME_REASONS: Mapping[Code, Reason] = {
    Code.INVALID_ARGUMENT: Reason.MALFORMED_REQUEST,
    Code.RESOURCE_EXHAUSTED: Reason.REQUEST_TOO_LARGE,
    Code.DEADLINE_EXCEEDED: Reason.DEADLINE_EXCEEDED,
    Code.CANCELED: Reason.CANCELED,
    Code.UNIMPLEMENTED: Reason.UNIMPLEMENTED,
}


def translated(error: OrgplaneError) -> ConnectError:
    """A domain error as the caller sees it."""
    details: list[Message] = [error_info(error.reason, error.metadata)]
    if isinstance(error, InvalidArgument):
        details += violation_details(error.violations)
    if isinstance(error, (Unavailable, ResourceExhausted)):
        delay = Duration(seconds=error.retry_after)
        details.append(error_details_pb.RetryInfo(retry_delay=delay))
    return ConnectError(CODES[type(error)], str(error), details)


def refused(refusal: Refusal) -> ConnectError:
    return ConnectError(refusal.code, str(refusal), [error_info(refusal.reason)])


def from_runtime(error: ConnectError) -> ConnectError:
    """An error of the RPC runtime, given a reason and without the runtime's inner words."""
    reason = RUNTIME_REASONS.get(error.code, Reason.INTERNAL)
    message = error.message
    if reason is Reason.MALFORMED_REQUEST:
        message = _plain(message)
    return ConnectError(error.code, message, [error_info(reason), *error.details])


def malformed(sentence: str) -> ConnectError:
    """For a message of which no field can be named, as it cannot be read at all."""
    return ConnectError(
        Code.INVALID_ARGUMENT,
        f"malformed request: {sentence}",
        [error_info(Reason.MALFORMED_REQUEST)],
    )


def internal(request_id: str) -> ConnectError:
    """What a bug looks like from outside; the request id leads to its cause in the log."""
    return ConnectError(
        Code.INTERNAL,
        "internal error",
        [
            error_info(Reason.INTERNAL),
            error_details_pb.RequestInfo(request_id=request_id),
        ],
    )


def error_info(reason: Reason, metadata: Mapping[str, str] | None = None) -> Message:
    return error_details_pb.ErrorInfo(
        reason=reason.value, domain=DOMAIN, metadata=dict(metadata or {})
    )


def violation_details(violations: Sequence[Violation]) -> list[Message]:
    """The same violations for readers of protovalidate's and of Google's details."""
    return [
        validate_pb.Violations(
            violations=[
                validate_pb.Violation(
                    field=validate_pb.FieldPath(
                        elements=[
                            validate_pb.FieldPathElement(field_name=name)
                            for name in violation.field.split(".")
                        ]
                    ),
                    rule_id=violation.rule,
                    message=violation.description,
                )
                for violation in violations
            ]
        ),
        bad_request(violations),
    ]


def bad_request(violations: Sequence[Violation]) -> Message:
    return error_details_pb.BadRequest(
        field_violations=[
            error_details_pb.BadRequest.FieldViolation(
                field=violation.field,
                description=violation.description,
                reason=violation.rule.upper().replace(".", "_"),
            )
            for violation in violations
        ]
    )


def _plain(message: str) -> str:
    """A decoding error without Python's class names."""
    return re.sub(r"<class '([\w.]+)'>", r"\1", message).replace(
        "unmarshal message", "malformed request", 1
    )
