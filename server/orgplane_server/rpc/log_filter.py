from __future__ import annotations

from orgplane_api.orgplane.v1 import scim_provisioning_pb, sign_in_attempt_pb

from ..domain.log_filter import LogFilter
from .wire import datetime_of


def log_filter(
    wire: scim_provisioning_pb.ScimRequestFilter | sign_in_attempt_pb.SignInAttemptFilter | None,
) -> LogFilter:
    """The `filter` of a request. Raises InvalidArgument."""
    if wire is None:
        return LogFilter()
    return LogFilter(
        failed=wire.failed,
        since=datetime_of("filter.since", wire.since),
        until=datetime_of("filter.until", wire.until),
    )
