from __future__ import annotations

from orgplane_api.orgplane.v1 import scim_credential_pb as pb
from orgplane_api.orgplane.v1.scim_credential_service_connect import (
    ScimCredentialService,
    ScimCredentialServiceASGIApplication,
)

from ..domain.identifier import ScimConfigurationId, ScimCredentialId
from ..domain.scim_credential import DEFAULT_OVERLAP, CredentialKind, ScimCredential
from ..usecases.scim_credential import ScimCredentials
from .caller import caller
from .service import Service
from .wire import Context, lifetime, optional_timestamp, timestamp, uuid

_KINDS = {
    CredentialKind.TOKEN: pb.ScimCredentialKind.TOKEN,
    CredentialKind.CLIENT_SECRET: pb.ScimCredentialKind.CLIENT_SECRET,
}
_OF_WIRE = {wire: kind for kind, wire in _KINDS.items()}


class ScimCredentialRpcs(ScimCredentialService):
    """`orgplane.v1.ScimCredentialService`."""

    def __init__(self, scim_credentials: ScimCredentials) -> None:
        self._scim_credentials = scim_credentials

    async def list_scim_credentials(
        self, request: pb.ListScimCredentialsRequest, ctx: Context
    ) -> pb.ListScimCredentialsResponse:
        found = await self._scim_credentials.list(caller(), _id(request.scim_configuration_id))
        return pb.ListScimCredentialsResponse(scim_credentials=[_to_wire(each) for each in found])

    async def create_scim_credential(
        self, request: pb.CreateScimCredentialRequest, ctx: Context
    ) -> pb.CreateScimCredentialResponse:
        overlap = request.overlap
        issued = await self._scim_credentials.create(
            caller(),
            _id(request.scim_configuration_id),
            _OF_WIRE[request.kind],
            lifetime=lifetime(request.expires_in),
            overlap=DEFAULT_OVERLAP if overlap is None else overlap.to_timedelta(),
        )
        return pb.CreateScimCredentialResponse(
            scim_credential=_to_wire(issued.credential), token=issued.token.reveal()
        )

    async def end_scim_credential(
        self, request: pb.EndScimCredentialRequest, ctx: Context
    ) -> pb.EndScimCredentialResponse:
        await self._scim_credentials.end(
            caller(),
            _id(request.scim_configuration_id),
            ScimCredentialId(uuid(request.scim_credential_id)),
        )
        return pb.EndScimCredentialResponse()


SERVICE = Service(
    ScimCredentialService.desc(),
    ScimCredentialServiceASGIApplication,
    lambda use_cases: ScimCredentialRpcs(use_cases.scim_credentials),
)


def _id(text: str) -> ScimConfigurationId:
    return ScimConfigurationId(uuid(text))


def _to_wire(credential: ScimCredential) -> pb.ScimCredential:
    return pb.ScimCredential(
        id=str(credential.id),
        scim_configuration_id=str(credential.scim_configuration_id),
        kind=_KINDS[credential.kind],
        hint=credential.hint,
        created_at=timestamp(credential.created_at),
        expires_at=timestamp(credential.expires_at),
        last_used_at=optional_timestamp(credential.last_used_at),
    )
