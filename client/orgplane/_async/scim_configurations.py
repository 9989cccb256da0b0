from __future__ import annotations

from datetime import timedelta

from orgplane_api.gitpod.v1 import scim_configuration_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1.membership_pb import PreviewScimConfigurationDeletionRequest
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClient
from orgplane_api.orgplane.v1.scim_provisioning_pb import GetProvisioningStatusRequest
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningServiceClient,
)

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages
from .scim_breakers import AsyncSCIMBreakers
from .scim_credentials import AsyncSCIMCredentials
from .scim_requests import AsyncSCIMRequests


class AsyncSCIMConfigurations:
    """SCIM configurations: how identity providers provision the organization. Administrators only.

    Every method raises an `orgplane.APIError`, takes a `timeout` of its own in seconds, and leaves as it is
    what is None.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClient)
        self._memberships = connection.stub(MembershipServiceClient)
        self._provisioning = connection.stub(ScimProvisioningServiceClient)
        self.breakers = AsyncSCIMBreakers(connection)
        self.credentials = AsyncSCIMCredentials(connection)
        self.requests = AsyncSCIMRequests(connection)

    async def create(
        self,
        *,
        organization_id: str,
        sso_configuration_id: str,
        name: str | None = None,
        token_expires_in: timedelta | str | None = None,
        allow_unverified_email_account_linking: bool | None = None,
        timeout: Seconds | None = None,
    ) -> types.CreateSCIMConfigurationResponse:
        """A new, enabled configuration and its token, which is shown this once.

        The token lives one day to two years, 365 days by default; `"86400s"` is a duration too.
        """
        response = await self._call(
            self._rpc.create_scim_configuration,
            pb.CreateSCIMConfigurationRequest(
                organization_id=organization_id,
                sso_configuration_id=sso_configuration_id,
                name=name,
                token_expires_in=duration(token_expires_in),
                allow_unverified_email_account_linking=allow_unverified_email_account_linking,
            ),
            timeout,
        )
        configuration = types.SCIMConfiguration.from_wire(
            types.present(response.scim_configuration)
        )
        return types.CreateSCIMConfigurationResponse(
            configuration, response.token, configuration.token_expires_at
        )

    async def retrieve(
        self, *, scim_configuration_id: str, timeout: Seconds | None = None
    ) -> types.SCIMConfigurationResponse:
        """One configuration."""
        response = await self._call(
            self._rpc.get_scim_configuration,
            pb.GetSCIMConfigurationRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return _response(response.scim_configuration)

    async def retrieve_status(
        self, *, scim_configuration_id: str, timeout: Seconds | None = None
    ) -> types.ProvisioningStatus:
        """How provisioning through a configuration fares."""
        response = await self._call(
            self._provisioning.get_provisioning_status,
            GetProvisioningStatusRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return types.ProvisioningStatus.from_wire(types.present(response.status))

    def list(
        self, *, page_size: int | None = None, token: str = "", timeout: Seconds | None = None
    ) -> AsyncPages[types.SCIMConfiguration]:
        """The organization's configurations, oldest first; pages of `page_size` (25, at most 100)."""

        async def fetch(token: str) -> AsyncPage[types.SCIMConfiguration]:
            response = await self._call(
                self._rpc.list_scim_configurations,
                pb.ListSCIMConfigurationsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token)
                ),
                timeout,
            )
            items = [types.SCIMConfiguration.from_wire(c) for c in response.scim_configurations]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def update(
        self,
        *,
        scim_configuration_id: str,
        name: str | None = None,
        enabled: bool | None = None,
        sso_configuration_id: str | None = None,
        allow_unverified_email_account_linking: bool | None = None,
        timeout: Seconds | None = None,
    ) -> types.SCIMConfigurationResponse:
        """The configuration after the change, which is in force when this returns.

        An empty `name` clears it, an empty `sso_configuration_id` unlinks.
        """
        response = await self._call(
            self._rpc.update_scim_configuration,
            pb.UpdateSCIMConfigurationRequest(
                scim_configuration_id=scim_configuration_id,
                name=name,
                enabled=enabled,
                sso_configuration_id=sso_configuration_id,
                allow_unverified_email_account_linking=allow_unverified_email_account_linking,
            ),
            timeout,
        )
        return _response(response.scim_configuration)

    async def preview_deletion(
        self, *, scim_configuration_id: str, timeout: Seconds | None = None
    ) -> types.PreviewSCIMConfigurationDeletionResponse:
        """Whom `delete` would make active again, as things are now. Nothing is deleted."""
        response = await self._call(
            self._memberships.preview_scim_configuration_deletion,
            PreviewScimConfigurationDeletionRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return types.PreviewSCIMConfigurationDeletionResponse.from_wire(response)

    async def delete(self, *, scim_configuration_id: str, timeout: Seconds | None = None) -> None:
        """Users already provisioned stay; the token is refused when this returns.

        Whom its provider has deactivated is active again only if another has said so since.
        """
        await self._call(
            self._rpc.delete_scim_configuration,
            pb.DeleteSCIMConfigurationRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )

    async def regenerate_token(
        self,
        *,
        scim_configuration_id: str,
        token_expires_in: timedelta | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.RegenerateSCIMTokenResponse:
        """A new token, shown this once; the old one is dead when this returns.

        It lives as long as the previous one was made for, unless said otherwise.
        """
        response = await self._call(
            self._rpc.regenerate_scim_token,
            pb.RegenerateSCIMTokenRequest(
                scim_configuration_id=scim_configuration_id,
                token_expires_in=duration(token_expires_in),
            ),
            timeout,
        )
        expires_at = types.present(response.token_expires_at)
        return types.RegenerateSCIMTokenResponse(response.token, expires_at.to_datetime())


def _response(wire: pb.SCIMConfiguration | None) -> types.SCIMConfigurationResponse:
    return types.SCIMConfigurationResponse(types.SCIMConfiguration.from_wire(types.present(wire)))
