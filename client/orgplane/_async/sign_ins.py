from __future__ import annotations

from orgplane_api.orgplane.v1 import sign_in_pb as pb
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .reconnecting import AsyncReconnecting


class AsyncSignIns:
    """Who has signed in to an application that the operator has registered: the client's token is the application's secret.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._call = connection.call
        self._rpc = connection.stub(SignInServiceClient)

    async def exchange_code(
        self,
        *,
        code: str,
        redirect_uri: str,
        code_verifier: str,
        timeout: Seconds | None = None,
    ) -> types.SignInResponse:
        """Who has signed in, for the code that the browser has brought to `redirect_uri`. Works once, within 60 seconds.

        Raises FailedPreconditionError for a code that does not work.
        """
        request = pb.ExchangeCodeRequest(
            code=code, redirect_uri=redirect_uri, code_verifier=code_verifier
        )
        response = await self._call(self._rpc.exchange_code, request, timeout)
        return types.SignInResponse(types.SignIn.from_wire(types.present(response.sign_in)))

    async def retrieve(
        self, *, sign_in_id: str, timeout: Seconds | None = None
    ) -> types.SignInResponse:
        """Who is signed in by it, as of now; counts as use. Raises NotFoundError when the sign-in is over."""
        request = pb.GetSignInRequest(sign_in_id=sign_in_id)
        response = await self._call(self._rpc.get_sign_in, request, timeout)
        return types.SignInResponse(types.SignIn.from_wire(types.present(response.sign_in)))

    def watch_sign_outs(self, *, cursor: str = "") -> AsyncSignOutWatch:
        """Each sign-in that something has ended, as soon as it has; going on behind a `cursor`, which is good for 7 days.

        One that ends by time alone is not among them: `expires_at` and `idle_expires_at` tell when.
        """
        request = pb.WatchSignOutsRequest(cursor=cursor)
        return AsyncSignOutWatch(self._connection, self._rpc.watch_sign_outs, request)


class AsyncSignOutWatch(AsyncReconnecting[pb.SignOut, types.SignOut]):
    """Sign-outs as they come, for ever; one task or thread iterates at a time.

    When the connection breaks or the server stops, it is made anew from the last place, after waiting
    longer each time it fails: no sign-out is missed, and each is given once. Until it was made the first
    time, it is tried as often as a call is. Iterating raises an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no sign-out is missed. `close`
    ends it; so does the end of the block.
    """

    def _told(self, message: pb.WatchSignOutsResponse) -> tuple[pb.SignOut | None, str]:
        return message.sign_out, message.cursor

    def _given(self, told: pb.SignOut) -> types.SignOut:
        return types.SignOut.from_wire(told)
