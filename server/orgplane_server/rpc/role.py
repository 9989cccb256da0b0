from __future__ import annotations

from uuid import UUID

from orgplane_api.gitpod.v1 import group_pb
from orgplane_api.gitpod.v1.event_pb import ResourceType
from orgplane_api.orgplane.v1 import role_pb as pb
from orgplane_api.orgplane.v1.role_service_connect import RoleService, RoleServiceASGIApplication

from ..domain.errors import InvalidArgument, Violation
from ..domain.identifier import OrganizationId, RoleAssignmentId, UserId
from ..domain.role import Principal, PrincipalKind, Role, RoleAssignment, Told
from ..usecases.role import AssignmentFilter, Roles
from .caller import caller
from .service import Service
from .wire import Context, page_request, page_response, timestamp, unvalidated_uuid, uuid

_ROLES = {role: pb.Role[role.name] for role in Role}
_ROLES_FROM_WIRE = {wire: role for role, wire in _ROLES.items()}
_PRINCIPALS = {kind: pb.RolePrincipal[kind.name] for kind in PrincipalKind}
_PRINCIPALS_FROM_WIRE = {wire: kind for kind, wire in _PRINCIPALS.items()}
#: What `gitpod.v1` calls the roles that there are here.
_RESOURCE_ROLES = {role: group_pb.ResourceRole[f"ORG_{role.name}"] for role in Role}
_RESOURCE_ROLES_FROM_WIRE = {wire: role for role, wire in _RESOURCE_ROLES.items()}
_GROUPS = frozenset([PrincipalKind.GROUP])


class RoleRpcs(RoleService):
    """`orgplane.v1.RoleService`."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def assign_role(
        self, request: pb.AssignRoleRequest, ctx: Context
    ) -> pb.AssignRoleResponse:
        principal = Principal(_PRINCIPALS_FROM_WIRE[request.principal], uuid(request.principal_id))
        told = await self._roles.assign(caller(), principal, _ROLES_FROM_WIRE[request.role])
        return pb.AssignRoleResponse(assigned_role=assigned_to_wire(told))

    async def revoke_role(
        self, request: pb.RevokeRoleRequest, ctx: Context
    ) -> pb.RevokeRoleResponse:
        await self._roles.revoke(caller(), RoleAssignmentId(uuid(request.assigned_role_id)))
        return pb.RevokeRoleResponse()

    async def list_assigned_roles(
        self, request: pb.ListAssignedRolesRequest, ctx: Context
    ) -> pb.ListAssignedRolesResponse:
        to = frozenset([uuid(request.principal_id)]) if request.principal_id else frozenset()
        page = await self._roles.list(
            caller(), page_request(request.pagination), AssignmentFilter(to=to)
        )
        return pb.ListAssignedRolesResponse(
            pagination=page_response(page.next_token),
            assigned_roles=[assigned_to_wire(item) for item in page.items],
        )

    async def get_effective_roles(
        self, request: pb.GetEffectiveRolesRequest, ctx: Context
    ) -> pb.GetEffectiveRolesResponse:
        found = await self._roles.of(caller(), UserId(uuid(request.user_id)))
        return pb.GetEffectiveRolesResponse(
            effective_roles=pb.EffectiveRoles(
                user_id=str(found.member.id),
                roles=[wire for role, wire in _ROLES.items() if role in found.roles],
                own_role=_ROLES[found.member.role],
                because_of=[assigned_to_wire(told) for told in found.because],
            )
        )


class GroupRoleRpcs:
    """Those of `gitpod.v1.GroupService` that are about roles: of groups alone, and on the organization alone."""

    _roles: Roles

    async def create_role_assignment(
        self, request: group_pb.CreateRoleAssignmentRequest, ctx: Context
    ) -> group_pb.CreateRoleAssignmentResponse:
        if request.resource_type is not ResourceType.ORGANIZATION:
            raise _unsupported("resource_type", "RESOURCE_TYPE_ORGANIZATION")
        if request.resource_role not in _RESOURCE_ROLES_FROM_WIRE:
            known = " or ".join(f"RESOURCE_ROLE_{wire.name}" for wire in _RESOURCE_ROLES.values())
            raise _unsupported("resource_role", known)
        told = await self._roles.assign(
            caller(),
            Principal(PrincipalKind.GROUP, uuid(request.group_id)),
            _RESOURCE_ROLES_FROM_WIRE[request.resource_role],
            OrganizationId(uuid(request.resource_id)),
        )
        return group_pb.CreateRoleAssignmentResponse(assignment=_of_group(told.assignment))

    async def list_role_assignments(
        self, request: group_pb.ListRoleAssignmentsRequest, ctx: Context
    ) -> group_pb.ListRoleAssignmentsResponse:
        narrowed = _narrowed(request.filter, caller().organization_id)
        page = await self._roles.list(caller(), page_request(request.pagination), narrowed)
        return group_pb.ListRoleAssignmentsResponse(
            pagination=page_response(page.next_token),
            assignments=[_of_group(told.assignment) for told in page.items],
        )

    async def delete_role_assignment(
        self, request: group_pb.DeleteRoleAssignmentRequest, ctx: Context
    ) -> group_pb.DeleteRoleAssignmentResponse:
        id = RoleAssignmentId(uuid(request.assignment_id))
        await self._roles.revoke(caller(), id, of=PrincipalKind.GROUP)
        return group_pb.DeleteRoleAssignmentResponse()


SERVICE = Service(
    RoleService.desc(),
    RoleServiceASGIApplication,
    lambda use_cases: RoleRpcs(use_cases.roles),
)


def assigned_to_wire(told: Told) -> pb.AssignedRole:
    assignment = told.assignment
    return pb.AssignedRole(
        id=str(assignment.id),
        principal=_PRINCIPALS[assignment.principal_kind],
        principal_id=str(assignment.principal_id),
        principal_name=told.name,
        role=_ROLES[assignment.role],
        created_at=timestamp(assignment.created_at),
    )


def _of_group(assignment: RoleAssignment) -> group_pb.RoleAssignment:
    return group_pb.RoleAssignment(
        id=str(assignment.id),
        group_id=str(assignment.principal_id),
        organization_id=str(assignment.organization_id),
        resource_id=str(assignment.organization_id),
        resource_type=ResourceType.ORGANIZATION,
        resource_role=_RESOURCE_ROLES[assignment.role],
    )


def _narrowed(
    wire: group_pb.ListRoleAssignmentsRequest.Filter | None, mine: UUID
) -> AssignmentFilter:
    """Raises InvalidArgument for an id that is none. What lets through only other resources, or other roles, lets through nothing."""
    if wire is None:
        return AssignmentFilter(kinds=_GROUPS)
    resources = set(map(uuid, wire.resource_ids))
    if wire.resource_id:
        resources.add(unvalidated_uuid("filter.resource_id", wire.resource_id))
    roles = {
        _RESOURCE_ROLES_FROM_WIRE[role]
        for role in wire.resource_roles
        if role in _RESOURCE_ROLES_FROM_WIRE
    }
    none = (
        (resources and resources != {mine})
        or (wire.resource_types and ResourceType.ORGANIZATION not in wire.resource_types)
        or (wire.resource_roles and not roles)
    )
    group = unvalidated_uuid("filter.group_id", wire.group_id) if wire.group_id else None
    return AssignmentFilter(
        kinds=frozenset() if none else _GROUPS,
        to=frozenset() if group is None else frozenset([group]),
        effective_for=unvalidated_uuid("filter.user_id", wire.user_id) if wire.user_id else None,
        roles=frozenset(roles),
    )


def _unsupported(field: str, wanted: str) -> InvalidArgument:
    return InvalidArgument(
        Violation(field, f"must be {wanted}: there is nothing else here", "enum.supported")
    )
