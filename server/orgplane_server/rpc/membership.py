from __future__ import annotations

from orgplane_api.orgplane.v1 import membership_pb as pb
from orgplane_api.orgplane.v1.membership_service_connect import (
    MembershipService,
    MembershipServiceASGIApplication,
)

from ..domain.identifier import ScimConfigurationId, UserId
from ..domain.membership import Denial
from ..domain.scim_attribute import ENTERPRISE_USER
from ..domain.scim_user import ScimUser
from ..usecases.erasure import Erasures
from ..usecases.first_token import FirstTokens
from ..usecases.group import Groups
from ..usecases.joining import Joining
from ..usecases.membership import Known, Memberships
from .caller import caller
from .erasure import ErasureRpcs
from .first_token import FirstTokenRpcs
from .group import group_to_wire
from .joining import TOKENLESS, OwnJoiningRpcs
from .service import Service
from .user import STATUSES
from .wire import Context, page_request, page_response, timestamp, uuid

#: Members that a preview names.
_MOST_NAMED = 1000


class MembershipRpcs(OwnJoiningRpcs, FirstTokenRpcs, ErasureRpcs, MembershipService):
    """`orgplane.v1.MembershipService`."""

    def __init__(
        self,
        memberships: Memberships,
        groups: Groups,
        joining: Joining,
        first_tokens: FirstTokens,
        erasures: Erasures,
    ) -> None:
        self._memberships = memberships
        self._groups = groups
        self._joining = joining
        self._first_tokens = first_tokens
        self._erasures = erasures

    async def get_membership(
        self, request: pb.GetMembershipRequest, ctx: Context
    ) -> pb.GetMembershipResponse:
        known = await self._memberships.get(caller(), UserId(uuid(request.user_id)))
        return pb.GetMembershipResponse(membership=_to_wire(known))

    async def list_member_groups(
        self, request: pb.ListMemberGroupsRequest, ctx: Context
    ) -> pb.ListMemberGroupsResponse:
        page = await self._groups.of_member(
            caller(), UserId(uuid(request.user_id)), page_request(request.pagination)
        )
        return pb.ListMemberGroupsResponse(
            pagination=page_response(page.next_token),
            groups=[group_to_wire(item) for item in page.items],
        )

    async def preview_scim_configuration_deletion(
        self, request: pb.PreviewScimConfigurationDeletionRequest, ctx: Context
    ) -> pb.PreviewScimConfigurationDeletionResponse:
        id = ScimConfigurationId(uuid(request.scim_configuration_id))
        deletion = await self._memberships.preview_deletion(caller(), id)
        return pb.PreviewScimConfigurationDeletionResponse(
            reactivated=[
                pb.ReactivatedMember(
                    user_id=str(member.id), full_name=member.name, email=member.email
                )
                for member in deletion.reactivated[:_MOST_NAMED]
            ],
            reactivated_count=len(deletion.reactivated),
            suspended_by_administrator_count=deletion.suspended_by_administrator,
        )


SERVICE = Service(
    MembershipService.desc(),
    MembershipServiceASGIApplication,
    lambda use_cases: MembershipRpcs(
        use_cases.memberships,
        use_cases.groups,
        use_cases.joining,
        use_cases.first_tokens,
        use_cases.erasures,
    ),
    TOKENLESS,
)


def _to_wire(known: Known) -> pb.Membership:
    membership = known.membership
    return pb.Membership(
        user_id=str(membership.member.id),
        status=STATUSES[membership.member.status],
        denials=[_denial(known, each) for each in membership.denials],
        links=[_link(known, each) for each in membership.links],
    )


def _denial(known: Known, denial: Denial) -> pb.Denial:
    if denial.configuration_id is None:
        return pb.Denial(since=timestamp(denial.since))
    return pb.Denial(
        scim_configuration_id=str(denial.configuration_id),
        scim_configuration_name=known.name(denial.configuration_id),
        since=timestamp(denial.since),
    )


def _link(known: Known, link: ScimUser) -> pb.Link:
    work = link.attributes.get(ENTERPRISE_USER, {})
    return pb.Link(
        scim_configuration_id=str(link.configuration_id),
        scim_configuration_name=known.name(link.configuration_id),
        user_name=link.attributes["userName"],
        external_id=link.external_id or "",
        active=link.active,
        active_said_at=timestamp(link.active_said_at),
        title=link.attributes.get("title", ""),
        department=work.get("department", ""),
        manager_id=work.get("manager", {}).get("value", ""),
    )
