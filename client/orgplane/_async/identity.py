from __future__ import annotations

from orgplane_api.gitpod.v1 import identity_pb as pb
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection


class AsyncIdentity:
    """Who is calling."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(IdentityServiceClient)

    async def get_authenticated_identity(
        self, *, timeout: Seconds | None = None
    ) -> types.AuthenticatedIdentity:
        """The actor and the organization that the client's token stands for."""
        response = await self._call(
            self._rpc.get_authenticated_identity, pb.GetAuthenticatedIdentityRequest(), timeout
        )
        return types.AuthenticatedIdentity(
            organization_id=response.organization_id,
            organization_tier=response.organization_tier,
            subject=types.Subject.from_wire(types.present(response.subject)),
        )
