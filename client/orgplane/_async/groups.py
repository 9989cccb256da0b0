from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1 import group_pb as pb
from orgplane_api.gitpod.v1 import identity_pb
from orgplane_api.gitpod.v1.group_service_connect import GroupServiceClient
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from protobuf import Oneof

from .. import types
from .._core.options import Seconds
from ..errors import ConfigurationError
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


class AsyncGroups:
    """Groups of the organization's members: everybody sees them, administrators keep the local ones.

    Those of identity providers (`system_managed`) are read-only: to change one raises FailedPreconditionError. See `docs/groups.md`.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(GroupServiceClient)
        self.memberships = AsyncGroupMemberships(connection)

    async def create(
        self,
        *,
        organization_id: str,
        name: str,
        description: str = "",
        timeout: Seconds | None = None,
    ) -> types.GroupResponse:
        """Makes a local group. Raises AlreadyExistsError if another one is called so, whatever the case."""
        response = await self._call(
            self._rpc.create_group,
            pb.CreateGroupRequest(
                organization_id=organization_id, name=name, description=description
            ),
            timeout,
        )
        return _response(response.group)

    async def retrieve(
        self, *, group_id: str = "", name: str = "", timeout: Seconds | None = None
    ) -> types.GroupResponse:
        """One group, by its id or by its name, of which a local group's comes first.

        Raises FailedPreconditionError for a name that only groups of providers have, if they are several, and
        ConfigurationError unless it is asked for by one of the two.
        """
        if bool(group_id) is bool(name):
            raise ConfigurationError("retrieve: takes group_id or name")
        asked = pb.GetGroupRequest(group=Oneof("name", name) if name else Oneof("id", group_id))
        return _response((await self._call(self._rpc.get_group, asked, timeout)).group)

    def list(
        self,
        *,
        search: str = "",
        group_ids: Sequence[str] = (),
        system_managed: bool | None = None,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.Group]:
        """Groups that meet every condition given, oldest first; pages of `page_size` (25, at most 100).

        `search` is part of the name, the description or the id. `system_managed` are those of providers; if it is False, the local ones.
        """
        narrowed = pb.ListGroupsRequest.Filter(search=search, group_ids=[*group_ids])
        if system_managed is not None:
            narrowed.system_managed = system_managed

        async def fetch(token: str) -> AsyncPage[types.Group]:
            response = await self._call(
                self._rpc.list_groups,
                pb.ListGroupsRequest(
                    filter=narrowed,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.Group.from_wire(group) for group in response.groups]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def update(
        self, *, group_id: str, name: str, description: str, timeout: Seconds | None = None
    ) -> types.GroupResponse:
        """Names and describes a local group anew, both: in the contract neither stays by being left out."""
        response = await self._call(
            self._rpc.update_group,
            pb.UpdateGroupRequest(group_id=group_id, name=name, description=description),
            timeout,
        )
        return _response(response.group)

    async def delete(self, *, group_id: str, timeout: Seconds | None = None) -> None:
        """Deletes a local group; who was in it stays what they are otherwise."""
        await self._call(self._rpc.delete_group, pb.DeleteGroupRequest(group_id=group_id), timeout)


class AsyncGroupMemberships:
    """Who is in a group. A `subject` that is a text is the id of a user.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(GroupServiceClient)

    async def create(
        self, *, group_id: str, subject: types.Subject | str, timeout: Seconds | None = None
    ) -> types.CreateGroupMembershipResponse:
        """Puts a member into a local group. Raises AlreadyExistsError for somebody who is in it."""
        response = await self._call(
            self._rpc.create_membership,
            pb.CreateMembershipRequest(group_id=group_id, subject=_subject(subject)),
            timeout,
        )
        return types.CreateGroupMembershipResponse(
            types.GroupMembership.from_wire(types.present(response.member))
        )

    async def retrieve(
        self, *, group_id: str, subject: types.Subject | str, timeout: Seconds | None = None
    ) -> types.GroupMembershipResponse:
        """Whether somebody is in a group."""
        response = await self._call(
            self._rpc.get_membership,
            pb.GetMembershipRequest(group_id=group_id, subject=_subject(subject)),
            timeout,
        )
        found = response.member
        return types.GroupMembershipResponse(
            None if found is None else types.GroupMembership.from_wire(found)
        )

    def list(
        self,
        *,
        group_id: str,
        search: str = "",
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.GroupMembership]:
        """Who is in a group, in the order of their ids; pages of `page_size` (25, at most 100).

        `search` is part of the name or of the e-mail address.
        """
        narrowed = pb.ListMembershipsRequest.Filter(search=search)

        async def fetch(token: str) -> AsyncPage[types.GroupMembership]:
            response = await self._call(
                self._rpc.list_memberships,
                pb.ListMembershipsRequest(
                    group_id=group_id,
                    filter=narrowed,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.GroupMembership.from_wire(member) for member in response.members]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def delete(self, *, membership_id: str, timeout: Seconds | None = None) -> None:
        """Takes somebody out of a local group."""
        await self._call(
            self._rpc.delete_membership,
            pb.DeleteMembershipRequest(membership_id=membership_id),
            timeout,
        )


def _response(group: pb.Group | None) -> types.GroupResponse:
    return types.GroupResponse(types.Group.from_wire(types.present(group)))


def _subject(subject: types.Subject | str) -> identity_pb.Subject:
    if isinstance(subject, str):
        return identity_pb.Subject(id=subject, principal=identity_pb.Principal.USER)
    principal = identity_pb.Principal(subject.principal.number)
    return identity_pb.Subject(id=subject.id, principal=principal)
