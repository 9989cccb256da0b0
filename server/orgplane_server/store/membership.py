"""Members with their links. Whoever changes a link's word about `active` holds the member's row first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, UserId
from ..domain.membership import Membership, SharedAddress
from ..domain.user import User, UserStatus
from . import scim_configuration, scim_user, user
from .engine import turns
from .engine.among import Among
from .engine.driver import Row
from .engine.statement import Statement, together
from .scim_user import scim_users
from .user import users

_member, _link = user.table.c, scim_user.table.c
_mine = _member.organization_id == sa.bindparam("organization")
_MEMBERSHIPS = (
    sa.select(*users.columns, *scim_users.columns)
    .select_from(user.table.outerjoin(scim_user.table, (_link.id == _member.id) & scim_user.counts))
    .where(_mine)
    .order_by(_member.id, _link.configuration_id)
)
_FIND = Among(_MEMBERSHIPS, _member.id)
_HOLD = Among(sa.select(_member.id).where(_mine).order_by(_member.id).with_for_update(), _member.id)
_HOLDING = Statement(
    _MEMBERSHIPS.where(
        _member.email_key == sa.bindparam("address"), _member.status == UserStatus.ACTIVE
    )
)
_OF_ADDRESS = Statement(
    sa.select(*users.columns)
    .where(_mine, _member.email_key == sa.bindparam("address"))
    .order_by(_member.id)
)
_of_organization = sa.select(scim_configuration.table.c.id).where(
    scim_configuration.table.c.organization_id == sa.bindparam("organization")
)
_value = scim_user.values.c
_PROVISIONED_WITH = Statement(
    sa.select(*users.columns)
    .where(
        _mine,
        _member.id.in_(
            sa.union_all(
                sa.select(_link.id).where(
                    _link.configuration_id.in_(_of_organization),
                    _link.user_name_key == sa.bindparam("address"),
                ),
                sa.select(_value.user_id).where(
                    _value.configuration_id.in_(_of_organization),
                    _value.attribute == "emails",
                    _value.key == sa.bindparam("address"),
                ),
            )
        ),
    )
    .order_by(_member.id)
)
_active = _mine & (_member.status == UserStatus.ACTIVE)
_SHARED = (
    sa.select(_member.email_key)
    .where(_active, _member.email_key != "")
    .group_by(_member.email_key)
    .having(sa.func.count() > 1)
    .order_by(_member.email_key)
)
_SHARING = Among(
    sa.select(_member.email_key, _member.email, _member.id)
    .where(_active)
    .order_by(_member.email_key, _member.id),
    _member.email_key,
)
_ADDRESS_TURN = Statement(sa.select(turns.Turns("MAIL").own(sa.bindparam("turn", type_=sa.Text))))


def find(
    connection: sa.Connection, organization: OrganizationId, ids: Collection[UserId]
) -> list[Membership]:
    """The memberships of those of these users who are there, in the order of their ids."""
    return _memberships(_FIND.all(connection, sorted(ids), {"organization": organization}))


def lock(
    connection: sa.Connection, organization: OrganizationId, ids: Collection[UserId]
) -> list[Membership]:
    """Like `find`, and nobody else changes the members, or what their links say, before this transaction ends."""
    mine, these = {"organization": organization}, sorted(ids)
    found: list[Membership] = []
    for hold, read in zip(_HOLD.calls(these, mine), _FIND.calls(these, mine), strict=True):
        # A statement of its own: the links have to be newer than the wait.
        wait = [hold] if turns.taken(connection) else []
        found += _memberships(together(connection, *wait, read))
    return found


def holding(
    connection: sa.Connection, organization: OrganizationId, address: str, *, turn: bool = False
) -> list[Membership]:
    """The active members with this folded e-mail address, oldest first.

    With a `turn` nobody else who takes one asks for the address before this transaction ends.
    """
    mine = {"organization": organization, "address": address}
    waits = turn and turns.taken(connection)
    wait = [(_ADDRESS_TURN, {"turn": f"{organization}/{address}"})] if waits else []
    return _memberships(together(connection, *wait, (_HOLDING, mine)))


def of_address(connection: sa.Connection, organization: OrganizationId, address: str) -> list[User]:
    """The members with this folded e-mail address, also those who were suspended or left; it is one's turn at it."""
    wait = (
        [(_ADDRESS_TURN, {"turn": f"{organization}/{address}"})] if turns.taken(connection) else []
    )
    mine = {"organization": organization, "address": address}
    return [users.of(row) for row in together(connection, *wait, (_OF_ADDRESS, mine))]


def provisioned_with(
    connection: sa.Connection, organization: OrganizationId, address: str
) -> list[User]:
    """The members of whom a provider says that this folded address is their userName or one of their e-mail addresses."""
    given = {"organization": organization, "address": address}
    return [users.of(row) for row in _PROVISIONED_WITH.all(connection, given)]


def shared_addresses(
    connection: sa.Connection, organization: OrganizationId, limit: int | None = None
) -> list[SharedAddress]:
    """Up to `limit` addresses that several active members have, in order."""
    mine = {"organization": organization}
    several = connection.execute(_SHARED.limit(limit), mine).scalars().all()
    found = []
    for _, rows in groupby(_SHARING.all(connection, several, mine), lambda row: str(row[0])):
        sharing = list(rows)
        ids = tuple(UserId(id) for _, _, id in sharing)
        found.append(SharedAddress(organization, sharing[0][1], ids))
    return found


def _memberships(rows: Sequence[Row]) -> list[Membership]:
    """Out of a row for each link, or one without, those of a member together."""
    width = len(users.columns)
    return [
        Membership(
            users.of(member),
            tuple(scim_users.of(row[width:]) for row in linked if row[width] is not None),
        )
        for member, linked in groupby(rows, lambda row: tuple(row[:width]))
    ]
