from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..domain import joining, organization, personal_access_token, user
from ..domain.address_code import AddressCode
from ..domain.audit import Subject
from ..domain.caller import Caller, Origin, Permission
from ..domain.errors import FailedPrecondition, InvalidArgument, Violation
from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.member import LoginProvider, Member
from ..domain.organization_invite import digest
from ..domain.personal_access_token_policy import lifetime
from ..domain.role import effective
from ..domain.text import storable
from ..domain.token import Token, TokenKind
from ..domain.user import User, check_email, is_email
from ..store import domain_verification as domains
from ..store import member as members
from ..store import organization_policies as policies
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.organization_invite import find_by_digest
from ..store.personal_access_token import personal_access_tokens
from ..store.personal_access_token_policy import personal_access_token_policies
from ..store.user import users
from . import email_invite, first_token, mailbox, saving
from .account import domain_of, invites, tie, tied
from .address_code import AddressCodes
from .address_limit import AddressLimit
from .minting import new_id, new_token
from .organization_invite import OrganizationInvites

#: What one client may have mailed, to whatever addresses.
CODES_PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class CodeSent:
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """A member, and what a new one can act with: a token that cannot be asked for again."""

    member: Member
    token: Token | None = None
    token_expires_at: datetime | None = None


class Joining:
    """Becoming a member by oneself; the rule is `domain.joining`'s.

    All of it is looked at in the transaction that makes the member, which holds the organization's row: its
    policies and its invite do not change meanwhile. `mails` bounds what one address may have mailed.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        codes: AddressCodes,
        invites: OrganizationInvites,
        mails: AddressLimit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._codes = codes
        self._invites = invites
        self._mails = mails

    async def redeem(
        self, origin: Origin, secret: UUID, name: str, email: str, code: str
    ) -> CodeSent | Joined:
        """Somebody without a token joins by an invite: without a `code` one is mailed to the address, with it they
        are a member, and have a token if `domain.joining` gives them one.

        Raises NotFound for an invite that does not work, and FailedPrecondition for a code that does not, for whom
        `domain.joining` turns away, or if the server sends no mail.
        """
        check_email("email", email)
        email = mailbox.canonical(email)
        _check_name(name)
        self._codes.require()
        if not code:
            return await self._send(origin, secret, email)
        token, now = new_token(TokenKind.PERSONAL_ACCESS), self._clock()

        def change(unit: UnitOfWork) -> Joined | FailedPrecondition | None:
            id = self._led(unit.connection, secret, email)
            if id is None:
                return None
            taken = self._codes.enter(unit, id, email, code)
            if isinstance(taken, FailedPrecondition):
                return taken
            if not self._accept(unit, secret, email):
                return None
            known = _known(unit.connection, id, email)
            if known is None:
                member = _member_of(self._let_in(unit, id, email, name, origin))
            else:
                member = members.of(unit.connection, known)
                if not (joining.takes_token(member) and first_token.take(unit, member.user)):
                    return Joined(member)
            actor = Newcomer(member.user.id, id, origin)
            policy = personal_access_token_policies.hold(unit.connection, id, id)
            if policy is None:  # the organization was deleted meanwhile
                return None
            access = personal_access_token.new(
                PersonalAccessTokenId(new_id()),
                member.user,
                token.digest,
                now,
                description="made when joining by an invite",
                lifetime=lifetime(policy, None),
            )
            subject = Subject.PERSONAL_ACCESS_TOKEN
            saving.create(unit, actor, personal_access_tokens, subject, access)
            return Joined(member, token, access.expires_at)

        done = await self._database.write(change)
        if done is None:
            raise self._invites.refused(origin)
        if isinstance(done, FailedPrecondition):  # the guess is kept
            raise done
        return done

    async def _send(self, origin: Origin, secret: UUID, email: str) -> CodeSent:
        self._mails.count(origin.peer)

        def change(unit: UnitOfWork) -> AddressCode | None:
            id = self._led(unit.connection, secret, email)
            if id is None:
                return None
            return self._codes.send(unit, id, id, email)

        code = await self._database.write(change)
        if code is None:
            raise self._invites.refused(origin)
        return CodeSent(email, code.expires_at)

    async def prove_address(self, caller: Caller, code: str) -> CodeSent | Proven:
        """The caller's own address: without a `code` one is mailed to it, with it the address is proven for a while.

        Raises FailedPrecondition if it is none that mail can go to, for a code that does not work, or if the server
        sends no mail.
        """
        caller.require(Permission.JOIN)
        self._codes.require()
        if not code:
            self._mails.count(caller.origin.peer)

        def change(unit: UnitOfWork) -> tuple[str, AddressCode | FailedPrecondition]:
            email = _caller(unit.connection, caller).email
            if not is_email(email):
                raise joining.no_address()
            if code:
                return email, self._codes.enter(unit, caller.user_id, email, code)
            try:
                sent = self._codes.send(unit, caller.user_id, caller.organization_id, email)
            except InvalidArgument:  # of what the caller has not given
                raise joining.no_address() from None
            return email, sent

        email, done = await self._database.write(change)
        if isinstance(done, FailedPrecondition):  # the guess is kept
            raise done
        if done.proves_until is None:
            return CodeSent(email, done.expires_at)
        return Proven(email, done.proves_until)

    async def join_by_invite(self, caller: Caller, secret: UUID) -> Member:
        """The caller as a member where an invite leads. Raises as `join`, and NotFound for an invite that does not work."""
        caller.require(Permission.JOIN)

        def led(connection: Connection, member: User) -> OrganizationId | None:
            return self._led(connection, secret, member.email)

        joined = await self._join(
            caller,
            led,
            lambda *_: True,
            lambda unit, member: self._accept(unit, secret, member.email),
        )
        if joined is None:
            raise self._invites.refused(caller.origin)
        return joined

    async def join(self, caller: Caller, id: OrganizationId) -> Member:
        """The caller as a member of an organization that has proven the domain of their address, and invites it.

        Raises FailedPrecondition for whom `domain.joining` turns away, and NotFound for any other organization, there or not.
        """
        caller.require(Permission.JOIN)

        def allowed(connection: Connection, id: OrganizationId, member: User) -> bool:
            found, domain = organizations.find(connection, id, id), domain_of(member.email)
            return (
                found is not None
                and invites(found, domain)
                and domains.holds(connection, id, domain)
            )

        joined = await self._join(caller, lambda connection, member: id, allowed)
        if joined is None:
            raise organization.not_found()
        return joined

    async def _join(
        self,
        caller: Caller,
        led: Callable[[Connection, User], OrganizationId | None],
        allowed: Callable[[Connection, OrganizationId, User], bool],
        accept: Callable[[UnitOfWork, User], bool] = lambda *_: True,
    ) -> Member | None:
        """None if no way leads there for the caller."""

        def change(unit: UnitOfWork) -> Member | None:
            connection = unit.connection
            member = _caller(connection, caller)
            id = led(connection, member)
            if id is None:
                return None
            if id == caller.organization_id:
                return members.of(connection, member)
            own = joining.already(tied(connection, member, id))
            if own is not None:
                return members.of(connection, own)
            if not self._codes.proven(connection, member.id, member.email):
                raise joining.not_proven()
            mailbox.take_turn(connection, id, member.email)
            held = policies.held(connection, id)
            if held is None or led(connection, member) != id or not allowed(connection, id, member):
                return None
            _check_not_suspended(connection, id)
            if not accept(unit, member):
                return None
            known = _known(connection, id, member.email)
            if known is not None:
                return members.of(connection, known)
            newcomer = self._let_in(unit, id, member.email, member.name, caller.origin)
            tie(unit, member, newcomer)
            return _member_of(newcomer)

        return await self._database.write(change)

    def _led(self, connection: Connection, secret: UUID, email: str) -> OrganizationId | None:
        """Where an invite leads whoever has the address, which it does until this transaction ends."""
        found = self._leads(connection, secret, email)
        if found is None:
            return None
        mailbox.take_turn(connection, found, email)
        if policies.held(connection, found) is None:
            return None
        _check_not_suspended(connection, found)
        # It may have been made anew, or ended, while this waited.
        return self._leads(connection, secret, email)

    def _leads(self, connection: Connection, secret: UUID, email: str) -> OrganizationId | None:
        found = find_by_digest(connection, digest(secret))
        if found is not None:
            return found.id
        return email_invite.leads(connection, secret, email, self._clock)

    def _accept(self, unit: UnitOfWork, secret: UUID, email: str) -> bool:
        """Uses up an invite that works once; False if somebody else did meanwhile."""
        if find_by_digest(unit.connection, digest(secret)) is not None:
            return True
        return email_invite.accept(unit, secret, email, self._clock)

    def _let_in(
        self, unit: UnitOfWork, id: OrganizationId, email: str, name: str, origin: Origin
    ) -> User:
        held = policies.held(unit.connection, id)
        if held is None:
            raise organization.not_found()
        joining.check_open(held)
        newcomer = user.new_member(UserId(new_id()), id, email, self._clock(), name)
        actor = Newcomer(newcomer.id, id, origin)
        saving.create(unit, actor, users, Subject.USER, newcomer)
        return newcomer


def _check_name(name: str) -> None:
    if not name.strip():
        raise InvalidArgument(Violation("name", "must not be empty", "string.min_len"))
    storable(name=name)


def _caller(connection: Connection, caller: Caller) -> User:
    found = users.find(connection, caller.organization_id, caller.user_id)
    if found is None:
        raise user.not_found()
    return mailbox.of(found)


def _check_not_suspended(connection: Connection, id: OrganizationId) -> None:
    """Raises FailedPrecondition; held, it stays so until the transaction ends."""
    found = organizations.find(connection, id, id)
    if found is not None and found.suspended:
        raise organization.is_suspended()


def _known(connection: Connection, id: OrganizationId, email: str) -> User | None:
    """Who of the members has the address. Raises FailedPrecondition for whom `domain.joining` turns away."""
    return joining.already(
        mailbox.holders(connection, id, email), mailbox.related(connection, id, email)
    )


def _member_of(newcomer: User) -> Member:
    return Member(newcomer, LoginProvider.NONE, effective(newcomer.role))
