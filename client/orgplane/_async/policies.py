from __future__ import annotations

from datetime import timedelta

from orgplane_api.gitpod.v1 import organization_policies_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as token_pb
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenServiceClient,
)

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import AsyncConnection


class AsyncPolicies:
    """What the organization lets its members do; of the contract's policies those that this server has.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClient)
        self._tokens = connection.stub(PersonalAccessTokenServiceClient)

    async def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationPoliciesResponse:
        """As they are now."""
        response = await self._call(
            self._rpc.get_organization_policies,
            pb.GetOrganizationPoliciesRequest(organization_id=organization_id),
            timeout,
        )
        return types.OrganizationPoliciesResponse(
            types.OrganizationPolicies.from_wire(types.present(response.policies))
        )

    async def update(
        self,
        *,
        organization_id: str,
        restrict_account_creation_to_scim: bool | None = None,
        timeout: Seconds | None = None,
    ) -> None:
        """Changes what is not None, from when it returns on. Administrators only.

        With `restrict_account_creation_to_scim` only SCIM makes members: nobody joins.
        """
        await self._call(
            self._rpc.update_organization_policies,
            pb.UpdateOrganizationPoliciesRequest(
                organization_id=organization_id,
                restrict_account_creation_to_scim=restrict_account_creation_to_scim,
            ),
            timeout,
        )

    async def retrieve_token_policy(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.PersonalAccessTokenPolicyResponse:
        """What the organization asks of personal access tokens now."""
        response = await self._call(
            self._tokens.get_personal_access_token_policy,
            token_pb.GetPersonalAccessTokenPolicyRequest(organization_id=organization_id),
            timeout,
        )
        return types.PersonalAccessTokenPolicyResponse(
            types.PersonalAccessTokenPolicy.from_wire(types.present(response.policy))
        )

    async def update_token_policy(
        self,
        *,
        organization_id: str,
        max_token_age: timedelta | str | None = None,
        sign_in_within: timedelta | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.PersonalAccessTokenPolicyResponse:
        """Changes what is not None, for every token there is from when it returns on. Administrators only.

        With `max_token_age` (2 to 90 days) no token gets older: those that are there end at that age, and no later when the bound goes.
        With `sign_in_within` (2 to 365 days) tokens of members whom SCIM does not provision rest if the member has not signed in for
        so long. A span of 0 ends either. Raises PermissionDeniedError if nobody could act for the organization any more.
        """
        response = await self._call(
            self._tokens.update_personal_access_token_policy,
            token_pb.UpdatePersonalAccessTokenPolicyRequest(
                organization_id=organization_id,
                max_token_age=duration(max_token_age),
                sign_in_within=duration(sign_in_within),
            ),
            timeout,
        )
        return types.PersonalAccessTokenPolicyResponse(
            types.PersonalAccessTokenPolicy.from_wire(types.present(response.policy))
        )
