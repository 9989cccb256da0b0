"""The one table from what can go wrong to SCIM's answers (RFC 7644 section 3.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from scim2_models import Error, SCIMException

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

#: The status, as proxies have it, of a request whose client went away before it was answered.
CLIENT_CLOSED_REQUEST = 499

STATUSES: Mapping[type[OrgplaneError], int] = {
    InvalidArgument: 400,
    Unauthenticated: 401,
    PermissionDenied: 403,
    NotFound: 404,
    AlreadyExists: 409,
    VersionMismatch: 412,
    FailedPrecondition: 409,
    OutOfRange: 400,
    ResourceExhausted: 429,
    Unavailable: 503,
}

#: What to do about an answer, where HTTP has a header for it.
HEADERS: Mapping[int, tuple[tuple[bytes, bytes], ...]] = {
    401: ((b"www-authenticate", b"Bearer"),),
    503: ((b"retry-after", b"1"),),
}

#: The scimType of reasons that the domain gives whatever the door.
SCIM_TYPES: Mapping[Reason, str] = {
    Reason.ALREADY_EXISTS: "uniqueness",
    Reason.INVALID_PAGE_TOKEN: "invalidCursor",
    Reason.MALFORMED_REQUEST: "invalidSyntax",
}

_RULE = "scim."

#: What pydantic says of Python's types, in JSON's words.
_DESCRIPTIONS: Mapping[str, str] = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "string_type": "must be a string",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no; `detail` is for people and never empty."""

    status: int
    detail: str
    scim_type: str = ""
    more: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        return (*HEADERS.get(self.status, ()), *self.more)

    def document(self) -> dict[str, Any]:
        scim_type = {"scimType": self.scim_type} if self.scim_type else {}
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": str(self.status),
            **scim_type,
            "detail": self.detail,
        }


def invalid(scim_type: str, field: str, description: str) -> InvalidArgument:
    """The error for a request that cannot be done as it is; `field` is a SCIM path or a member's name."""
    return InvalidArgument(Violation(field, description, _RULE + scim_type))


def refusal(error: OrgplaneError | SCIMException | ValidationError) -> Refusal:
    """The answer to a domain error, or to what the SCIM library finds wrong with a request."""
    if isinstance(error, OrgplaneError):
        refused = Refusal(STATUSES[type(error)], str(error), _scim_type(error))
        if isinstance(error, ResourceExhausted):
            return replace(refused, more=((b"retry-after", b"%d" % error.retry_after),))
        return refused
    if isinstance(error, ValidationError):
        return _of_validation(error)
    if isinstance(error.__cause__, ValidationError):
        return _of_validation(error.__cause__)
    return Refusal(error.status, error.detail, error.scim_type)


def internal(request_id: str) -> Refusal:
    """What a bug looks like from outside; the request id leads to its cause in the log."""
    return Refusal(500, f"internal error, request {request_id}")


def _scim_type(error: OrgplaneError) -> str:
    if isinstance(error, InvalidArgument):
        for violation in error.violations:
            if violation.rule.startswith(_RULE):
                return violation.rule.removeprefix(_RULE)
        return SCIM_TYPES.get(error.reason, "invalidValue")
    return SCIM_TYPES.get(error.reason, "")


def _of_validation(error: ValidationError) -> Refusal:
    found: Sequence[Any] = error.errors(include_url=False, include_input=False)
    first = Error.from_validation_error(found[0])
    return Refusal(
        first.status or 400, "; ".join(map(_described, found)), first.scim_type or "invalidValue"
    )


def _described(error: Mapping[str, Any]) -> str:
    detail = Error.from_validation_error(error).detail or ""
    field = detail.removeprefix(error["msg"]).removeprefix(": ")
    description = _DESCRIPTIONS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{field}: {description}" if field else description


class Refused(Exception):
    """A request turned away for what HTTP, not SCIM, says about it."""

    def __init__(
        self, status: int, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


class ClientLeft(Refused):
    """Nobody waits for the answer any more."""

    def __init__(self) -> None:
        super().__init__(CLIENT_CLOSED_REQUEST, "the client went away before its turn")
