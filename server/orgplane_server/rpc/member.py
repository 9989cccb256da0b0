from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from orgplane_api.gitpod.v1 import count_pb, pagination_pb
from orgplane_api.gitpod.v1 import member_pb as pb
from orgplane_api.gitpod.v1.login_provider_pb import LoginProviderKind

from ..domain.errors import InvalidArgument, Violation
from ..domain.identifier import GroupId, OrganizationId, UserId
from ..domain.member import (
    PRESENT,
    Count,
    LoginProvider,
    Member,
    MemberFilter,
    MemberOrder,
    MemberSort,
)
from ..domain.role import Role
from ..usecases.member import Members
from .caller import caller
from .user import STATUSES
from .wire import Context, page_request, page_response, timestamp, unknown_value, uuid

W = TypeVar("W", bound=int)
T = TypeVar("T")

ROLES = {
    Role.ADMIN: pb.OrganizationRole.ADMIN,
    Role.MEMBER: pb.OrganizationRole.MEMBER,
}
_ROLES_FROM_WIRE = {wire: role for role, wire in ROLES.items()}
_STATUSES_FROM_WIRE = {wire: status for status, wire in STATUSES.items()}
_LOGIN_PROVIDERS_FROM_WIRE = {
    LoginProviderKind.UNSPECIFIED: None,
    LoginProviderKind.SSO: LoginProvider.SSO,
    LoginProviderKind.GITHUB: LoginProvider.GITHUB,
    LoginProviderKind.GOOGLE: LoginProvider.GOOGLE,
    LoginProviderKind.MAGICLINK: LoginProvider.MAGIC_LINK,
}
_SORTS_FROM_WIRE = {
    pb.ListMembersRequest.SortField.UNSPECIFIED: MemberSort.JOINED,
    pb.ListMembersRequest.SortField.NAME: MemberSort.NAME,
    pb.ListMembersRequest.SortField.DATE_JOINED: MemberSort.JOINED,
}
_DESCENDING_FROM_WIRE = {
    pagination_pb.SortOrder.UNSPECIFIED: False,
    pagination_pb.SortOrder.ASC: False,
    pagination_pb.SortOrder.DESC: True,
}


class MemberRpcs:
    """The RPCs of `gitpod.v1.OrganizationService` about members."""

    _members: Members

    async def list_members(
        self, request: pb.ListMembersRequest, ctx: Context
    ) -> pb.ListMembersResponse:
        page, count = await self._members.list(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            page_request(request.pagination),
            _filter(request.filter),
            _order(request.sort),
            counted=request.count is not None and request.count.include,
        )
        return pb.ListMembersResponse(
            pagination=page_response(page.next_token),
            members=[member_to_wire(item) for item in page.items],
            count=None if count is None else count_to_wire(count),
        )

    async def set_role(self, request: pb.SetRoleRequest, ctx: Context) -> pb.SetRoleResponse:
        await self._members.set_role(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            UserId(uuid(request.user_id)),
            _known(_ROLES_FROM_WIRE, request.role, "role"),
        )
        return pb.SetRoleResponse()

    async def leave_organization(
        self, request: pb.LeaveOrganizationRequest, ctx: Context
    ) -> pb.LeaveOrganizationResponse:
        await self._members.leave(caller(), UserId(uuid(request.user_id)))
        return pb.LeaveOrganizationResponse()


def _filter(wire: pb.ListMembersRequest.Filter | None) -> MemberFilter:
    if wire is None:
        return MemberFilter()
    if wire.exclude_members_in_any_team:
        raise _refused("filter.exclude_members_in_any_team", "there are no teams here")
    return MemberFilter(
        search=wire.search,
        email=wire.email,
        statuses=_all(_STATUSES_FROM_WIRE, wire.statuses, "filter.statuses") or PRESENT,
        roles=_all(_ROLES_FROM_WIRE, wire.roles, "filter.roles"),
        user_ids=frozenset(UserId(uuid(id)) for id in wire.user_ids),
        outside=frozenset(GroupId(uuid(id)) for id in wire.exclude_group_ids),
        login_provider=_known(
            _LOGIN_PROVIDERS_FROM_WIRE, wire.login_provider, "filter.login_provider"
        ),
    )


def _order(wire: pb.ListMembersRequest.Sort | None) -> MemberOrder | None:
    """None if there is nothing in it: some clients send every message of a request, filled or not."""
    if wire is None or not (wire.field or wire.order):
        return None
    return MemberOrder(
        by=_known(_SORTS_FROM_WIRE, wire.field, "sort.field"),
        descending=_known(_DESCENDING_FROM_WIRE, wire.order, "sort.order"),
    )


def _all(known: Mapping[W, T], wire: Iterable[W], field: str) -> frozenset[T]:
    return frozenset(_known(known, value, f"{field}[{i}]") for i, value in enumerate(wire))


def _known(known: Mapping[W, T], wire: W, field: str) -> T:
    try:
        return known[wire]
    except KeyError:
        raise unknown_value(field) from None


def _refused(field: str, why: str) -> InvalidArgument:
    return InvalidArgument(Violation(field, why, "filter.supported"))


def count_to_wire(count: Count) -> count_pb.CountResponse:
    relation = count_pb.CountResponseRelation
    return count_pb.CountResponse(
        value=count.value, relation=relation.EQ if count.exact else relation.GTE
    )


def member_to_wire(member: Member) -> pb.OrganizationMember:
    user = member.user
    return pb.OrganizationMember(
        user_id=str(user.id),
        role=ROLES[member.role],
        member_since=timestamp(user.created_at),
        avatar_url=user.avatar_url,
        full_name=user.name,
        email=user.email,
        status=STATUSES[user.status],
        login_provider=member.login_provider.value,
    )
