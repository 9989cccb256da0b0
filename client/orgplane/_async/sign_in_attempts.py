from __future__ import annotations

from datetime import datetime

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import sign_in_attempt_pb as pb
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import (
    SignInAttemptServiceClient,
)
from protobuf.wkt import Timestamp

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages
from .reconnecting import AsyncReconnecting


class AsyncSignInAttempts:
    """Who signed in through an SSO configuration, and who was refused. Administrators only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._call = connection.call
        self._rpc = connection.stub(SignInAttemptServiceClient)

    def list(
        self,
        *,
        sso_configuration_id: str,
        failed: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        oldest_first: bool = False,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.SignInAttempt]:
        """Attempts of a configuration, the newest first, in pages of `page_size` (25, at most 100).

        Only those that `failed`, were made `since` a moment, or before `until` one. Moments are aware datetimes.
        """
        narrowed = pb.SignInAttemptFilter(failed=failed, since=_wire(since), until=_wire(until))

        async def fetch(token: str) -> AsyncPage[types.SignInAttempt]:
            response = await self._call(
                self._rpc.list_sign_in_attempts,
                pb.ListSignInAttemptsRequest(
                    sso_configuration_id=sso_configuration_id,
                    filter=narrowed,
                    oldest_first=oldest_first,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [
                types.SignInAttempt.from_wire(attempt) for attempt in response.sign_in_attempts
            ]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    def watch(
        self,
        *,
        sso_configuration_id: str,
        failed: bool = False,
        cursor: str = "",
        recent: int = 0,
    ) -> AsyncSignInAttemptWatch:
        """Each new attempt of a configuration, as it is made.

        After the `recent` latest ones (at most 100), or going on behind a `cursor`.
        """
        request = pb.WatchSignInAttemptsRequest(
            sso_configuration_id=sso_configuration_id, failed=failed, cursor=cursor, recent=recent
        )
        return AsyncSignInAttemptWatch(self._connection, self._rpc.watch_sign_in_attempts, request)


class AsyncSignInAttemptWatch(AsyncReconnecting[pb.SignInAttempt, types.SignInAttempt]):
    """Attempts as they are made, for ever; one task or thread iterates at a time.

    When the connection breaks or the server stops, it is made anew from the last place, after waiting
    longer each time it fails: no attempt is missed, and each is given once. Until it was made the first
    time, it is tried as often as a call is. Iterating raises an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no attempt is missed. `close`
    ends it; so does the end of the block.
    """

    def _told(self, message: pb.WatchSignInAttemptsResponse) -> tuple[pb.SignInAttempt | None, str]:
        return message.sign_in_attempt, message.cursor

    def _given(self, told: pb.SignInAttempt) -> types.SignInAttempt:
        return types.SignInAttempt.from_wire(told)


def _wire(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else Timestamp.from_datetime(moment)
