"""Everything that a call can raise.

OrgplaneError
├── ConfigurationError            the client was set up with something that cannot work
├── ClientClosedError             the client was used after it was closed
└── APIError                      the call failed; has a code, a stable reason, a request id
    ├── InvalidArgumentError      the request can never succeed as it is; has the violations
    │   └── EventsPurgedError     events behind the cursor are no longer kept; start without one
    ├── UnauthenticatedError      no token, or one that is not (or no longer) valid
    ├── PermissionDeniedError     the token's user may not do this
    ├── NotFoundError             no such object, or none that the caller may know of
    ├── AlreadyExistsError
    ├── FailedPreconditionError   the request is fine, the state of the organization is not
    ├── ResourceExhaustedError    too large, or too much at once; may say when to retry
    ├── UnimplementedError        the server does not know the call
    ├── UnavailableError          nobody can answer now; retrying is safe
    │   └── APIConnectionError    the server was not reached, or the connection broke
    ├── DeadlineExceededError     not finished in time; may or may not have taken effect
    ├── CanceledError
    ├── AbortedError
    └── InternalError             a bug in the server; quote the request id
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta


class OrgplaneError(Exception):
    """Base of all."""


class ConfigurationError(OrgplaneError):
    """The client was set up with something that cannot work."""


class ClientClosedError(OrgplaneError):
    """The client was used after it was closed."""


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """`field` is the path in the request (`pagination.page_size`), `rule` a stable id of what it breaks."""

    field: str
    description: str
    rule: str


class APIError(OrgplaneError):
    """A call that failed. Its text is the server's message; the cause is the RPC library's error.

    `code` is the RPC code in lower case (`not_found`); `reason` the stable, finer cause of the server's
    `ErrorReason` (`SSO_CONFIGURATION_NOT_FOUND`), with its `metadata`; `request_id` finds the call in
    the server's log. `retry_after` is set where the server said when to try again. All but `code` and
    `message` may be empty.
    """

    code: str = "unknown"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        request_id: str = "",
        violations: Sequence[FieldViolation] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.reason = reason
        self.metadata: Mapping[str, str] = metadata or {}
        self.request_id = request_id
        self.violations = tuple(violations)
        self.retry_after = retry_after


class InvalidArgumentError(APIError):
    code = "invalid_argument"


class EventsPurgedError(InvalidArgumentError):
    """Some events were missed for good: take stock of what is there, and start without a cursor."""

    code = "out_of_range"


class UnauthenticatedError(APIError):
    code = "unauthenticated"


class PermissionDeniedError(APIError):
    code = "permission_denied"


class NotFoundError(APIError):
    code = "not_found"


class AlreadyExistsError(APIError):
    code = "already_exists"


class FailedPreconditionError(APIError):
    code = "failed_precondition"


class ResourceExhaustedError(APIError):
    code = "resource_exhausted"


class UnimplementedError(APIError):
    code = "unimplemented"


class UnavailableError(APIError):
    code = "unavailable"


class APIConnectionError(UnavailableError):
    pass


class DeadlineExceededError(APIError):
    code = "deadline_exceeded"


class CanceledError(APIError):
    code = "canceled"


class AbortedError(APIError):
    code = "aborted"


class InternalError(APIError):
    code = "internal"
