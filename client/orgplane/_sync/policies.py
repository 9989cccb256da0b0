# Generated from _async/policies.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.gitpod.v1 import organization_policies_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection


class Policies:
    """What the organization lets its members do; of the contract's policies those that this server has.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClientSync)

    def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationPoliciesResponse:
        """As they are now."""
        response = self._call(
            self._rpc.get_organization_policies,
            pb.GetOrganizationPoliciesRequest(organization_id=organization_id),
            timeout,
        )
        return types.OrganizationPoliciesResponse(
            types.OrganizationPolicies.from_wire(types.present(response.policies))
        )

    def update(
        self,
        *,
        organization_id: str,
        restrict_account_creation_to_scim: bool | None = None,
        timeout: Seconds | None = None,
    ) -> None:
        """Changes what is not None, from when it returns on. Administrators only.

        With `restrict_account_creation_to_scim` only SCIM makes members: nobody joins.
        """
        self._call(
            self._rpc.update_organization_policies,
            pb.UpdateOrganizationPoliciesRequest(
                organization_id=organization_id,
                restrict_account_creation_to_scim=restrict_account_creation_to_scim,
            ),
            timeout,
        )
