from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgplane_api.gitpod.v1 import organization_policies_pb as pb

from ..domain.identifier import OrganizationId
from ..domain.organization_policies import (
    OrganizationPolicies,
    OrganizationPoliciesChanges,
    without_effect,
)
from ..usecases.organization_policies import Policies
from .caller import caller
from .wire import Context, uuid

_EFFECTIVE = "restrict_account_creation_to_scim"
#: Of a type that is none of the contract's published ones, so that no message here can have it.
_UNTYPED = "max_port_admission_level"


class OrganizationPoliciesRpcs:
    """The RPCs of `gitpod.v1.OrganizationService` about policies."""

    _policies: Policies

    async def get_organization_policies(
        self, request: pb.GetOrganizationPoliciesRequest, ctx: Context
    ) -> pb.GetOrganizationPoliciesResponse:
        found = await self._policies.get(caller(), OrganizationId(uuid(request.organization_id)))
        return pb.GetOrganizationPoliciesResponse(policies=_to_wire(found))

    async def update_organization_policies(
        self, request: pb.UpdateOrganizationPoliciesRequest, ctx: Context
    ) -> pb.UpdateOrganizationPoliciesResponse:
        refused = [name for name in _given(request) if name != _EFFECTIVE]
        if refused:
            raise without_effect(refused)
        changes = OrganizationPoliciesChanges()
        if request.has_field("restrict_account_creation_to_scim"):
            changes["restrict_account_creation_to_scim"] = request.restrict_account_creation_to_scim
        await self._policies.update(
            caller(), OrganizationId(uuid(request.organization_id)), changes
        )
        return pb.UpdateOrganizationPoliciesResponse()


def _given(request: pb.UpdateOrganizationPoliciesRequest) -> list[str]:
    """The policies that a request has something for."""
    has: Callable[[Any], bool] = request.has_field
    names = (field.local_name for field in request.desc().fields)
    given = [name for name in names if name != "organization_id" and has(name)]
    return [*given, _UNTYPED] if request._unknown_fields else given


def _to_wire(policies: OrganizationPolicies) -> pb.OrganizationPolicies:
    return pb.OrganizationPolicies(
        organization_id=str(policies.id),
        agent_policy=pb.AgentPolicy(),
        restrict_account_creation_to_scim=policies.restrict_account_creation_to_scim,
    )
