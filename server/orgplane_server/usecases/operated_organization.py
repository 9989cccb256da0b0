from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..domain import organization
from ..domain.audit import Subject
from ..domain.deletion import by_operator
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.member import Count, MemberFilter
from ..domain.operator import Operator, OperatorCaller
from ..domain.organization import Organization
from ..domain.page import Page, PageRequest
from ..store import audit, scim_configuration, sso_configuration
from ..store import member as members
from ..store import organization as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from . import saving
from .organization import check_founding, end, found
from .paging import PageTokens

_LISTING = "operator/organizations"


@dataclass(frozen=True, slots=True)
class Operated:
    """An organization and its usage: active and suspended members, SCIM and SSO configurations that are in use, and when
    something of it last changed, as far back as the audit log goes."""

    organization: Organization
    members: Count
    scim_configurations: int
    sso_configurations: int
    changed_at: datetime | None


class OperatedOrganizations:
    """All organizations, for whoever runs the server: on them, and never inside of one."""

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def list(self, caller: OperatorCaller, request: PageRequest) -> Page[Operated]:
        """Oldest first."""
        after = self._pages.after(_LISTING, request)

        def query(connection: Connection) -> list[Operated]:
            items = store.page(connection, after, request.limit + 1)
            return [_operated(connection, each) for each in items]

        items = await self._database.read(query)
        return self._pages.page_by(
            _LISTING, request, items, lambda each: each.organization.id.bytes
        )

    async def get(self, caller: OperatorCaller, id: OrganizationId) -> Operated:
        def query(connection: Connection) -> Operated:
            return _operated(connection, _there(organizations.find(connection, id, id)))

        return await self._database.read(query)

    async def create(
        self, caller: OperatorCaller, name: str, admin_email: str, admin_name: str
    ) -> Operated:
        """An organization and its first administrator, of whom there is no token: letting them in is done on the machine.

        Raises InvalidArgument for a name or an address that cannot be one.
        """
        caller.require_change()
        check_founding(name, admin_email, admin_name)

        def change(unit: UnitOfWork) -> OrganizationId:
            new, _ = found(
                *(unit, name, admin_email, admin_name, self._clock()),
                lambda administrator: caller.at(administrator.organization_id),
            )
            return new.id

        return await self.get(caller, await self._database.write(change))

    async def suspend(self, caller: OperatorCaller, id: OrganizationId) -> Operated:
        """From its answer on nothing is done for the organization on any process: whoever calls is refused, watches end, and identity
        providers are told to try later. What it has stays."""
        return await self._change(caller, id, organization.suspended)

    async def delete(
        self, caller: OperatorCaller, id: OrganizationId, *, now: bool = False
    ) -> Operated | None:
        """The organization, which is suspended from the answer on and deleted after `DELETED_AFTER` unless it is resumed; None if it is
        deleted `now`, as by one of its administrators."""
        if not now:
            return await self._change(caller, id, organization.doomed)
        caller.require_change()

        def change(unit: UnitOfWork) -> None:
            operator = caller.at(id)
            scim_configuration.take_turns(unit.connection, id)
            end(unit, operator, by_operator(operator, self._clock()))

        await self._database.write(change)
        return None

    async def resume(self, caller: OperatorCaller, id: OrganizationId) -> Operated:
        """All is done again as before, and it is not deleted if it was to be."""
        return await self._change(caller, id, organization.resumed)

    async def _change(
        self,
        caller: OperatorCaller,
        id: OrganizationId,
        change: Callable[[Organization, datetime], Organization],
    ) -> Operated:
        caller.require_change()

        def changed(unit: UnitOfWork) -> None:
            scim_configuration.take_turns(unit.connection, id)
            before = _there(organizations.lock(unit.connection, id, id))
            after = change(before, self._clock())
            saving.update(unit, caller.at(id), organizations, Subject.ORGANIZATION, before, after)

        await self._database.write(changed)
        return await self.get(caller, id)


def end_if_due(unit: UnitOfWork, id: OrganizationId, now: datetime) -> None:
    """Deletes the organization, unless that was taken back meanwhile."""
    scim_configuration.take_turns(unit.connection, id)
    there = organizations.lock(unit.connection, id, id)
    if there is not None and there.deletes_at is not None and there.deletes_at <= now:
        end(unit, Operator(id), by_operator(Operator(id), now))


def _there(found: Organization | None) -> Organization:
    if found is None:
        raise organization.not_found()
    return found


def _operated(connection: Connection, found: Organization) -> Operated:
    return Operated(
        found,
        members.count(connection, found.id, MemberFilter()),
        scim_configuration.enabled(connection, found.id),
        sso_configuration.active(connection, found.id),
        audit.latest(connection, found.id),
    )
