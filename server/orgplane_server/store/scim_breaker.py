from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..domain.identifier import ScimConfigurationId, UserId
from ..domain.scim_breaker import WITHIN, ScimBreaker
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork

# No foreign keys: both are forgotten with their configuration.
table = sa.Table(
    "scim_breaker",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("percent", sa.Integer, nullable=True),
    sa.Column("paused_at", Instant, nullable=True),
)
#: Who went within the hour.
departures = sa.Table(
    "scim_departure",
    metadata,
    sa.Column("configuration_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("gone_at", Instant, nullable=False),
    sa.Index(None, "configuration_id", "gone_at"),
)

_records = Records(table, ScimBreaker, tenant="id")
_mine = departures.c.configuration_id == sa.bindparam("configuration")
_COUNT = Statement(sa.select(sa.func.count()).select_from(departures).where(_mine))
_FORGET_OLD = Statement(
    sa.delete(departures).where(
        _mine, departures.c.gone_at <= sa.bindparam("before", type_=Instant)
    )
)
# PostgreSQL's form of an INSERT that may find the row there; SQLite has the same words for it.
_given = postgresql.insert(departures)
_GO = _given.on_conflict_do_update(
    index_elements=[departures.c.configuration_id, departures.c.user_id],
    set_={"gone_at": _given.excluded.gone_at},
)
_FORGET = Statement(sa.delete(departures).where(_mine))
_FORGET_BREAKER = Statement(sa.delete(table).where(table.c.id == sa.bindparam("configuration")))


def paused(configuration: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether what the provider of a configuration wants waits for an administrator."""
    return sa.exists().where(table.c.id == configuration, table.c.paused_at.is_not(None))


def find(connection: sa.Connection, id: ScimConfigurationId) -> ScimBreaker | None:
    return _records.find(connection, id, id)


def lock(connection: sa.Connection, id: ScimConfigurationId) -> ScimBreaker | None:
    """Nobody else of the configuration goes before this transaction ends."""
    return _records.lock(connection, id, id)


def save(unit: UnitOfWork, before: ScimBreaker | None, after: ScimBreaker) -> None:
    if before is None:
        unit.write(_records.inserting(after))
    else:
        _records.update(unit.connection, after.id, before, after)


def gone(connection: sa.Connection, id: ScimConfigurationId, now: datetime) -> int:
    """How many went within the hour; those before are forgotten."""
    given = {"configuration": id}
    _FORGET_OLD.run(connection, {**given, "before": now - WITHIN})
    ((count,),) = _COUNT.all(connection, given)
    return int(count)


def go(unit: UnitOfWork, id: ScimConfigurationId, user: UserId, now: datetime) -> None:
    unit.connection.execute(_GO, {"configuration_id": id, "user_id": user, "gone_at": now})


def count_anew(unit: UnitOfWork, id: ScimConfigurationId) -> None:
    unit.write((_FORGET, {"configuration": id}))


def forget(connection: sa.Connection, id: ScimConfigurationId) -> None:
    """Of a configuration that is deleted."""
    _FORGET.run(connection, {"configuration": id})
    _FORGET_BREAKER.run(connection, {"configuration": id})
