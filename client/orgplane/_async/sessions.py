from __future__ import annotations

from orgplane_api.orgplane.v1 import session_pb as pb
from orgplane_api.orgplane.v1.session_service_connect import SessionServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection


class AsyncSessions:
    """The session of whoever has signed in through an SSO configuration, which is the client's token.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(SessionServiceClient)

    async def retrieve(self, *, timeout: Seconds | None = None) -> types.SessionResponse:
        """The client's. Raises FailedPreconditionError if its token is a personal access token."""
        response = await self._call(self._rpc.get_session, pb.GetSessionRequest(), timeout)
        return types.SessionResponse(types.Session.from_wire(types.present(response.session)))

    async def end(self, *, timeout: Seconds | None = None) -> None:
        """Ends the client's: its token is refused everywhere from then on."""
        await self._call(self._rpc.end_session, pb.EndSessionRequest(), timeout)
