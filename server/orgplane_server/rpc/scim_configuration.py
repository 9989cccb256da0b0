from __future__ import annotations

from orgplane_api.gitpod.v1 import scim_configuration_pb as pb

from ..domain.identifier import OrganizationId, ScimConfigurationId, SsoConfigurationId
from ..domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from ..usecases.scim_configuration import ScimConfigurations
from .caller import caller
from .wire import Context, lifetime, page_request, page_response, timestamp, uuid


class ScimConfigurationRpcs:
    """The SCIM configuration RPCs of `gitpod.v1.OrganizationService`."""

    _scim_configurations: ScimConfigurations

    async def create_scim_configuration(
        self, request: pb.CreateSCIMConfigurationRequest, ctx: Context
    ) -> pb.CreateSCIMConfigurationResponse:
        issued = await self._scim_configurations.create(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            SsoConfigurationId(uuid(request.sso_configuration_id)),
            name=request.name,
            token_lifetime=lifetime(request.token_expires_in),
            allow_unverified_email_account_linking=request.allow_unverified_email_account_linking,
        )
        return pb.CreateSCIMConfigurationResponse(
            scim_configuration=_to_wire(issued.configuration),
            token=issued.token.reveal(),
            token_expires_at=timestamp(issued.configuration.token_expires_at),
        )

    async def get_scim_configuration(
        self, request: pb.GetSCIMConfigurationRequest, ctx: Context
    ) -> pb.GetSCIMConfigurationResponse:
        found = await self._scim_configurations.get(caller(), _id(request.scim_configuration_id))
        return pb.GetSCIMConfigurationResponse(scim_configuration=_to_wire(found))

    async def list_scim_configurations(
        self, request: pb.ListSCIMConfigurationsRequest, ctx: Context
    ) -> pb.ListSCIMConfigurationsResponse:
        page = await self._scim_configurations.list(caller(), page_request(request.pagination))
        return pb.ListSCIMConfigurationsResponse(
            pagination=page_response(page.next_token),
            scim_configurations=[_to_wire(item) for item in page.items],
        )

    async def update_scim_configuration(
        self, request: pb.UpdateSCIMConfigurationRequest, ctx: Context
    ) -> pb.UpdateSCIMConfigurationResponse:
        updated = await self._scim_configurations.update(
            caller(), _id(request.scim_configuration_id), _changes(request)
        )
        return pb.UpdateSCIMConfigurationResponse(scim_configuration=_to_wire(updated))

    async def delete_scim_configuration(
        self, request: pb.DeleteSCIMConfigurationRequest, ctx: Context
    ) -> pb.DeleteSCIMConfigurationResponse:
        await self._scim_configurations.delete(caller(), _id(request.scim_configuration_id))
        return pb.DeleteSCIMConfigurationResponse()

    async def regenerate_scim_token(
        self, request: pb.RegenerateSCIMTokenRequest, ctx: Context
    ) -> pb.RegenerateSCIMTokenResponse:
        issued = await self._scim_configurations.regenerate_token(
            caller(), _id(request.scim_configuration_id), lifetime(request.token_expires_in)
        )
        return pb.RegenerateSCIMTokenResponse(
            token=issued.token.reveal(),
            token_expires_at=timestamp(issued.configuration.token_expires_at),
        )


def _id(text: str) -> ScimConfigurationId:
    return ScimConfigurationId(uuid(text))


def _changes(request: pb.UpdateSCIMConfigurationRequest) -> ScimConfigurationChanges:
    """Only what the request has; an empty SSO configuration unlinks."""
    changes = ScimConfigurationChanges()
    if request.has_field("name"):
        changes["name"] = request.name
    if request.has_field("enabled"):
        changes["enabled"] = request.enabled
    if request.has_field("sso_configuration_id"):
        link = request.sso_configuration_id
        changes["sso_configuration_id"] = SsoConfigurationId(uuid(link)) if link else None
    if request.has_field("allow_unverified_email_account_linking"):
        changes["allow_unverified_email_account_linking"] = (
            request.allow_unverified_email_account_linking
        )
    return changes


def _to_wire(configuration: ScimConfiguration) -> pb.SCIMConfiguration:
    link = configuration.sso_configuration_id
    return pb.SCIMConfiguration(
        id=str(configuration.id),
        organization_id=str(configuration.organization_id),
        name=configuration.name,
        enabled=configuration.enabled,
        sso_configuration_id=str(link) if link else "",
        created_at=timestamp(configuration.created_at),
        updated_at=timestamp(configuration.updated_at),
        token_expires_at=timestamp(configuration.token_expires_at),
        allow_unverified_email_account_linking=configuration.allow_unverified_email_account_linking,
    )
