from __future__ import annotations

import uuid
from uuid import UUID

from ..domain import organization, organization_invite
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Origin, Permission
from ..domain.email_invite import State
from ..domain.errors import NotFound
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.member import MemberFilter
from ..domain.organization_invite import InviteSummary, OrganizationInvite, digest
from ..domain.revision import FieldChange
from ..store import email_invite as email_invites
from ..store import member as members
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.organization_invite import find_by_digest, organization_invites
from . import saving
from .address_limit import AddressLimit
from .sealing import Sealer


class OrganizationInvites:
    """The one invite of the caller's organization; administrators only, as whoever knows it may join.

    An invite that does not work is counted against the address that asked, as a bad token is, in `unknown`.
    """

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, unknown: AddressLimit
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._unknown = unknown

    async def create(self, caller: Caller, id: OrganizationId) -> UUID:
        """A new secret; the one before works no more."""
        caller.require(Permission.INVITE)
        if id != caller.organization_id:
            raise organization.not_found()
        secret = uuid.uuid4()  # 122 random bits, out of the operating system's

        def change(unit: UnitOfWork) -> UUID:
            # Whoever joins holds this row, so that nobody comes in by what is old.
            if organizations.lock(unit.connection, id, id) is None:
                raise organization.not_found()
            before = organization_invites.find(unit.connection, id, id)
            now = self._clock()
            sealed = self._sealer.seal_into(unit, secret.bytes, purpose(id))
            after = OrganizationInvite(id, digest(secret), sealed, now)
            if before is None:
                unit.run(organization_invites.inserting(after))
            else:
                unit.run(organization_invites.updating(id, before, after))
            told = {"invite": FieldChange(None, None)}
            saving.note(unit, caller, Action.UPDATE, Subject.ORGANIZATION, id, now, told)
            return secret

        return await self._database.write(change)

    async def get(self, caller: Caller, id: OrganizationId) -> UUID:
        """The secret that works now. Raises NotFound before there is one."""
        caller.require(Permission.INVITE)
        if id != caller.organization_id:
            raise organization.not_found()
        found = await self._database.read(
            lambda connection: organization_invites.find(connection, id, id)
        )
        if found is None:
            raise organization_invite.not_found()
        return UUID(bytes=self._sealer.open_kept(found.sealed, purpose(id)))

    async def summary(self, origin: Origin, secret: UUID) -> InviteSummary:
        """Where an invite leads, for whoever has it; of one that does not work, as much is looked up.

        Raises FailedPrecondition while that organization is suspended, as joining it does.
        """

        def query(connection: Connection) -> InviteSummary | None:
            found = find_by_digest(connection, digest(secret))
            mailed = email_invites.find_by_digest(connection, digest(secret))
            works = mailed is not None and mailed.state(self._clock()) is State.PENDING
            id = OrganizationId(secret)
            if found is not None:
                id = found.id
            elif mailed is not None and works:
                id = mailed.organization_id
            led = organizations.find(connection, id, id)
            count = members.count(connection, id, MemberFilter()).value
            if led is None or (found is None and not works):
                return None
            if led.suspended:
                raise organization.is_suspended()
            return InviteSummary(id, led.name, count)

        summary = await self._database.read(query)
        if summary is None:
            raise self.refused(origin)
        return summary

    def refused(self, origin: Origin) -> NotFound:
        """For an invite that does not work. Raises ResourceExhausted if there were too many."""
        self._unknown.count(origin.peer)
        return organization_invite.not_found()


def purpose(id: UUID) -> str:
    """What an organization's invite is sealed for."""
    return f"organization invite {id}"
