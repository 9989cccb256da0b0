from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ..domain import first_token, organization, personal_access_token, user
from ..domain.audit import Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId, PersonalAccessTokenId
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.member import Member
from ..domain.personal_access_token_policy import lifetime
from ..domain.token import Token, TokenKind
from ..domain.user import User
from ..store import member as members
from ..store.account import account_members
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.personal_access_token import personal_access_tokens
from ..store.personal_access_token_policy import held
from ..store.user import users
from . import saving
from .account import tied
from .deprovisioning import carry_out
from .minting import new_id, new_token


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Whose it is; it cannot be asked for again."""

    member: Member
    token: Token
    expires_at: datetime


class FirstTokens:
    """The first token of a member of the caller's account; the rule is `domain.first_token`'s."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, caller: Caller, id: OrganizationId) -> FirstToken:
        """Raises NotFound for an organization in which nobody is of the caller's account, there or not, and
        FailedPrecondition if no first token is due there, or who is there is suspended or has left.
        """
        caller.require(Permission.CREATE_FIRST_TOKENS)
        token = new_token(TokenKind.PERSONAL_ACCESS)

        def change(unit: UnitOfWork) -> FirstToken:
            connection = unit.connection
            member = _member(unit, caller, id)
            policy = held(connection, id)
            if policy is None:  # it was deleted meanwhile
                raise organization.not_found()
            first_token.check_active(member)
            if not take(unit, member):
                raise first_token.given()
            now = self._clock()
            access = personal_access_token.new(
                PersonalAccessTokenId(new_id()),
                member,
                token.digest,
                now,
                description="made with a token of another organization",
                lifetime=lifetime(policy, None),
            )
            actor = Newcomer(member.id, id, caller.origin)
            subject = Subject.PERSONAL_ACCESS_TOKEN
            saving.create(unit, actor, personal_access_tokens, subject, access)
            carry_out(unit, id, now)
            return FirstToken(members.of(connection, member), token, access.expires_at)

        return await self._database.write(change)


def take(unit: UnitOfWork, member: User) -> bool:
    """Whether a first token was due to a member; it is not any more."""
    found = account_members.lock(unit.connection, member.organization_id, member.id)
    if found is None or not found.first_token_due:
        return False
    given = replace(found, first_token_due=False)
    unit.write(account_members.updating(member.organization_id, found, given))
    return True


def _member(unit: UnitOfWork, caller: Caller, id: OrganizationId) -> User:
    """Who the caller is in an organization, locked."""
    connection = unit.connection
    own = users.find(connection, caller.organization_id, caller.user_id)
    if own is None:
        raise user.not_found()
    there = [own] if id == caller.organization_id else tied(connection, own, id)
    for each in there:
        locked = users.lock(connection, id, each.id)
        if locked is not None:
            return locked
    raise organization.not_found()
