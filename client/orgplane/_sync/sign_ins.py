# Generated from _async/sign_ins.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.orgplane.v1 import sign_in_pb as pb
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection


class SignIns:
    """Who has signed in to an application that the operator has registered: the client's token is the application's secret.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(SignInServiceClientSync)

    def exchange_code(
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
        response = self._call(self._rpc.exchange_code, request, timeout)
        return types.SignInResponse(types.SignIn.from_wire(types.present(response.sign_in)))

    def retrieve(self, *, sign_in_id: str, timeout: Seconds | None = None) -> types.SignInResponse:
        """Who is signed in by it, as of now; counts as use. Raises NotFoundError when the sign-in is over."""
        request = pb.GetSignInRequest(sign_in_id=sign_in_id)
        response = self._call(self._rpc.get_sign_in, request, timeout)
        return types.SignInResponse(types.SignIn.from_wire(types.present(response.sign_in)))
