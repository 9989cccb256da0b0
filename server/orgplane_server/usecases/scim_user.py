from __future__ import annotations

from collections.abc import Callable, Collection

from ..domain import scim_user
from ..domain.audit import Action, Subject
from ..domain.identifier import UserId
from ..domain.instant import Clock
from ..domain.precondition import ALWAYS, Precondition
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange, removed, revised
from ..domain.revision import differences as record_differences
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_query import Listing, Query
from ..domain.scim_user import Document, Provisioned, ScimUser
from ..domain.user import User, UserStatus
from ..store import scim_count, scim_group, scim_membership
from ..store import scim_user as store
from ..store.database import Connection
from ..store.scim_user import USERS, scim_users
from ..store.sso_configuration import sso_configurations
from ..store.unit_of_work import UnitOfWork
from ..store.user import users, with_email
from . import saving
from .administration import keep_an_administrator
from .minting import new_id
from .scim_access import ScimGate, Visit
from .scim_listing import ScimListings

#: Makes the next attributes of a user out of the present ones. It may run more than once.
Revise = Callable[[ScimUser], Document]


class ScimUsers:
    """Members as an identity provider provisions them, each change in one transaction with its gate."""

    def __init__(self, gate: ScimGate, clock: Clock, listings: ScimListings) -> None:
        self._gate = gate
        self._clock = clock
        self._listings = listings

    async def create(self, visit: Visit, document: Document) -> Provisioned:
        """A new member, or one of the organization's that the configuration may link to.

        Raises AlreadyExists when the configuration has the userName or externalId already, and when a
        member has the e-mail address but must not be linked.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> Provisioned:
            now = self._clock()
            known = _linkable(unit.connection, provisioner, document)
            new = scim_user.new(
                UserId(new_id()) if known is None else known.id,
                provisioner.id,
                provisioner.organization_id,
                document,
                now,
            )
            if known is None:
                member = scim_user.new_member(new, now)
                saving.create(unit, provisioner, users, Subject.USER, member)
            else:
                changes = _follow(unit, provisioner, new, known)
                saving.note(
                    unit,
                    provisioner,
                    Action.UPDATE,
                    Subject.USER,
                    new.id,
                    now,
                    {"scimConfigurationId": FieldChange(None, str(provisioner.id)), **changes},
                )
            store.insert(unit, new)
            unit.write(scim_count.adding(provisioner.id, "users", 1))
            return Provisioned(new)

        return await self._gate.write(visit, change)

    async def get(self, visit: Visit, id: UserId, *, groups: bool = True) -> Provisioned:
        def query(connection: Connection, provisioner: Provisioner) -> Provisioned:
            found = scim_users.find(connection, provisioner.id, id)
            if found is None:
                raise scim_user.not_found()
            return _with_groups(connection, provisioner, [found], groups)[0]

        return await self._gate.read(visit, query)

    async def list(self, visit: Visit, query: Query) -> Listing[Provisioned]:
        """The configuration's users as the query wants them."""

        def run(connection: Connection, provisioner: Provisioner) -> Listing[Provisioned]:
            return self._listings.list(
                connection,
                provisioner,
                USERS,
                query,
                lambda found: _with_groups(connection, provisioner, found, query.whole),
            )

        return await self._gate.read(visit, run)

    async def revise(
        self,
        visit: Visit,
        id: UserId,
        revise: Revise,
        *,
        precondition: Precondition = ALWAYS,
    ) -> Provisioned:
        """The user after a revision; as it was, version included, when nothing differs.

        Raises VersionMismatch unless the user is as `precondition` wants, and PermissionDenied if nobody
        could act for the organization any more.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> Provisioned:
            before = _lock(unit, provisioner, id)
            precondition.require(before.version)
            after = scim_user.changed(before, revise(before), self._clock())
            # Read before anything is written, which may then wait for the commit.
            (answer,) = _with_groups(unit.connection, provisioner, [after], groups=True)
            if after is not before:
                member = users.lock(unit.connection, provisioner.organization_id, id)
                assert member is not None, "a provisioned user is a member"
                changes = _follow(unit, provisioner, after, member, before)
                store.update(unit, before, after)
                saving.note(
                    unit,
                    provisioner,
                    Action.UPDATE,
                    Subject.USER,
                    id,
                    after.updated_at,
                    {**changes, **scim_user.differences(before, after)},
                )
            return answer

        return await self._gate.write(visit, change)

    async def delete(
        self, visit: Visit, id: UserId, *, precondition: Precondition = ALWAYS
    ) -> None:
        """The member leaves the organization and all groups; their userName is free again.

        Raises as `revise`.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> None:
            connection, configuration = unit.connection, provisioner.id
            # Groups before users, as whoever changes a group's members does it.
            scim_group.lock(
                connection,
                configuration,
                scim_membership.groups_with(connection, configuration, id),
            )
            before = _lock(unit, provisioner, id)
            precondition.require(before.version)
            now = self._clock()
            member = users.lock(connection, provisioner.organization_id, id)
            assert member is not None, "a provisioned user is a member"
            left = revised(member, {"status": UserStatus.LEFT}, now)
            keep_an_administrator(unit, member, left)
            users.update(connection, provisioner.organization_id, member, left)
            groups = scim_membership.groups_with(connection, configuration, id)
            if groups:
                scim_membership.leave(connection, configuration, id)
                scim_group.touch(unit, configuration, groups, now)
            store.delete(connection, before)
            saving.note(
                unit,
                provisioner,
                Action.DELETE,
                Subject.USER,
                id,
                now,
                {**removed(member), **scim_user.differences(before, None)},
            )
            unit.write(scim_count.adding(configuration, "users", -1))

        await self._gate.write(visit, change)


def _lock(unit: UnitOfWork, provisioner: Provisioner, id: UserId) -> ScimUser:
    found = scim_users.lock(unit.connection, provisioner.id, id)
    if found is None:
        raise scim_user.not_found()
    return found


def _linkable(connection: Connection, provisioner: Provisioner, document: Document) -> User | None:
    """The member with the same e-mail address whom no configuration has provisioned yet, locked.

    Raises AlreadyExists if there is one and the configuration must not link to them.
    """
    scim_user.check(document)
    addresses = scim_user.addresses(document)
    candidates = [
        member
        for member in with_email(connection, provisioner.organization_id, addresses)
        if member.status is not UserStatus.LEFT
    ]
    if not candidates:
        return None
    provisioned = store.provisioned(connection, [member.id for member in candidates])
    free = [member for member in candidates if member.id not in provisioned]
    if not free:
        return None
    chosen = min(free, key=lambda member: (member.status is not UserStatus.ACTIVE, member.id))
    if not scim_user.may_link(
        chosen, provisioner.configuration, _domains(connection, provisioner.configuration)
    ):
        raise scim_user.not_linkable(chosen.email)
    member = users.lock(connection, provisioner.organization_id, chosen.id)
    if member is None or member.status is UserStatus.LEFT:
        return None
    # Somebody else may have had the lock before.
    return None if store.provisioned(connection, [member.id]) else member


def _domains(connection: Connection, configuration: ScimConfiguration) -> Collection[str]:
    """The e-mail domains of the SSO configuration that the SCIM configuration links to."""
    linked = configuration.sso_configuration_id
    if linked is None:
        return ()
    found = sso_configurations.find(connection, configuration.organization_id, linked)
    return () if found is None else found.email_domains


def _follow(
    unit: UnitOfWork,
    provisioner: Provisioner,
    provisioned: ScimUser,
    member: User,
    before: ScimUser | None = None,
) -> dict[str, FieldChange]:
    """The member becomes what the user's attributes say, and said not `before`; what differs then."""
    changes = scim_user.member_changes(provisioned, before)
    after = revised(member, changes, provisioned.updated_at)
    if after is member:
        return {}
    keep_an_administrator(unit, member, after)
    unit.write(users.updating(provisioner.organization_id, member, after))
    return record_differences(member, after)


def _with_groups(
    connection: Connection, provisioner: Provisioner, found: Collection[ScimUser], groups: bool
) -> list[Provisioned]:
    if not groups or not found:
        return [Provisioned(each) for each in found]
    of = scim_membership.groups_of(connection, provisioner.id, [each.id for each in found])
    return [Provisioned(each, of.get(each.id, ())) for each in found]
