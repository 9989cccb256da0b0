from __future__ import annotations

from orgplane_api.gitpod.v1 import sso_configuration_pb as pb
from orgplane_api.orgplane.v1 import sso_configuration_pb as own_pb
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationService,
    SsoConfigurationServiceASGIApplication,
)

from ..domain.identifier import OrganizationId, SsoConfigurationId
from ..domain.sso_configuration import (
    ClientAuthentication,
    SsoConfiguration,
    SsoConfigurationChanges,
    SsoConfigurationState,
    email_domains,
)
from ..oidc.examination import Outcome
from ..usecases.sso_configuration import SsoConfigurations
from .caller import caller
from .service import Service
from .wire import Context, page_request, page_response, unknown_value, uuid

_STATES = {
    SsoConfigurationState.INACTIVE: pb.SSOConfigurationState.INACTIVE,
    SsoConfigurationState.ACTIVE: pb.SSOConfigurationState.ACTIVE,
}
_OUTCOMES = {
    Outcome.OK: own_pb.SsoConfigurationCheckOutcome.OK,
    Outcome.WRONG: own_pb.SsoConfigurationCheckOutcome.WRONG,
    Outcome.UNKNOWN: own_pb.SsoConfigurationCheckOutcome.UNKNOWN,
}
_STATES_FROM_WIRE = {wire: state for state, wire in _STATES.items()}

_AUTHENTICATIONS = {each: own_pb.ClientAuthentication[each.name] for each in ClientAuthentication}


class SsoConfigurationRpcs:
    """The SSO configuration RPCs of `gitpod.v1.OrganizationService`."""

    _sso_configurations: SsoConfigurations

    async def create_sso_configuration(
        self, request: pb.CreateSSOConfigurationRequest, ctx: Context
    ) -> pb.CreateSSOConfigurationResponse:
        created = await self._sso_configurations.create(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            client_id=request.client_id,
            client_secret=request.client_secret,
            issuer_url=request.issuer_url,
            email_domains=email_domains(request.email_domain, request.email_domains),
            display_name=request.display_name,
            additional_scopes=tuple(request.additional_scopes),
            claims_expression=request.claims_expression,
        )
        return pb.CreateSSOConfigurationResponse(sso_configuration=_to_wire(created))

    async def get_sso_configuration(
        self, request: pb.GetSSOConfigurationRequest, ctx: Context
    ) -> pb.GetSSOConfigurationResponse:
        found = await self._sso_configurations.get(caller(), _id(request.sso_configuration_id))
        return pb.GetSSOConfigurationResponse(sso_configuration=_to_wire(found))

    async def list_sso_configurations(
        self, request: pb.ListSSOConfigurationsRequest, ctx: Context
    ) -> pb.ListSSOConfigurationsResponse:
        page = await self._sso_configurations.list(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            page_request(request.pagination),
        )
        return pb.ListSSOConfigurationsResponse(
            pagination=page_response(page.next_token),
            sso_configurations=[_to_wire(item) for item in page.items],
        )

    async def update_sso_configuration(
        self, request: pb.UpdateSSOConfigurationRequest, ctx: Context
    ) -> pb.UpdateSSOConfigurationResponse:
        await self._sso_configurations.update(
            caller(),
            _id(request.sso_configuration_id),
            _changes(request),
            request.client_secret if request.has_field("client_secret") else None,
        )
        return pb.UpdateSSOConfigurationResponse()

    async def delete_sso_configuration(
        self, request: pb.DeleteSSOConfigurationRequest, ctx: Context
    ) -> pb.DeleteSSOConfigurationResponse:
        await self._sso_configurations.delete(caller(), _id(request.sso_configuration_id))
        return pb.DeleteSSOConfigurationResponse()


class SsoConfigurationServiceRpcs(SsoConfigurationService):
    """`orgplane.v1.SsoConfigurationService`."""

    def __init__(self, sso_configurations: SsoConfigurations) -> None:
        self._sso_configurations = sso_configurations

    async def get_sso_configuration_status(
        self, request: own_pb.GetSsoConfigurationStatusRequest, ctx: Context
    ) -> own_pb.GetSsoConfigurationStatusResponse:
        id = _id(request.sso_configuration_id)
        found = await self._sso_configurations.status(caller(), id)
        status = own_pb.SsoConfigurationStatus(
            sso_configuration_id=str(id),
            faults=[
                own_pb.SsoConfigurationFault(field=fault.field, description=fault.description)
                for fault in found.faults
            ],
            unproven_email_domains=list(found.unproven_domains),
            redirect_uri=found.redirect_uri,
            binding_claim=found.binding_claim,
            bound_members=found.bound_members,
            client_authentication=_AUTHENTICATIONS[found.client_authentication],
            jwks_uri=found.jwks_uri,
        )
        return own_pb.GetSsoConfigurationStatusResponse(status=status)

    async def test_sso_configuration(
        self, request: own_pb.TestSsoConfigurationRequest, ctx: Context
    ) -> own_pb.TestSsoConfigurationResponse:
        found = await self._sso_configurations.test(caller(), _id(request.sso_configuration_id))
        return own_pb.TestSsoConfigurationResponse(
            checks=[
                own_pb.SsoConfigurationCheck(
                    check=each.check,
                    outcome=_OUTCOMES[each.outcome],
                    description=each.description,
                    remedy=each.remedy,
                )
                for each in found
            ]
        )

    async def update_sso_configuration_binding(
        self, request: own_pb.UpdateSsoConfigurationBindingRequest, ctx: Context
    ) -> own_pb.UpdateSsoConfigurationBindingResponse:
        changes = SsoConfigurationChanges()
        if request.has_field("issuer_url"):
            changes["issuer_url"] = request.issuer_url
        if request.has_field("client_id"):
            changes["client_id"] = request.client_id
        if request.has_field("binding_claim"):
            changes["binding_claim"] = request.binding_claim
        if request.has_field("client_authentication"):
            named = request.client_authentication.name
            changes["client_authentication"] = ClientAuthentication[named]
        id = _id(request.sso_configuration_id)
        secret = request.client_secret if request.has_field("client_secret") else None
        ended = await self._sso_configurations.update_binding(
            caller(), id, changes, secret, rebind=request.rebind
        )
        return own_pb.UpdateSsoConfigurationBindingResponse(ended_bindings=ended)


SERVICE = Service(
    SsoConfigurationService.desc(),
    SsoConfigurationServiceASGIApplication,
    lambda use_cases: SsoConfigurationServiceRpcs(use_cases.sso_configurations),
)


def _id(text: str) -> SsoConfigurationId:
    return SsoConfigurationId(uuid(text))


def _changes(request: pb.UpdateSSOConfigurationRequest) -> SsoConfigurationChanges:
    """Only what the request has; a list or map without presence changes something when not empty."""
    changes = SsoConfigurationChanges()
    if request.has_field("client_id"):
        changes["client_id"] = request.client_id
    if request.has_field("issuer_url"):
        changes["issuer_url"] = request.issuer_url
    if request.has_field("state"):
        state = _STATES_FROM_WIRE.get(request.state)
        if state is None:
            raise unknown_value("state")
        changes["state"] = state
    if request.claims:
        changes["claims"] = dict(request.claims)
    if request.email_domain or request.email_domains:
        changes["email_domains"] = email_domains(request.email_domain, request.email_domains)
    if request.has_field("display_name"):
        changes["display_name"] = request.display_name
    if request.additional_scopes is not None:
        changes["additional_scopes"] = tuple(request.additional_scopes.scopes)
    if request.has_field("claims_expression"):
        changes["claims_expression"] = request.claims_expression
    return changes


def _to_wire(configuration: SsoConfiguration) -> pb.SSOConfiguration:
    return pb.SSOConfiguration(
        id=str(configuration.id),
        organization_id=str(configuration.organization_id),
        client_id=configuration.client_id,
        issuer_url=configuration.issuer_url,
        state=_STATES[configuration.state],
        claims=dict(configuration.claims),
        email_domain=next(iter(configuration.email_domains), ""),
        email_domains=list(configuration.email_domains),
        provider_type=pb.SSOConfiguration.ProviderType.CUSTOM,
        display_name=configuration.display_name,
        additional_scopes=list(configuration.additional_scopes),
        claims_expression=configuration.claims_expression,
    )
