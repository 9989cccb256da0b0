# Generated from _async/identity.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.gitpod.v1 import identity_pb as pb
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection


class Identity:
    """Who is calling, and acting for who has signed in."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(IdentityServiceClientSync)

    def get_authenticated_identity(
        self, *, timeout: Seconds | None = None
    ) -> types.AuthenticatedIdentity:
        """The actor and the organization that the client's token stands for."""
        response = self._call(
            self._rpc.get_authenticated_identity, pb.GetAuthenticatedIdentityRequest(), timeout
        )
        return types.AuthenticatedIdentity(
            organization_id=response.organization_id,
            organization_tier=response.organization_tier,
            subject=types.Subject.from_wire(types.present(response.subject)),
        )

    def exchange_token(
        self, *, exchange_token: str, timeout: Seconds | None = None
    ) -> types.ExchangedToken:
        """A session's access token, for what a browser brought from a sign-in. Works once, within 60 seconds; takes no other token.

        Raises UnauthenticatedError for one that does not work.
        """
        request = pb.ExchangeTokenRequest(exchange_token=exchange_token)
        return types.ExchangedToken.from_wire(
            self._call(self._rpc.exchange_token, request, timeout)
        )
