# Generated from _async/sso_configurations.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Mapping, Sequence

from orgplane_api.gitpod.v1 import sso_configuration_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1.sso_configuration_pb import (
    ClientAuthentication,
    GetSsoConfigurationStatusRequest,
    TestSsoConfigurationRequest,
    UpdateSsoConfigurationBindingRequest,
)
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationServiceClientSync,
)

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .pages import Page, Pages
from .sign_in_attempts import SignInAttempts

_STATES = {
    types.SSOConfigurationState.UNSPECIFIED: pb.SSOConfigurationState.UNSPECIFIED,
    types.SSOConfigurationState.INACTIVE: pb.SSOConfigurationState.INACTIVE,
    types.SSOConfigurationState.ACTIVE: pb.SSOConfigurationState.ACTIVE,
}

_AUTHENTICATIONS = {each: ClientAuthentication[each.name] for each in types.ClientAuthentication}


class SSOConfigurations:
    """SSO configurations: an organization's OpenID Connect providers. Administrators only.

    Members sign in through active ones, in the browser; SCIM configurations link to them. What could never work is refused with
    an InvalidArgumentError that names the field: an issuer that is none, a claims expression that does not
    compile. See `docs/api.md` for the rules.

    Every method raises an `orgplane.APIError`, takes a `timeout` of its own in seconds, and leaves as it is
    what is None.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClientSync)
        self._own = connection.stub(SsoConfigurationServiceClientSync)
        self.sign_ins = SignInAttempts(connection)

    def create(
        self,
        *,
        organization_id: str,
        client_id: str,
        client_secret: str,
        issuer_url: str,
        email_domain: str | None = None,
        email_domains: Sequence[str] = (),
        display_name: str = "",
        additional_scopes: Sequence[str] = (),
        claims_expression: str | None = None,
        timeout: Seconds | None = None,
    ) -> types.SSOConfigurationResponse:
        """A new configuration, inactive until an update activates it."""
        response = self._call(
            self._rpc.create_sso_configuration,
            pb.CreateSSOConfigurationRequest(
                organization_id=organization_id,
                client_id=client_id,
                client_secret=client_secret,
                issuer_url=issuer_url,
                email_domain=email_domain,
                email_domains=[*email_domains],
                display_name=display_name,
                additional_scopes=[*additional_scopes],
                claims_expression=claims_expression,
            ),
            timeout,
        )
        return _response(response.sso_configuration)

    def retrieve(
        self, *, sso_configuration_id: str, timeout: Seconds | None = None
    ) -> types.SSOConfigurationResponse:
        """One configuration, without its secret."""
        response = self._call(
            self._rpc.get_sso_configuration,
            pb.GetSSOConfigurationRequest(sso_configuration_id=sso_configuration_id),
            timeout,
        )
        return _response(response.sso_configuration)

    def retrieve_status(
        self, *, sso_configuration_id: str, timeout: Seconds | None = None
    ) -> types.SSOConfigurationStatus:
        """What is stored and can never work, as older servers let in more; and which e-mail domains are not proven."""
        response = self._call(
            self._own.get_sso_configuration_status,
            GetSsoConfigurationStatusRequest(sso_configuration_id=sso_configuration_id),
            timeout,
        )
        return types.SSOConfigurationStatus.from_wire(types.present(response.status))

    def test(
        self, *, sso_configuration_id: str, timeout: Seconds | None = None
    ) -> Sequence[types.SSOConfigurationCheck]:
        """What the provider says to the configuration now, in the order in which it is to be put right.

        The provider gets the client secret, and sees a sign-in that fails.
        """
        response = self._call(
            self._own.test_sso_configuration,
            TestSsoConfigurationRequest(sso_configuration_id=sso_configuration_id),
            timeout,
        )
        return [types.SSOConfigurationCheck.from_wire(each) for each in response.checks]

    def list(
        self,
        *,
        organization_id: str,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.SSOConfiguration]:
        """The organization's configurations, oldest first; pages of `page_size` (25, at most 100)."""

        def fetch(token: str) -> Page[types.SSOConfiguration]:
            response = self._call(
                self._rpc.list_sso_configurations,
                pb.ListSSOConfigurationsRequest(
                    organization_id=organization_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.SSOConfiguration.from_wire(c) for c in response.sso_configurations]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def update(
        self,
        *,
        sso_configuration_id: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        issuer_url: str | None = None,
        state: types.SSOConfigurationState | str | None = None,
        claims: Mapping[str, str] | None = None,
        email_domain: str | None = None,
        email_domains: Sequence[str] | None = None,
        display_name: str | None = None,
        additional_scopes: Sequence[str] | None = None,
        claims_expression: str | None = None,
        timeout: Seconds | None = None,
    ) -> None:
        """Changes what is not None; empty `additional_scopes` clear them.

        Empty `claims` and `email_domains` change nothing: the API cannot tell them from absent ones.
        Raises ValueError for a state that is none of `SSOConfigurationState`.
        """
        self._call(
            self._rpc.update_sso_configuration,
            pb.UpdateSSOConfigurationRequest(
                sso_configuration_id=sso_configuration_id,
                client_id=client_id,
                client_secret=client_secret,
                issuer_url=issuer_url,
                state=None if state is None else _STATES[types.SSOConfigurationState(state)],
                claims=dict(claims or {}),
                email_domain=email_domain,
                email_domains=[*(email_domains or ())],
                display_name=display_name,
                additional_scopes=(
                    None
                    if additional_scopes is None
                    else pb.AdditionalScopesUpdate(scopes=[*additional_scopes])
                ),
                claims_expression=claims_expression,
            ),
            timeout,
        )

    def update_binding(
        self,
        *,
        sso_configuration_id: str,
        issuer_url: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        binding_claim: str | None = None,
        client_authentication: types.ClientAuthentication | str | None = None,
        rebind: bool = False,
        timeout: Seconds | None = None,
    ) -> int:
        """Says anew who somebody is: by which provider, as which client, by which claim. How many bindings have ended.

        `client_authentication` says how the provider knows the server, by which no binding ends. Raises
        FailedPreconditionError while members are bound, unless with `rebind` they are to be bound anew; their sessions end.
        """
        response = self._call(
            self._own.update_sso_configuration_binding,
            UpdateSsoConfigurationBindingRequest(
                sso_configuration_id=sso_configuration_id,
                issuer_url=issuer_url,
                client_id=client_id,
                client_secret=client_secret,
                binding_claim=binding_claim,
                client_authentication=(
                    None
                    if client_authentication is None
                    else _AUTHENTICATIONS[types.ClientAuthentication(client_authentication)]
                ),
                rebind=rebind,
            ),
            timeout,
        )
        return response.ended_bindings

    def delete(self, *, sso_configuration_id: str, timeout: Seconds | None = None) -> None:
        """Raises FailedPreconditionError while a SCIM configuration links to it."""
        self._call(
            self._rpc.delete_sso_configuration,
            pb.DeleteSSOConfigurationRequest(sso_configuration_id=sso_configuration_id),
            timeout,
        )


def _response(wire: pb.SSOConfiguration | None) -> types.SSOConfigurationResponse:
    return types.SSOConfigurationResponse(types.SSOConfiguration.from_wire(types.present(wire)))
