from __future__ import annotations

import uuid
from dataclasses import dataclass
from uuid import UUID

from ..domain import email_invite, joining, organization, organization_invite
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.email_invite import LIFETIME, EmailInvite
from ..domain.identifier import EmailInviteId, OrganizationId
from ..domain.instant import Clock
from ..domain.letter import Letter
from ..domain.organization_invite import digest
from ..domain.page import Page, PageRequest
from ..domain.revision import FieldChange
from ..domain.user import check_email, email_key
from ..store import email_invite as store
from ..store import organization_policies as policies
from ..store import outbox
from ..store.email_invite import email_invites
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from . import mailbox, saving
from .letters import Letters
from .minting import new_id
from .paging import PageTokens


@dataclass(frozen=True, slots=True)
class Mailed:
    """An invite with its letter; None when that is not remembered any more."""

    invite: EmailInvite
    letter: Letter | None


class EmailInvites:
    """Invites that are mailed for the caller's organization; administrators only."""

    def __init__(
        self, database: Database, clock: Clock, pages: PageTokens, letters: Letters
    ) -> None:
        self._database = database
        self.clock = clock
        self._pages = pages
        self._letters = letters

    async def create(self, caller: Caller, id: OrganizationId, email: str) -> Mailed:
        """Mails an invite to an address; one that was mailed there before works no more.

        Raises FailedPrecondition if the server sends no mail, or the organization takes only whom SCIM provisions;
        AlreadyExists for the address of a member; InvalidArgument for one that no mail is sent to; ResourceExhausted if too
        much was mailed.
        """
        caller.require(Permission.INVITE)
        if id != caller.organization_id:
            raise organization.not_found()
        check_email("email", email)
        email = mailbox.canonical(email)
        self._letters.require()
        secret = uuid.uuid4()  # 122 random bits, out of the operating system's

        def change(unit: UnitOfWork) -> Mailed:
            mailbox.take_turn(unit.connection, id, email)
            held = policies.held(unit.connection, id)
            if held is None:
                raise organization.not_found()
            joining.check_open(held)
            address, now = email_key(email), self.clock()
            email_invite.check_new(mailbox.holders(unit.connection, id, email), email)
            for before in store.lock_open(unit.connection, id, address):
                self._end(unit, before)
            expires_at = now + LIFETIME
            letter = self._letters.invite(unit, id, email, secret, expires_at)
            invite = EmailInvite(
                id=EmailInviteId(new_id()),
                organization_id=id,
                email=email,
                address=address,
                digest=digest(secret),
                letter_id=letter.id,
                created_at=now,
                updated_at=now,
                expires_at=expires_at,
            )
            unit.write(email_invites.inserting(invite))
            _note(unit, caller, invite, FieldChange(None, email))
            return Mailed(invite, letter)

        return await self._database.write(change)

    async def list(self, caller: Caller, id: OrganizationId, request: PageRequest) -> Page[Mailed]:
        """Those that were mailed, the oldest first."""
        caller.require(Permission.READ_INVITES)
        if id != caller.organization_id:
            raise organization.not_found()
        listing = f"email_invites/{id}"
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> tuple[list[EmailInvite], dict[UUID, Letter]]:
            found = email_invites.page(connection, id, after, request.limit + 1)
            return found, outbox.of(connection, [each.letter_id for each in found])

        found, letters = await self._database.read(query)
        page = self._pages.page(listing, request, found)
        mailed = [Mailed(each, letters.get(each.letter_id)) for each in page.items]
        return Page(mailed, page.next_token)

    async def revoke(self, caller: Caller, id: EmailInviteId) -> None:
        """Ends one; its letter is not sent if it still could be held back."""
        caller.require(Permission.INVITE)

        def change(unit: UnitOfWork) -> None:
            before = email_invites.lock(unit.connection, caller.organization_id, id)
            if before is None:
                raise organization_invite.not_found()
            self._end(unit, before)
            _note(unit, caller, before, FieldChange(before.email, None))

        await self._database.write(change)

    def _end(self, unit: UnitOfWork, invite: EmailInvite) -> None:
        email_invites.delete(unit.connection, invite.organization_id, invite.id)
        outbox.withdraw(unit, invite.organization_id, invite.letter_id, self.clock())


def leads(connection: Connection, secret: UUID, email: str, clock: Clock) -> OrganizationId | None:
    """Where a mailed invite leads whoever has the address; None if nowhere."""
    found = store.find_by_digest(connection, digest(secret))
    if found is None or not found.leads(email_key(email), clock()):
        return None
    return found.organization_id


def accept(unit: UnitOfWork, secret: UUID, email: str, clock: Clock) -> bool:
    """Uses a mailed invite up, in the transaction that makes the member; False if it works no more, or never did for the address."""
    found = store.lock_by_digest(unit.connection, digest(secret))
    if found is None or not found.leads(email_key(email), clock()):
        return False
    after = email_invite.accepted(found, clock())
    email_invites.update(unit.connection, found.organization_id, found, after)
    return True


def _note(unit: UnitOfWork, caller: Caller, invite: EmailInvite, change: FieldChange) -> None:
    id = invite.organization_id
    told = {"email_invite": change}
    saving.note(unit, caller, Action.UPDATE, Subject.ORGANIZATION, id, invite.created_at, told)
