from __future__ import annotations

from datetime import timedelta

from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as pb
from protobuf.wkt import Duration

from ..domain.identifier import OrganizationId
from ..domain.personal_access_token_policy import (
    PersonalAccessTokenPolicy,
    PersonalAccessTokenPolicyChanges,
)
from ..usecases.personal_access_token_policy import PersonalAccessTokenPolicies
from .caller import caller
from .wire import Context, lifetime, uuid


class PersonalAccessTokenPolicyRpcs:
    """The RPCs of `orgplane.v1.PersonalAccessTokenService` about what the organization asks of tokens."""

    _policies: PersonalAccessTokenPolicies

    async def get_personal_access_token_policy(
        self, request: pb.GetPersonalAccessTokenPolicyRequest, ctx: Context
    ) -> pb.GetPersonalAccessTokenPolicyResponse:
        found = await self._policies.get(caller(), OrganizationId(uuid(request.organization_id)))
        return pb.GetPersonalAccessTokenPolicyResponse(policy=_to_wire(found))

    async def update_personal_access_token_policy(
        self, request: pb.UpdatePersonalAccessTokenPolicyRequest, ctx: Context
    ) -> pb.UpdatePersonalAccessTokenPolicyResponse:
        changes = PersonalAccessTokenPolicyChanges()
        if request.max_token_age is not None:
            changes["max_token_age"] = lifetime(request.max_token_age) or None
        if request.sign_in_within is not None:
            changes["sign_in_within"] = lifetime(request.sign_in_within) or None
        organization = OrganizationId(uuid(request.organization_id))
        changed = await self._policies.update(caller(), organization, changes)
        return pb.UpdatePersonalAccessTokenPolicyResponse(policy=_to_wire(changed))


def _to_wire(policy: PersonalAccessTokenPolicy) -> pb.PersonalAccessTokenPolicy:
    return pb.PersonalAccessTokenPolicy(
        organization_id=str(policy.id),
        max_token_age=_duration(policy.max_token_age),
        sign_in_within=_duration(policy.sign_in_within),
    )


def _duration(span: timedelta | None) -> Duration | None:
    return None if span is None else Duration.from_timedelta(span)
