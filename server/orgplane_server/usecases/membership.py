from __future__ import annotations

from ..domain import membership
from ..domain.membership import Membership
from ..domain.revision import FieldChange, differences
from ..domain.user import UserStatus, email_key
from ..store import membership as memberships
from ..store import scim_configuration, scim_user
from ..store.database import Connection
from ..store.unit_of_work import UnitOfWork
from ..store.user import users
from .administration import keep_an_administrator


def keep(unit: UnitOfWork, before: Membership, after: Membership) -> dict[str, FieldChange]:
    """Writes what became of a member and their links, locked before; in what the member differs.

    Raises PermissionDenied if nobody could act for the organization any more, and AlreadyExists if another
    user of a link's configuration has its userName or externalId.
    """
    member = after.member
    keep_an_administrator(unit, before.member, member)
    if member is not before.member:
        unit.write(users.updating(member.organization_id, before.member, member))
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
    """Other active members with the address that a member gets, or that one who `comes` has."""
    member = after.member
    address = email_key(member.email)
    if member.status is not UserStatus.ACTIVE or not address:
        return []
    if not comes and address == email_key(before.member.email):
        return []
    holders = memberships.holding(connection, member.organization_id, address)
    return [holder for holder in holders if holder.member.id != member.id]


def require_nobody_else_denies(connection: Connection, resumed: Membership) -> None:
    """Raises FailedPrecondition if an identity provider says that a member is not active."""
    denying = [each.configuration_id for each in resumed.denials if each.configuration_id]
    if denying:
        raise membership.denied_by_providers(
            scim_configuration.among(connection, resumed.member.organization_id, denying)
        )
