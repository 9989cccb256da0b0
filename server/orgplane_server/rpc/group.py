from __future__ import annotations

from orgplane_api.gitpod.v1 import group_pb as pb
from orgplane_api.gitpod.v1.event_pb import ResourceType
from orgplane_api.gitpod.v1.group_service_connect import (
    GroupService,
    GroupServiceASGIApplication,
)
from orgplane_api.gitpod.v1.identity_pb import Principal, Subject

from ..domain.errors import InvalidArgument, Violation
from ..domain.group import GroupFilter, GroupMembership, Sized
from ..domain.identifier import GroupId, GroupMembershipId, OrganizationId, UserId
from ..usecases.group import Groups
from ..usecases.role import Roles
from .caller import caller
from .identity import subject
from .role import GroupRoleRpcs
from .service import Service
from .wire import Context, page_request, page_response, timestamp, unvalidated_uuid, uuid


class GroupRpcs(GroupRoleRpcs, GroupService):
    """`gitpod.v1.GroupService`."""

    def __init__(self, groups: Groups, roles: Roles) -> None:
        self._groups = groups
        self._roles = roles

    async def create_group(
        self, request: pb.CreateGroupRequest, ctx: Context
    ) -> pb.CreateGroupResponse:
        created = await self._groups.create(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            request.name,
            request.description,
        )
        return pb.CreateGroupResponse(group=group_to_wire(created))

    async def get_group(self, request: pb.GetGroupRequest, ctx: Context) -> pb.GetGroupResponse:
        if request.group is not None and request.group.field == "name":
            found = await self._groups.get_by_name(caller(), request.group.value)
        else:
            found = await self._groups.get(caller(), _asked(request))
        return pb.GetGroupResponse(group=group_to_wire(found))

    async def list_groups(
        self, request: pb.ListGroupsRequest, ctx: Context
    ) -> pb.ListGroupsResponse:
        page = await self._groups.list(
            caller(), page_request(request.pagination), _filter(request.filter)
        )
        return pb.ListGroupsResponse(
            pagination=page_response(page.next_token),
            groups=[group_to_wire(item) for item in page.items],
        )

    async def update_group(
        self, request: pb.UpdateGroupRequest, ctx: Context
    ) -> pb.UpdateGroupResponse:
        changed = await self._groups.update(
            caller(),
            _id(request.group_id),
            {"name": request.name, "description": request.description},
        )
        return pb.UpdateGroupResponse(group=group_to_wire(changed))

    async def delete_group(
        self, request: pb.DeleteGroupRequest, ctx: Context
    ) -> pb.DeleteGroupResponse:
        await self._groups.delete(caller(), _id(request.group_id))
        return pb.DeleteGroupResponse()

    async def create_membership(
        self, request: pb.CreateMembershipRequest, ctx: Context
    ) -> pb.CreateMembershipResponse:
        made = await self._groups.add(caller(), _id(request.group_id), _user(request.subject))
        return pb.CreateMembershipResponse(member=_membership(made))

    async def delete_membership(
        self, request: pb.DeleteMembershipRequest, ctx: Context
    ) -> pb.DeleteMembershipResponse:
        await self._groups.remove(caller(), GroupMembershipId(uuid(request.membership_id)))
        return pb.DeleteMembershipResponse()

    async def get_membership(
        self, request: pb.GetMembershipRequest, ctx: Context
    ) -> pb.GetMembershipResponse:
        found = await self._groups.membership(
            caller(), _id(request.group_id), _user(request.subject)
        )
        return pb.GetMembershipResponse(member=None if found is None else _membership(found))

    async def list_memberships(
        self, request: pb.ListMembershipsRequest, ctx: Context
    ) -> pb.ListMembershipsResponse:
        search = "" if request.filter is None else request.filter.search
        page = await self._groups.memberships(
            caller(), _id(request.group_id), page_request(request.pagination), search
        )
        return pb.ListMembershipsResponse(
            pagination=page_response(page.next_token),
            members=[_membership(item) for item in page.items],
        )


SERVICE = Service(
    GroupService.desc(),
    GroupServiceASGIApplication,
    lambda use_cases: GroupRpcs(use_cases.groups, use_cases.roles),
)


def _id(text: str) -> GroupId:
    return GroupId(uuid(text))


def _asked(request: pb.GetGroupRequest) -> GroupId:
    """The id in either place; the older one is not validated by the contract."""
    if request.group is not None:
        return _id(request.group.value)
    named = "group_id" if request.group_id else "id"
    return GroupId(unvalidated_uuid(named, request.group_id))


def _user(subject: Subject | None) -> UserId:
    """Raises InvalidArgument for whoever cannot be in a group."""
    if subject is None or not subject.id:
        raise InvalidArgument(Violation("subject.id", "must be a UUID", "string.uuid"))
    if subject.principal is not Principal.USER:
        why = "must be PRINCIPAL_USER: only members are in groups; assign roles to a service account itself"
        raise InvalidArgument(Violation("subject.principal", why, "subject.supported"))
    return UserId(uuid(subject.id))


def _filter(wire: pb.ListGroupsRequest.Filter | None) -> GroupFilter:
    if wire is None:
        return GroupFilter()
    ids = frozenset(map(_id, wire.group_ids)) if wire.group_ids else None
    if wire.direct_share:
        ids = frozenset()  # there is none of that kind
    provided = wire.system_managed if wire.has_field("system_managed") else None
    resource = wire.exclude_assigned_to_resource
    return GroupFilter(
        search=wire.search,
        ids=ids,
        provided=provided,
        # Groups have roles on nothing else.
        without_roles=resource is not None
        and resource.resource_type is ResourceType.ORGANIZATION
        and uuid(resource.resource_id) == caller().organization_id,
    )


def group_to_wire(sized: Sized) -> pb.Group:
    group = sized.group
    return pb.Group(
        id=str(group.id),
        organization_id=str(group.organization_id),
        name=group.name,
        system_managed=not group.local,
        created_at=timestamp(group.created_at),
        updated_at=timestamp(group.updated_at),
        description=group.description,
        member_count=sized.members,
    )


def _membership(membership: GroupMembership) -> pb.GroupMembership:
    return pb.GroupMembership(
        id=str(membership.id),
        subject=subject(membership.user_id),
        group_id=str(membership.group_id),
        name=membership.name,
        avatar_url=membership.avatar_url,
    )
