# Generated from _async/operator.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import operator_pb as pb
from orgplane_api.orgplane.v1.operator_service_connect import OperatorServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .events import event_filter
from .pages import Page, Pages
from .watch import Watch


class OperatedOrganizations:
    """All organizations of the server, from outside."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OperatorServiceClientSync)

    def list(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.OperatedOrganization]:
        """Oldest first, each with its state and how much it is used."""

        def fetch(token: str) -> Page[types.OperatedOrganization]:
            response = self._call(
                self._rpc.list_organizations,
                pb.ListOrganizationsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token)
                ),
                timeout,
            )
            items = [types.OperatedOrganization.from_wire(each) for each in response.organizations]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OperatedOrganization:
        """One of them."""
        response = self._call(
            self._rpc.get_organization,
            pb.GetOrganizationRequest(organization_id=organization_id),
            timeout,
        )
        return types.OperatedOrganization.from_wire(types.present(response.organization))

    def create(
        self,
        *,
        name: str,
        admin_email: str,
        admin_name: str = "",
        timeout: Seconds | None = None,
    ) -> types.OperatedOrganization:
        """A new one with its first administrator, of whom there is no token: `orgplane-server create-token` makes one, on the machine."""
        response = self._call(
            self._rpc.create_organization,
            pb.CreateOrganizationRequest(name=name, admin_email=admin_email, admin_name=admin_name),
            timeout,
        )
        return types.OperatedOrganization.from_wire(types.present(response.organization))

    def suspend(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OperatedOrganization:
        """Nothing is done for it any more when this returns, but to show itself."""
        response = self._call(
            self._rpc.suspend_organization,
            pb.SuspendOrganizationRequest(organization_id=organization_id),
            timeout,
        )
        return types.OperatedOrganization.from_wire(types.present(response.organization))

    def delete(
        self, *, organization_id: str, now: bool = False, timeout: Seconds | None = None
    ) -> types.OperatedOrganization | None:
        """Suspended when this returns, and deleted 7 days later unless it is resumed; None if it is gone, as it is to be `now`."""
        response = self._call(
            self._rpc.delete_organization,
            pb.DeleteOrganizationRequest(organization_id=organization_id, now=now),
            timeout,
        )
        left = response.organization
        return None if left is None else types.OperatedOrganization.from_wire(left)

    def resume(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OperatedOrganization:
        """Everything works again as before, and it is not deleted."""
        response = self._call(
            self._rpc.resume_organization,
            pb.ResumeOrganizationRequest(organization_id=organization_id),
            timeout,
        )
        return types.OperatedOrganization.from_wire(types.present(response.organization))


class OperatedEvents:
    """What changed in all organizations, suspended and deleted ones too: every change once, in one order, from any place on.

    Each event names its organization. A cursor is a place between two events, also of one organization's; those of
    `client.events` are others.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._call = connection.call
        self._rpc = connection.stub(OperatorServiceClientSync)

    def list(
        self,
        *,
        after: str = "",
        organization_id: str = "",
        resource_types: Sequence[types.ResourceType | str] = (),
        resource_ids: Sequence[str] = (),
        actor_ids: Sequence[str] = (),
        newest_first: bool = False,
        page_size: int | None = None,
        timeout: Seconds | None = None,
    ) -> Pages[types.Event]:
        """Events that pass every filter that is not empty, from the oldest or from a cursor on.

        With `newest_first` back from the newest, or from the cursor. Pages of 25, at most 100; a page may hold
        fewer, or none, although another follows. Raises EventsPurgedError when events behind the cursor are no
        longer kept, and ValueError for a type that is none of `ResourceType`.
        """
        narrowed = event_filter(resource_types, resource_ids, actor_ids)

        def fetch(cursor: str) -> Page[types.Event]:
            response = self._call(
                self._rpc.list_all_events,
                pb.ListAllEventsRequest(
                    cursor=cursor,
                    page_size=page_size or 0,
                    filter=narrowed,
                    newest_first=newest_first,
                    organization_id=organization_id,
                ),
                timeout,
            )
            items = [types.Event.from_wire(event) for event in response.events]
            return Page(items, response.cursor if response.more else "", fetch)

        return Pages(fetch, after)

    def watch(
        self,
        *,
        after: str = "",
        organization_id: str = "",
        resource_types: Sequence[types.ResourceType | str] = (),
        resource_ids: Sequence[str] = (),
        actor_ids: Sequence[str] = (),
    ) -> Watch:
        """Events that pass every filter that is not empty, as they come, from a cursor or from now on.

        Iterate for events. Whoever keeps the cursor of the last event they dealt with, and passes it as
        `after` the next time, misses none. Raises ValueError for a type that is none of `ResourceType`.
        """
        request = pb.WatchAllEventsRequest(
            cursor=after,
            filter=event_filter(resource_types, resource_ids, actor_ids),
            organization_id=organization_id,
        )
        return Watch(self._connection, self._rpc.watch_all_events, request)


class Operator:
    """What whoever runs the server does, with an operator token: that of `orgplane-server create-operator-token`."""

    def __init__(self, connection: Connection) -> None:
        self.organizations = OperatedOrganizations(connection)
        self.events = OperatedEvents(connection)
