# Generated from _async/scim_credentials.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from datetime import timedelta

from orgplane_api.orgplane.v1 import scim_credential_pb as pb
from orgplane_api.orgplane.v1.scim_credential_service_connect import ScimCredentialServiceClientSync

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import Connection

_KINDS = {
    types.SCIMCredentialKind.UNSPECIFIED: pb.ScimCredentialKind.UNSPECIFIED,
    types.SCIMCredentialKind.TOKEN: pb.ScimCredentialKind.TOKEN,
    types.SCIMCredentialKind.CLIENT_SECRET: pb.ScimCredentialKind.CLIENT_SECRET,
}


class SCIMCredentials:
    """What identity providers show: SCIM tokens and client secrets. Administrators only.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(ScimCredentialServiceClientSync)

    def list(
        self, *, scim_configuration_id: str, timeout: Seconds | None = None
    ) -> list[types.SCIMCredential]:
        """Those of a configuration that work, oldest first: at most two tokens and two client secrets."""
        response = self._call(
            self._rpc.list_scim_credentials,
            pb.ListScimCredentialsRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return [types.SCIMCredential.from_wire(each) for each in response.scim_credentials]

    def create(
        self,
        *,
        scim_configuration_id: str,
        kind: types.SCIMCredentialKind | str = types.SCIMCredentialKind.TOKEN,
        expires_in: timedelta | str | None = None,
        overlap: timedelta | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.CreateSCIMCredentialResponse:
        """A new one, shown this once, beside that of before, which ends after the `overlap`.

        That is 24 hours by default, and at most seven days; with none all of before end at once. It lives one day to two
        years; by default a token as long as the previous one was made for, a client secret a year.
        """
        response = self._call(
            self._rpc.create_scim_credential,
            pb.CreateScimCredentialRequest(
                scim_configuration_id=scim_configuration_id,
                kind=_KINDS[types.SCIMCredentialKind(kind)],
                expires_in=duration(expires_in),
                overlap=duration(overlap),
            ),
            timeout,
        )
        credential = types.SCIMCredential.from_wire(types.present(response.scim_credential))
        return types.CreateSCIMCredentialResponse(credential, response.token)

    def end(
        self,
        *,
        scim_configuration_id: str,
        scim_credential_id: str,
        timeout: Seconds | None = None,
    ) -> None:
        """One is dead when this returns, and so are the access tokens of a client secret."""
        self._call(
            self._rpc.end_scim_credential,
            pb.EndScimCredentialRequest(
                scim_configuration_id=scim_configuration_id, scim_credential_id=scim_credential_id
            ),
            timeout,
        )
