from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1 import member_pb as pb
from orgplane_api.gitpod.v1.count_pb import CountRequest
from orgplane_api.gitpod.v1.login_provider_pb import LoginProviderKind
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, SortOrder
from orgplane_api.gitpod.v1.user_pb import UserStatus
from orgplane_api.orgplane.v1.erasure_pb import EraseMemberRequest
from orgplane_api.orgplane.v1.membership_pb import GetMembershipRequest, ListMemberGroupsRequest
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages

_ROLES = dict(zip(types.OrganizationRole, pb.OrganizationRole, strict=True))
_STATUSES = dict(zip(types.UserStatus, UserStatus, strict=True))
_LOGIN_PROVIDERS = dict(zip(types.LoginProviderKind, LoginProviderKind, strict=True))
_SORT_FIELDS = {
    "name": pb.ListMembersRequest.SortField.NAME,
    "date_joined": pb.ListMembersRequest.SortField.DATE_JOINED,
}


class AsyncMembers:
    """The members of the organization. Every method raises an `orgplane.APIError`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClient)
        self._memberships = connection.stub(MembershipServiceClient)

    def list(
        self,
        *,
        organization_id: str,
        search: str = "",
        email: str = "",
        statuses: Sequence[types.UserStatus | str] = (),
        roles: Sequence[types.OrganizationRole | str] = (),
        user_ids: Sequence[str] = (),
        login_provider: types.LoginProviderKind | str | None = None,
        sort: types.MemberSort | None = None,
        descending: bool = False,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.OrganizationMember]:
        """Members that meet every condition given, in pages of `page_size` (25, at most 100).

        Without `sort` the caller comes first, then the others by name. `search` is part of the name or of
        the e-mail address, `email` the whole of it. Without `statuses` those who left are left out.
        Raises ValueError for a value that no enumeration of `types` has, and for `descending` alone.
        """
        narrowed = _filter(search, email, statuses, roles, user_ids, login_provider)
        order = _sort(sort, descending)

        async def fetch(token: str) -> AsyncPage[types.OrganizationMember]:
            response = await self._call(
                self._rpc.list_members,
                pb.ListMembersRequest(
                    organization_id=organization_id,
                    filter=narrowed,
                    sort=order,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.OrganizationMember.from_wire(member) for member in response.members]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def count(
        self,
        *,
        organization_id: str,
        search: str = "",
        email: str = "",
        statuses: Sequence[types.UserStatus | str] = (),
        roles: Sequence[types.OrganizationRole | str] = (),
        user_ids: Sequence[str] = (),
        login_provider: types.LoginProviderKind | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.Count:
        """How many members `list` would give for the same conditions: exact up to 10,000."""
        response = await self._call(
            self._rpc.list_members,
            pb.ListMembersRequest(
                organization_id=organization_id,
                filter=_filter(search, email, statuses, roles, user_ids, login_provider),
                pagination=PaginationRequest(page_size=1),
                count=CountRequest(include=True),
            ),
            timeout,
        )
        return types.Count.from_wire(types.present(response.count, "`count`, which was asked for"))

    async def get_membership(
        self, *, user_id: str, timeout: Seconds | None = None
    ) -> types.MembershipResponse:
        """How identity providers know a member, and who denies that they are active. Administrators only."""
        response = await self._call(
            self._memberships.get_membership, GetMembershipRequest(user_id=user_id), timeout
        )
        return types.MembershipResponse(
            types.Membership.from_wire(types.present(response.membership))
        )

    def list_groups(
        self,
        *,
        user_id: str,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.Group]:
        """The groups that a member is in, oldest first; pages of `page_size` (25, at most 100)."""

        async def fetch(token: str) -> AsyncPage[types.Group]:
            response = await self._call(
                self._memberships.list_member_groups,
                ListMemberGroupsRequest(
                    user_id=user_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.Group.from_wire(group) for group in response.groups]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def erase(self, *, user_id: str, timeout: Seconds | None = None) -> types.Erasure:
        """Forgets a person, who is no member any more, but for their id; not the caller. Administrators only.

        Does no harm a second time, and goes on where a call was interrupted.
        """
        request = EraseMemberRequest(user_id=user_id)
        return types.Erasure.from_wire(
            await self._call(self._memberships.erase_member, request, timeout)
        )

    async def set_role(
        self,
        *,
        organization_id: str,
        user_id: str,
        role: types.OrganizationRole | str,
        timeout: Seconds | None = None,
    ) -> None:
        """Administrators only; the last active one of them cannot be made anything else."""
        await self._call(
            self._rpc.set_role,
            pb.SetRoleRequest(
                organization_id=organization_id,
                user_id=user_id,
                role=_ROLES[types.OrganizationRole(role)],
            ),
            timeout,
        )


def _sort(sort: types.MemberSort | None, descending: bool) -> pb.ListMembersRequest.Sort | None:
    if sort is not None:
        order = SortOrder.DESC if descending else SortOrder.ASC
        return pb.ListMembersRequest.Sort(field=_SORT_FIELDS[sort], order=order)
    if descending:
        raise ValueError("descending: say what by, with sort")
    return None


def _filter(
    search: str,
    email: str,
    statuses: Sequence[types.UserStatus | str],
    roles: Sequence[types.OrganizationRole | str],
    user_ids: Sequence[str],
    login_provider: types.LoginProviderKind | str | None,
) -> pb.ListMembersRequest.Filter:
    kind = login_provider or types.LoginProviderKind.UNSPECIFIED
    return pb.ListMembersRequest.Filter(
        search=search,
        email=email,
        statuses=[_STATUSES[types.UserStatus(status)] for status in statuses],
        roles=[_ROLES[types.OrganizationRole(role)] for role in roles],
        user_ids=[*user_ids],
        login_provider=_LOGIN_PROVIDERS[types.LoginProviderKind(kind)],
    )
