from __future__ import annotations

from dataclasses import dataclass

from ..domain import organization, personal_access_token, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.errors import FailedPrecondition, Reason
from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.instant import Clock
from ..domain.organization import Organization, OrganizationChanges
from ..domain.revision import removed
from ..domain.scim_deletion import of_organization
from ..domain.text import storable
from ..domain.token import Token, TokenKind
from ..domain.user import Role, User, check_email
from ..store import domain_verification, scim_deletion
from ..store.demo import mark
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import is_first, organizations
from ..store.personal_access_token import personal_access_tokens
from ..store.scim_configuration import take_turns
from ..store.user import users
from . import saving
from .minting import new_id, new_token


class Organizations:
    """The caller's organization; any other is not found."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
        """
        caller.require(Permission.DELETE_ORGANIZATION)
        if id != caller.organization_id:
            raise organization.not_found()

        def change(unit: UnitOfWork) -> None:
            connection = unit.connection
            take_turns(connection, id)
            organizations.lock(connection, id, id)
            before = organizations.find(connection, id, id)  # newer than the wait
            if before is None:
                raise organization.not_found()
            now = self._clock()
            domain_verification.release(unit, id)
            scim_deletion.begin(unit, of_organization(caller, now))
            saving.note(unit, caller, Action.DELETE, Subject.ORGANIZATION, id, now, removed(before))

        await self._database.write(change)


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organization, its first administrator, and a token of theirs that cannot be asked for again."""

    organization: Organization
    administrator: User
    caller: Caller
    token: Token


class Foundation:
    """Creating an organization: done by the operator of the server, not by a caller."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, name: str, admin_email: str, admin_name: str = "", *, demo: bool = False
    ) -> Founded:
        """An organization with one administrator and their personal access token (90 days).

        Raises InvalidArgument for a name or address that cannot be one. A `demo` is the first organization
        and marked as what it is; raises FailedPrecondition when the database already holds one.
        """
        organization.check_name(name)
        check_email("admin_email", admin_email)
        storable(admin_name=admin_name)
        token = new_token(TokenKind.PERSONAL_ACCESS)

        def change(unit: UnitOfWork) -> Founded:
            if demo and not is_first(unit.connection):
                raise FailedPrecondition(
                    "the database already holds an organization", reason=Reason.ALREADY_EXISTS
                )
            now = self._clock()
            new = Organization(OrganizationId(new_id()), name, (), now, now)
            administrator = user.new_administrator(
                UserId(new_id()), new.id, admin_email, now, admin_name
            )
            access = personal_access_token.new(
                PersonalAccessTokenId(new_id()),
                administrator,
                token.digest,
                now,
                description="first administrator",
            )
            caller = Caller(administrator.id, new.id, Role.ADMIN, access.id)
            saving.create(unit, caller, organizations, Subject.ORGANIZATION, new)
            saving.create(unit, caller, users, Subject.USER, administrator)
            saving.create(
                unit, caller, personal_access_tokens, Subject.PERSONAL_ACCESS_TOKEN, access
            )
            if demo:
                mark(unit, new.id, administrator.id)
            return Founded(new, administrator, caller, token)

        return await self._database.write(change)
