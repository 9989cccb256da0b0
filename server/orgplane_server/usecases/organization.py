from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..domain import organization, personal_access_token, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.deletion import Deletion, of_organization
from ..domain.errors import FailedPrecondition, Reason
from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.member import LoginProvider, Member
from ..domain.operator import Operator
from ..domain.organization import Organization, OrganizationChanges
from ..domain.revision import removed
from ..domain.role import Role, effective
from ..domain.text import storable
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus, check_email
from ..store import account as accounts
from ..store import deletion, domain_verification, organization_policies
from ..store.demo import mark
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import is_first, organizations
from ..store.personal_access_token import personal_access_tokens
from ..store.scim_configuration import take_turns
from ..store.user import users
from ..store.vouching import vouching
from . import saving
from .account import tie
from .administration import keep_founded
from .minting import new_id, new_token


class Organizations:
    """The caller's organization; any other is not found.

    `creation` says whether the operator of the server lets members create others.
    """

    def __init__(self, database: Database, clock: Clock, *, creation: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._creation = creation

    async def create(
        self, caller: Caller, name: str, *, join: bool, invite_domain: bool = False
    ) -> tuple[Organization, Member]:
        """A new organization with the caller as its administrator, a member of their account without a token.

        Raises InvalidArgument as `organization.check_new`, FailedPrecondition unless the operator allows it, and
        if the account is in `MOST_OF_AN_ACCOUNT`, and Unauthenticated if the caller cannot act any more:
        somebody can for the new organization, by the caller's token.
        """
        caller.require(Permission.FOUND)
        if not self._creation:
            raise organization.creation_disabled()
        organization.check_new(name, join=join, invite_domain=invite_domain)

        def change(unit: UnitOfWork) -> tuple[Organization, Member]:
            connection = unit.connection
            founder = users.lock(connection, caller.organization_id, caller.user_id)
            if founder is None or founder.status is not UserStatus.ACTIVE:
                raise user.cannot_act()
            if (
                personal_access_tokens.lock(connection, founder.organization_id, caller.token_id)
                is None
            ):
                raise personal_access_token.unknown()
            account = accounts.of(connection, founder.id, founder.organization_id)
            accounts.take_turn(connection, account)
            if organization_policies.held(connection, founder.organization_id) is None:
                raise personal_access_token.unknown()
            if len(accounts.members(connection, account)) >= organization.MOST_OF_AN_ACCOUNT:
                raise organization.too_many()
            new, administrator = found(
                unit,
                name,
                founder.email,
                founder.name,
                self._clock(),
                lambda administrator: Newcomer(
                    administrator.id, administrator.organization_id, caller.origin
                ),
            )
            tie(unit, founder, administrator)
            return new, Member(administrator, LoginProvider.NONE, effective(Role.ADMIN))

        return await self._database.write(change)

    async def get(self, caller: Caller, id: OrganizationId) -> Organization:
        caller.require(Permission.READ_ORGANIZATION)
        if id != caller.organization_id:
            raise organization.not_found()
        found = await self._database.read(lambda connection: organizations.find(connection, id, id))
        if found is None:
            raise organization.not_found()
        return found

    async def update(
        self, caller: Caller, id: OrganizationId, changes: OrganizationChanges
    ) -> Organization:
        """The organization after the changes; when nothing differs, as it was."""
        caller.require(Permission.CHANGE_ORGANIZATION)
        if id != caller.organization_id:
            raise organization.not_found()

        def change(unit: UnitOfWork) -> Organization:
            before = organizations.lock(unit.connection, id, id)
            if before is None:
                raise organization.not_found()
            after = organization.changed(before, changes, self._clock())
            return saving.update(unit, caller, organizations, Subject.ORGANIZATION, before, after)

        return await self._database.write(change)

    async def delete(self, caller: Caller, id: OrganizationId) -> None:
        """The organization is gone, with all that belongs to it: no token works any more, and its domains are anybody's.

        All this is so when it returns. What it left behind goes later, a little at a time; its trail stays as long as any.
        Raises PermissionDenied if nobody could act any more for another that the caller has created.
        """
        caller.require(Permission.DELETE_ORGANIZATION)
        if id != caller.organization_id:
            raise organization.not_found()

        def change(unit: UnitOfWork) -> None:
            now = self._clock()
            take_turns(unit.connection, id)
            keep_founded(unit, caller, caller.user_id, now)
            end(unit, caller, of_organization(caller, now))

        await self._database.write(change)


def end(unit: UnitOfWork, who: Caller | Operator, doomed: Deletion) -> None:
    """The organization is gone, whose turns were taken. Raises NotFound."""
    id, now = doomed.organization_id, doomed.deleted_at
    before = organizations.lock(unit.connection, id, id)
    if before is None:
        raise organization.not_found()
    domain_verification.release(unit, id)
    deletion.begin(unit, doomed)
    saving.note(unit, who, Action.DELETE, Subject.ORGANIZATION, id, now, removed(before))


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organization, its first administrator, and a token of theirs that cannot be asked for again."""

    organization: Organization
    administrator: User
    caller: Caller
    token: Token


class Foundation:
    """Creating an organization as the operator of the server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, name: str, admin_email: str, admin_name: str = "", *, demo: bool = False
    ) -> Founded:
        """An organization with one administrator and their personal access token (90 days), for whom the operator vouches by it.

        Raises InvalidArgument for a name or address that cannot be one. A `demo` is the first organization
        and marked as what it is; raises FailedPrecondition when the database already holds one.
        """
        check_founding(name, admin_email, admin_name)
        token = new_token(TokenKind.PERSONAL_ACCESS)

        def change(unit: UnitOfWork) -> Founded:
            if demo and not is_first(unit.connection):
                raise FailedPrecondition(
                    "the database already holds an organization", reason=Reason.ALREADY_EXISTS
                )
            now = self._clock()
            id = PersonalAccessTokenId(new_id())
            new, administrator = found(
                *(unit, name, admin_email, admin_name, now),
                lambda administrator: _bearer(administrator, id),
            )
            access = personal_access_token.new(
                *(id, administrator, token.digest, now), description="first administrator"
            )
            caller = _bearer(administrator, id)
            saving.create(
                unit, caller, personal_access_tokens, Subject.PERSONAL_ACCESS_TOKEN, access
            )
            unit.write(vouching(administrator.id, now))
            if demo:
                mark(unit, new.id, administrator.id)
            return Founded(new, administrator, caller, token)

        return await self._database.write(change)


def check_founding(name: str, admin_email: str, admin_name: str) -> None:
    """Raises InvalidArgument for a name or an address that cannot be one."""
    organization.check_name(name)
    check_email("admin_email", admin_email)
    storable(admin_name=admin_name)


def found(
    unit: UnitOfWork,
    name: str,
    email: str,
    admin_name: str,
    now: datetime,
    actor: Callable[[User], saving.Actor],
) -> tuple[Organization, User]:
    """An organization and its first administrator, who made it as the `actor` that they are."""
    new = Organization(OrganizationId(new_id()), name, (), now, now)
    administrator = user.new_administrator(UserId(new_id()), new.id, email, now, admin_name)
    by = actor(administrator)
    saving.create(unit, by, organizations, Subject.ORGANIZATION, new)
    saving.create(unit, by, users, Subject.USER, administrator)
    return new, administrator


def _bearer(administrator: User, id: PersonalAccessTokenId) -> Caller:
    return Caller(administrator.id, administrator.organization_id, effective(Role.ADMIN), id)
