from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain import membership, user
from ..domain.caller import Caller, Permission
from ..domain.identifier import ScimConfigurationId, UserId
from ..domain.instant import Clock
from ..domain.membership import Membership
from ..domain.revision import FieldChange, differences
from ..domain.scim_configuration import ScimConfiguration, required
from ..domain.sign_out import SignOutReason
from ..domain.user import User, UserStatus, email_key
from ..store import account, group, personal_access_token, scim_configuration, scim_user, session
from ..store import membership as memberships
from ..store import role as roles
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_configuration import scim_configurations
from ..store.user import users
from .administration import keep_an_administrator


@dataclass(frozen=True, slots=True)
class Known:
    """A membership, and the SCIM configurations of its links."""

    membership: Membership
    configurations: Mapping[ScimConfigurationId, ScimConfiguration]

    def name(self, id: ScimConfigurationId) -> str:
        """What a configuration is called; empty for one that is being deleted."""
        found = self.configurations.get(id)
        return "" if found is None else found.name


@dataclass(frozen=True, slots=True)
class Deletion:
    """What the deletion of a SCIM configuration would mean for those whom it denies to be active."""

    reactivated: Sequence[User]
    suspended_by_administrator: int


class Memberships:
    """How identity providers know the members of the caller's organization; administrators only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, caller: Caller, id: UserId) -> Known:
        """Also of somebody who has left."""
        caller.require(Permission.READ_MEMBERSHIPS)

        def query(connection: Connection) -> Known:
            found = memberships.find(connection, caller.organization_id, [id])
            if not found:
                raise user.not_found()
            linked = [link.configuration_id for link in found[0].links]
            configurations = scim_configuration.among(connection, caller.organization_id, linked)
            return Known(found[0], {each.id: each for each in configurations})

        return await self._database.read(query)

    async def preview_deletion(self, caller: Caller, id: ScimConfigurationId) -> Deletion:
        """What `ScimConfigurations.delete` would mean for members, as things are now."""
        caller.require(Permission.READ_MEMBERSHIPS)

        def query(connection: Connection) -> Deletion:
            organization = caller.organization_id
            required(scim_configurations.find(connection, organization, id))
            denied = memberships.find(connection, organization, scim_user.denying(connection, id))
            left = [membership.parted(each, id, self._clock()).member for each in denied]
            back = [member for member in left if member.status is UserStatus.ACTIVE]
            kept = sum(
                after.suspended_by_administrator_at != before.member.suspended_by_administrator_at
                for before, after in zip(denied, left, strict=True)
            )
            return Deletion(back, kept)

        return await self._database.read(query, long=True)


def keep(
    unit: UnitOfWork, before: Membership, after: Membership, now: datetime
) -> dict[str, FieldChange]:
    """Writes what became of a member and their links, locked before; in what the member differs.

    Who is not active any more has no sessions. Who leaves has no tokens any more, nor who comes back: one may have been made while they left. None is due to them either, and
    no role is assigned to them.
    Nor are they in a local group; in a provider's they stay, until the provider takes them out.

    Raises PermissionDenied if nobody could act for the organization any more, and AlreadyExists if another
    user of a link's configuration has its userName or externalId.
    """
    member = after.member
    keep_an_administrator(unit, before.member, member, now)
    if member is not before.member:
        unit.write(users.updating(member.organization_id, before.member, member))
    if UserStatus.ACTIVE is before.member.status is not member.status:
        session.end_of_member(unit, member.id, now, SignOutReason.MEMBER)
    if (member.status is UserStatus.LEFT) != (before.member.status is UserStatus.LEFT):
        unit.write(
            personal_access_token.personal_access_tokens.ending(member.id),
            account.forfeiting(member.id),
            roles.forgetting(member.organization_id, member.id),
            group.leaving(member.id),
        )
    for link in before.links:
        if after.link(link.configuration_id) is None:
            scim_user.delete(unit.connection, link)
    for link in after.links:
        known = before.link(link.configuration_id)
        if known is None:
            scim_user.insert(unit, link)
        elif known != link:
            scim_user.update(unit, known, link)
    return differences(before.member, member)


def sharing(
    connection: Connection, before: Membership, after: Membership, *, comes: bool
) -> list[Membership]:
    """Other active members with the address that a member gets, or that one who `comes` has.

    Of several who come with the same address, each sees who came before.
    """
    member = after.member
    address = email_key(member.email)
    if member.status is not UserStatus.ACTIVE or not address:
        return []
    if not comes and address == email_key(before.member.email):
        return []
    holders = memberships.holding(connection, member.organization_id, address, turn=comes)
    return [holder for holder in holders if holder.member.id != member.id]


def require_nobody_else_denies(connection: Connection, resumed: Membership) -> None:
    """Raises FailedPrecondition if an identity provider says that a member is not active."""
    denying = [each.configuration_id for each in resumed.denials if each.configuration_id]
    if denying:
        raise membership.denied_by_providers(
            scim_configuration.among(connection, resumed.member.organization_id, denying)
        )
