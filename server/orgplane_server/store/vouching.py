"""When somebody last vouched for a member, and until when that is enough: see `domain.personal_access_token_policy`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import UserId
from . import deletion, organization, scim_user, user
from .engine.schema import Instant, Later
from .engine.statement import Call, Statement

_VOUCH = Statement(
    sa.update(user.table)
    .where(user.table.c.id == sa.bindparam("member"))
    .values(vouched_at=sa.bindparam("now"))
)
_NEVER = sa.literal(datetime(1970, 1, 1, tzinfo=UTC), Instant)


def vouching(member: UserId, now: datetime) -> Call:
    """What notes that somebody vouches for a member, whom this transaction has locked."""
    return _VOUCH, {"member": member, "now": now}


def rests_at(members: sa.FromClause) -> sa.ScalarSelect[Any]:
    """From when on the personal access tokens of one of these members do not work; NULL for never.

    Of whose organization asks for nothing no link is looked for.
    """
    asks, link = organization.table.alias(), scim_user.table.alias()
    linked = sa.exists(
        sa.select(link.c.id)
        .where(link.c.id == members.c.id, deletion.live(link.c.configuration_id))
        .correlate(members)
    )
    until = Later(sa.func.coalesce(members.c.vouched_at, _NEVER), asks.c.sign_in_within)
    return (
        sa.select(sa.type_coerce(sa.case((linked, sa.null()), else_=until), Instant))
        .where(asks.c.id == members.c.organization_id, asks.c.sign_in_within.is_not(None))
        .correlate(members)
        .scalar_subquery()
    )
