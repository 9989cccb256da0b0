"""Values that every feature's messages share, from and to the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from connectrpc.request import RequestContext
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, PaginationResponse
from protobuf.wkt import Duration, Timestamp

from ..domain.errors import InvalidArgument, Violation
from ..domain.page import PageRequest

#: What the runtime tells a handler about the call; ours need nothing of it.
Context: TypeAlias = RequestContext[Any, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid(text: str) -> UUID:
    """An id that validation has already found to be a UUID."""
    return UUID(text)


def unvalidated_uuid(field: str, text: str) -> UUID:
    """An id that the contract has no rule for. Raises InvalidArgument."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidArgument(Violation(field, "must be a UUID", "string.uuid")) from None


def timestamp(instant: datetime) -> Timestamp:
    since = instant - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


def optional_timestamp(instant: datetime | None) -> Timestamp | None:
    return None if instant is None else timestamp(instant)


def datetime_of(field: str, wire: Timestamp | None) -> datetime | None:
    """Raises InvalidArgument for a moment outside the years 1 to 9999."""
    try:
        return None if wire is None else wire.to_datetime()
    except (OverflowError, ValueError, OSError):
        raise InvalidArgument(
            Violation(field, "must be within the years 1 to 9999", "timestamp.valid")
        ) from None


def lifetime(duration: Duration | None) -> timedelta | None:
    return None if duration is None else duration.to_timedelta()


def page_request(pagination: PaginationRequest | None) -> PageRequest:
    if pagination is None:
        return PageRequest()
    return PageRequest(pagination.page_size, pagination.token)


def page_response(next_token: str) -> PaginationResponse:
    return PaginationResponse(next_token=next_token)


def unknown_value(field: str) -> InvalidArgument:
    """For an enumeration's value that is none of the contract's."""
    return InvalidArgument(
        Violation(field, "must be one of the defined values", "enum.defined_only")
    )
