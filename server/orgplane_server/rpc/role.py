from __future__ import annotations

from orgplane_api.orgplane.v1 import role_pb as pb
from orgplane_api.orgplane.v1.role_service_connect import RoleService, RoleServiceASGIApplication

from ..domain.identifier import RoleAssignmentId, UserId
from ..domain.role import Principal, PrincipalKind, Role, Told
from ..usecases.role import AssignmentFilter, Roles
from .caller import caller
from .service import Service
from .wire import Context, page_request, page_response, timestamp, uuid

_ROLES = {role: pb.Role[role.name] for role in Role}
_ROLES_FROM_WIRE = {wire: role for role, wire in _ROLES.items()}
_PRINCIPALS = {kind: pb.RolePrincipal[kind.name] for kind in PrincipalKind}
_PRINCIPALS_FROM_WIRE = {wire: kind for kind, wire in _PRINCIPALS.items()}


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
