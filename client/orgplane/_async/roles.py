from __future__ import annotations

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import role_pb as pb
from orgplane_api.orgplane.v1.role_service_connect import RoleServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages

_ROLES = dict(zip(types.Role, pb.Role, strict=True))
_PRINCIPALS = dict(zip(types.RolePrincipal, pb.RolePrincipal, strict=True))


class AsyncRoles:
    """Roles on the organization that are assigned to members, groups and service accounts. See `docs/roles.md`.

    Everybody sees them, and assigns those whose permissions they have, if they may assign any.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(RoleServiceClient)

    async def assign(
        self,
        *,
        principal: types.RolePrincipal | str,
        principal_id: str,
        role: types.Role | str,
        timeout: Seconds | None = None,
    ) -> types.AssignedRoleResponse:
        """In force when it returns, for all who are in a group.

        Raises AlreadyExistsError if it is assigned so already, PermissionDeniedError unless the caller may do all that the
        role permits, and ValueError for a value that no enumeration of `types` has.
        """
        response = await self._call(
            self._rpc.assign_role,
            pb.AssignRoleRequest(
                principal=_PRINCIPALS[types.RolePrincipal(principal)],
                principal_id=principal_id,
                role=_ROLES[types.Role(role)],
            ),
            timeout,
        )
        assigned = types.AssignedRole.from_wire(types.present(response.assigned_role))
        return types.AssignedRoleResponse(assigned)

    async def revoke(self, *, assigned_role_id: str, timeout: Seconds | None = None) -> None:
        """Nobody has the role by this assignment any more. Raises PermissionDeniedError if nobody could act any more."""
        await self._call(
            self._rpc.revoke_role, pb.RevokeRoleRequest(assigned_role_id=assigned_role_id), timeout
        )

    def list(
        self,
        *,
        principal_id: str = "",
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.AssignedRole]:
        """What is assigned, oldest first, in pages of `page_size` (25, at most 100); with a `principal_id` to whom that is."""

        async def fetch(token: str) -> AsyncPage[types.AssignedRole]:
            response = await self._call(
                self._rpc.list_assigned_roles,
                pb.ListAssignedRolesRequest(
                    principal_id=principal_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.AssignedRole.from_wire(each) for each in response.assigned_roles]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def retrieve_effective(
        self, *, user_id: str, timeout: Seconds | None = None
    ) -> types.EffectiveRoles:
        """All roles of a member, and because of what they have them."""
        response = await self._call(
            self._rpc.get_effective_roles, pb.GetEffectiveRolesRequest(user_id=user_id), timeout
        )
        return types.EffectiveRoles.from_wire(types.present(response.effective_roles))
