"""What is deleted but for its rows: hidden from all queries, until a sweeper has taken them away a few at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..domain.deletion import Deletion, Doomed
from .engine.records import Records
from .engine.schema import Instant, choice, metadata
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork

# No foreign keys: a configuration or a group is gone already.
table = sa.Table(
    # As when only what SCIM provisions was deleted like this: servers of before go on beside newer ones.
    "scim_deletion",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("what", choice(Doomed), nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("deleted_at", Instant, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=True),
    sa.Column("token_id", sa.Uuid, nullable=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column(
        "by_service_account",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.false(),
    ),
    sa.Column("holder_id", sa.Uuid, nullable=True),
    sa.Column("held_until", Instant, nullable=True),
)

deletions = Records(table, Deletion)

_c = table.c
_this = _c.id == sa.bindparam("this")
_me = _c.holder_id == sa.bindparam("me", type_=sa.Uuid)
_FREE = sa.select(*deletions.columns).where(
    sa.or_(_c.held_until.is_(None), _c.held_until <= sa.bindparam("now"))
)
_OTHERS = Statement(
    sa.select(_c.id)
    .where(_c.organization_id == sa.bindparam("organization"), _c.id != _c.organization_id)
    .limit(1)
)
_ALL = Statement(_FREE.order_by(_c.deleted_at, _c.id))
# PostgreSQL's form of an INSERT that may find the row there; SQLite has the same words for it.
_insert = postgresql.insert(table)
_BEGIN = Statement(
    _insert.on_conflict_do_update(
        index_elements=[_c.id], set_={"deleted_at": _insert.excluded.deleted_at}
    ),
    [*(column.name for column in deletions.columns), "holder_id", "held_until"],
)
_HOLD = (
    sa.update(table)
    .where(
        _this,
        sa.or_(_c.held_until.is_(None), _me, _c.held_until <= sa.bindparam("now", type_=Instant)),
    )
    .values(
        holder_id=sa.bindparam("me", type_=sa.Uuid), held_until=sa.bindparam("until", type_=Instant)
    )
    .returning(_c.id)
)
_TAKE_BACK = sa.delete(table).where(_this, _me).returning(_c.id)
_END = Statement(sa.delete(table).where(_this))


def live(id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the organization, configuration, or roster, with this id is not one that is deleted."""
    return id.not_in(sa.select(_c.id))


def begin(
    unit: UnitOfWork,
    deletion: Deletion,
    holder: UUID | None = None,
    until: datetime | None = None,
) -> None:
    """From now on its rows count for nothing, and go; while there is a `holder`, not before `until`.

    If those of before are about to go, so do these, after whoever is at it.
    """
    values = {column.name: getattr(deletion, column.name) for column in deletions.columns}
    unit.write((_BEGIN, {**values, "holder_id": holder, "held_until": until}))


def waiting(connection: sa.Connection, now: datetime) -> list[Deletion]:
    """All that nobody holds now, the oldest first."""
    return [deletions.of(row) for row in _ALL.all(connection, {"now": now})]


def organization_waits(connection: sa.Connection, organization: UUID) -> bool:
    """Whether something of an organization is to go before itself."""
    return bool(_OTHERS.all(connection, {"organization": organization}))


def hold(connection: sa.Connection, id: UUID, me: UUID, now: datetime, until: datetime) -> bool:
    """Keeps all others from it until then; False if somebody else does so now, or it has ended."""
    given = {"this": id, "me": me, "now": now, "until": until}
    return connection.execute(_HOLD, given).first() is not None


def take_back(connection: sa.Connection, id: UUID, me: UUID) -> bool:
    """What `me` has held all the time is not deleted after all; False if it was not so."""
    return connection.execute(_TAKE_BACK, {"this": id, "me": me}).first() is not None


def end(connection: sa.Connection, id: UUID) -> None:
    """Nothing is left of it."""
    _END.run(connection, {"this": id})
