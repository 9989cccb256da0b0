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
    ├── UnavailableError          nobody can answer now
    │   └── APIConnectionError    there is no answer
    │       ├── NotReachedError   the call never left; trying again is always safe
    │       │   └── CertificateError   the server's certificate, or the client's, is not accepted
    │       └── AnswerLostError   it was sent; it may or may not have taken effect
    ├── DeadlineExceededError     not finished in time; may or may not have taken effect
    ├── CanceledError
    ├── AbortedError
    └── InternalError             a bug in the server, or an answer that cannot be read; quote the request id

Trying again is safe for what changes nothing, and after a NotReachedError. After any other UnavailableError, a
DeadlineExceededError or a CanceledError the change may have been made: a creation that is tried again may make two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


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
    """The request can never succeed as it is; `violations` list what is wrong, by field."""

    code = "invalid_argument"


class EventsPurgedError(InvalidArgumentError):
    """Some events were missed for good: take stock of what is there, and start without a cursor."""

    code = "out_of_range"


class UnauthenticatedError(APIError):
    """No token was sent, or one that is not (or no longer) valid."""

    code = "unauthenticated"


class PermissionDeniedError(APIError):
    """The token's user may not do this."""

    code = "permission_denied"


class NotFoundError(APIError):
    """There is no such object, or none that the caller may know of."""

    code = "not_found"


class AlreadyExistsError(APIError):
    """There is one already."""

    code = "already_exists"


class FailedPreconditionError(APIError):
    """The request is fine; the state of the organization does not allow it."""

    code = "failed_precondition"


class ResourceExhaustedError(APIError):
    """Too large, or too much at once; `retry_after` may say when to try again."""

    code = "resource_exhausted"


class UnimplementedError(APIError):
    """The server does not know the call."""

    code = "unimplemented"


class UnavailableError(APIError):
    """Nobody can answer now. Raised itself, it is what the server or a proxy said.

    With the `reason` SERVER_STOPPING or OVERLOADED nothing was done. With another, or none, a change may or
    may not have taken effect, never in part.
    """

    code = "unavailable"


class APIConnectionError(UnavailableError):
    """There is no answer: the server was not reached, or the connection broke."""


class NotReachedError(APIConnectionError):
    """No connection could be made, so nothing was done. Trying again is safe, whatever the call."""


class CertificateError(NotReachedError):
    """A certificate is not accepted or missing, so nothing was done; the message says why. Trying again does not help.

    `whose` it is: the `server`'s, which this client does not trust, or the `client`'s.
    """

    def __init__(self, message: str, *, whose: Literal["server", "client"] = "server") -> None:
        super().__init__(message)
        self.whose = whose


class AnswerLostError(APIConnectionError):
    """The connection broke before the answer was there. The call may or may not have taken effect, never in part."""


class DeadlineExceededError(APIError):
    """Not finished in time. It may or may not have taken effect, never in part."""

    code = "deadline_exceeded"


class CanceledError(APIError):
    """The call was canceled. It may or may not have taken effect, never in part."""

    code = "canceled"


class AbortedError(APIError):
    """The call lost against another one."""

    code = "aborted"


class InternalError(APIError):
    """A bug in the server, whose log explains it under the `request_id`; or an answer that cannot be read.

    A change may or may not have taken effect, never in part.
    """

    code = "internal"
