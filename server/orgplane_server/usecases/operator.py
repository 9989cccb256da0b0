from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import (
    administration,
    membership,
    operator,
    organization,
    personal_access_token,
    user,
)
from ..domain.audit import Action, Subject
from ..domain.caller import Caller
from ..domain.errors import InvalidArgument, Violation
from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.instant import Clock
from ..domain.member import Count, MemberFilter, MemberOrder, MemberSort
from ..domain.membership import Membership
from ..domain.operator import Operator
from ..domain.organization import Organization
from ..domain.personal_access_token import MAX_LIFETIME
from ..domain.personal_access_token_policy import lifetime
from ..domain.role import Role, effective
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus, check_email, email_key
from ..store import demo
from ..store import member as members
from ..store import membership as memberships
from ..store import organization as store
from ..store.administration import administering, administrators
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.personal_access_token import personal_access_tokens
from ..store.personal_access_token_policy import held
from ..store.user import users
from ..store.vouching import vouching
from . import first_token, saving
from .deprovisioning import carry_out
from .membership import keep
from .minting import new_id, new_token


@dataclass(frozen=True, slots=True)
class LetIn:
    """An administrator and their new token, which nobody can ask for again.

    `deprovisioned` are administrators whom a provider wanted gone, which was refused until now.
    """

    administrator: User
    caller: Caller
    token: Token
    expires_at: datetime
    deprovisioned: Sequence[User] = ()


@dataclass(frozen=True, slots=True)
class Acting:
    """An administrator who can act, and until when."""

    administrator: User
    until: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """An organization, how many active and suspended members it has, and who can act for it."""

    organization: Organization
    members: Count
    acting: Sequence[Acting]


class Operations:
    """What the operator of the server does in any organization; no door leads here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def organizations(self) -> list[Overview]:
        """All there are, oldest first."""
        return await self._database.read(
            lambda connection: [
                self._overview(connection, each) for each in store.every(connection)
            ]
        )

    def _overview(self, connection: Connection, found: Organization) -> Overview:
        untils = administrators(connection, found.id)
        able = administration.acting(untils, self._clock())
        acting = [
            Acting(member, until)
            for id in sorted(able)
            if (until := untils[id]) and (member := users.find(connection, found.id, id))
        ]
        return Overview(found, members.count(connection, found.id, MemberFilter()), acting)

    async def create_token(
        self,
        organization_id: OrganizationId,
        email: str,
        *,
        lifetime: timedelta | None = None,
        make_administrator: bool = False,
    ) -> LetIn:
        """A token for the active administrator with this address: whoever bears it can act.

        To `make_administrator`, the member with the address becomes an active administrator first,
        whoever denied that they are active, or somebody new does if there is none. Raises InvalidArgument for what cannot be an
        address or a lifetime, NotFound for an organization that is not there, and otherwise as `let_in`.
        """
        check_email("email", email)
        if lifetime is not None and not timedelta() < lifetime <= MAX_LIFETIME:
            most = f"must be at most {MAX_LIFETIME.days} days"
            raise InvalidArgument(Violation("valid_for", most, "duration.lte"))
        token, actor = new_token(TokenKind.PERSONAL_ACCESS), Operator(organization_id)

        def change(unit: UnitOfWork) -> LetIn:
            if organizations.find(unit.connection, organization_id, organization_id) is None:
                raise organization.not_found()
            now = self._clock()
            holders = _locked(unit, organization_id, email)
            chosen = operator.let_in(
                [each.member for each in holders],
                email,
                administering(
                    unit.connection, organization_id, [each.member.id for each in holders]
                ),
                make_administrator=make_administrator,
            )
            if chosen is None:
                member = user.new_administrator(UserId(new_id()), organization_id, email, now)
                saving.create(unit, actor, users, Subject.USER, member)
            else:
                (before,) = [each for each in holders if each.member == chosen]
                # Whoever administers by a group alone goes on doing so by it alone.
                member = _administrator(unit, actor, before, now) if make_administrator else chosen
            return _issue(unit, actor, member, token, now, lifetime)

        return await self._database.write(change)

    async def create_demo_token(self) -> LetIn | None:
        """A token for the administrator of the demo's organization, if they still are one.

        None for a database whose organizations are anybody else's.
        """
        token = new_token(TokenKind.PERSONAL_ACCESS)

        def change(unit: UnitOfWork) -> LetIn | None:
            found = demo.find(unit.connection)
            if found is None:
                return None
            member = users.lock(unit.connection, *found)
            if member is None or not administering(unit.connection, found[0], [member.id]):
                return None
            actor = Operator(member.organization_id)
            return _issue(unit, actor, member, token, self._clock(), None)

        return await self._database.write(change)


def _issue(
    unit: UnitOfWork,
    actor: Operator,
    member: User,
    token: Token,
    now: datetime,
    wanted: timedelta | None,
) -> LetIn:
    policy = held(unit.connection, member.organization_id)
    if policy is None:  # it was deleted meanwhile
        raise organization.not_found()
    access = personal_access_token.new(
        PersonalAccessTokenId(new_id()),
        member,
        token.digest,
        now,
        description="made by the operator of the server",
        lifetime=lifetime(policy, wanted),
    )
    saving.create(unit, actor, personal_access_tokens, Subject.PERSONAL_ACCESS_TOKEN, access)
    unit.write(vouching(member.id, now))
    first_token.take(unit, member)
    deprovisioned = carry_out(unit, member.organization_id, now)
    caller = Caller(member.id, member.organization_id, effective(Role.ADMIN), access.id)
    return LetIn(member, caller, token, access.expires_at, deprovisioned)


def _locked(unit: UnitOfWork, organization_id: OrganizationId, email: str) -> list[Membership]:
    """The active and suspended members with this address, however many; nobody else changes them now."""
    narrowed = MemberFilter(email=email)
    found = members.page(
        unit.connection, organization_id, narrowed, MemberOrder(MemberSort.NAME), None, None
    )
    ids = [each.user.id for each in found]
    return [
        each
        for each in memberships.lock(unit.connection, organization_id, ids)
        if each.member.status is not UserStatus.LEFT
        and email_key(each.member.email) == email_key(email)
    ]


def _administrator(unit: UnitOfWork, actor: Operator, before: Membership, now: datetime) -> User:
    """The member, who is an active administrator from now on, whoever denied that they are active."""
    after = membership.let_in(before, now)
    changes = keep(unit, before, after, now)
    if changes:
        member = after.member
        saving.note(unit, actor, Action.UPDATE, Subject.USER, member.id, member.updated_at, changes)
    return after.member
