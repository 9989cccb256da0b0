from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from ..domain import letter
from ..domain.identifier import LetterId, OrganizationId
from ..domain.letter import Delivery, Letter, LetterKind
from . import deletion
from .engine import turns
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, Key, choice, metadata
from .engine.slices import Slices
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork

# No foreign key: a letter may be written after its organization has ended, and goes by itself then.
table = sa.Table(
    "letter",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("kind", choice(LetterKind), nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("recipient_key", Key, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
    sa.Column("delivery", choice(Delivery), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("attempt_at", Instant, nullable=True),
    sa.Column("not_after", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "organization_id", "created_at"),
    sa.Index(None, "recipient_key", "created_at"),
    sa.Index(None, "created_at"),
)
_columns = table.c
_queued = _columns.attempt_at != None  # noqa: E711
sa.Index(
    "ix_letter_attempt_at", _columns.attempt_at, sqlite_where=_queued, postgresql_where=_queued
)

letters = Records(
    table, Letter, derived={"recipient_key": lambda each: letter.recipient_key(each.recipient)}
)

_since = _columns.created_at > sa.bindparam("since", type_=Instant)
_OF_ORGANIZATION = Statement(
    sa.select(sa.func.count())
    .select_from(table)
    .where(_columns.organization_id == sa.bindparam("organization"), _since)
)
_TO_ADDRESS = Statement(
    sa.select(sa.func.count())
    .select_from(table)
    .where(_columns.recipient_key == sa.bindparam("recipient"), _since)
)
_DUE = (
    sa.select(*letters.columns)
    .where(
        _columns.attempt_at <= sa.bindparam("now", type_=Instant),
        deletion.live(_columns.organization_id),
    )
    .order_by(_columns.attempt_at)
    .limit(sa.bindparam("limit"))
)
_ANY_DUE = Statement(_DUE)
_TAKE = Statement(_DUE.with_for_update(skip_locked=True))
_WAITING = Statement(
    sa.select(*letters.columns)
    .where(_queued, _columns.created_at < sa.bindparam("before", type_=Instant))
    .order_by(_columns.created_at, _columns.id)
    .limit(sa.bindparam("limit"))
)
#: Letters, by when they were written.
purge = Purging(table, _columns.created_at)
#: Of an organization that is deleted, none of whose letters is sent any more.
SLICES = Slices(table, _columns.organization_id, _columns.created_at, _columns.id)
_WRITING, _WRITING_TO = turns.Turns("mlor"), turns.Turns("mlad")


def written(
    unit: UnitOfWork,
    organization: OrganizationId,
    organization_since: datetime,
    recipient: str,
    recipient_since: datetime,
) -> tuple[int, int]:
    """How many letters an organization has written, and an address gets, since then.

    Nobody else writes one of these before this transaction ends.
    """
    connection, key = unit.connection, letter.recipient_key(recipient)
    if turns.taken(connection):
        connection.execute(sa.select(_WRITING.own(sa.literal(str(organization)))))
        connection.execute(sa.select(_WRITING_TO.own(sa.literal(key))))
    of = _OF_ORGANIZATION.all(
        connection, {"organization": organization, "since": organization_since}
    )
    to = _TO_ADDRESS.all(connection, {"recipient": key, "since": recipient_since})
    return int(of[0][0]), int(to[0][0])


def post(unit: UnitOfWork, new: Letter) -> None:
    unit.write(letters.inserting(new))


def due(connection: sa.Connection, now: datetime) -> bool:
    """Whether any letter is to be tried by now."""
    return bool(_ANY_DUE.all(connection, {"now": now, "limit": 1}))


def waiting(connection: sa.Connection, before: datetime, limit: int = 100) -> list[Letter]:
    """Letters written earlier than `before` that are still to be delivered, the oldest first."""
    rows = _WAITING.all(connection, {"before": before, "limit": limit})
    return [letters.of(row) for row in rows]


def take(unit: UnitOfWork, now: datetime, until: datetime, limit: int) -> Sequence[Letter]:
    """Letters to be tried by now, which nobody else takes before `until`; the longest due first."""
    rows = _TAKE.all(unit.connection, {"now": now, "limit": limit})
    taken = []
    for row in rows:
        before = letters.of(row)
        after = letter.leased(before, until)
        unit.write(letters.updating(before.organization_id, before, after))
        taken.append(after)
    return taken


def end_attempt(unit: UnitOfWork, taken: Letter, after: Letter) -> bool:
    """Writes how an attempt went; False, and nothing, if the letter was taken by somebody else since, or is gone."""
    tenant = taken.organization_id
    if letters.lock(unit.connection, tenant, taken.id) != taken:
        return False
    letters.update(unit.connection, tenant, taken, after)
    return True


def of(connection: sa.Connection, ids: Sequence[LetterId]) -> dict[UUID, Letter]:
    """The letters that are remembered, by their ids."""
    query = sa.select(*letters.columns).where(_columns.id.in_(ids))
    found = [letters.of(row) for row in connection.execute(query)] if ids else []
    return {each.id: each for each in found}


def withdraw(unit: UnitOfWork, tenant: OrganizationId, id: LetterId, now: datetime) -> None:
    """Holds a letter back, if it is still queued."""
    before = letters.lock(unit.connection, tenant, id)
    if before is not None and before.delivery is Delivery.QUEUED:
        unit.write(letters.updating(tenant, before, letter.withdrawn(before, now)))
