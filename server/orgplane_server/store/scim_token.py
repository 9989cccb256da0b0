from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..domain.identifier import ScimConfigurationId
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_credential import CredentialKind
from ..domain.scim_token import KEPT, MAXIMUM, REFUSALS_APART, End, EndedToken
from . import deletion
from .engine.purging import Purging
from .engine.schema import Instant, choice, metadata
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork
from .scim_configuration import scim_configurations
from .scim_configuration import table as configuration_table

# No foreign key: a token is found to have expired after its request, when its configuration may be gone.
table = sa.Table(
    "ended_scim_token",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("scim_configuration_id", sa.Uuid, nullable=False),
    sa.Column("end", choice(End), nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("refused_at", Instant, nullable=True),
    sa.Column("kind", choice(CredentialKind), nullable=False, server_default="token"),
    sa.Column("credential_id", sa.Uuid, nullable=True),
    sa.Column("hint", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "scim_configuration_id", "ended_at"),
    sa.Index(None, "ended_at"),
)

_columns = table.c
_mine = _columns.scim_configuration_id == sa.bindparam("configuration")
_GIVEN = tuple(column.name for column in _columns)
_KNOWN = Statement(
    sa.select(*(_columns[name] for name in _GIVEN), *scim_configurations.columns)
    .join(configuration_table, configuration_table.c.id == _columns.scim_configuration_id)
    .where(
        _columns.digest == sa.bindparam("digest"),
        _columns.ended_at > sa.bindparam("since"),
        deletion.live(configuration_table.c.organization_id),
    )
    .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
)
# PostgreSQL's form of an INSERT that may find the row there; SQLite has the same words for it.
_given = postgresql.insert(table).from_select(
    _GIVEN,
    sa.select(
        *(
            configuration_table.c.id
            if column is _columns.scim_configuration_id
            else sa.bindparam(column.name, type_=column.type)
            for column in _columns
        )
    ).where(configuration_table.c.id == sa.bindparam("configuration")),
)
_END = _given.on_conflict_do_update(
    index_elements=[_columns.digest],
    set_={"end": _given.excluded.end, "ended_at": _given.excluded.ended_at},
)
_REFUSE = _given.on_conflict_do_update(
    index_elements=[_columns.digest],
    set_={"refused_at": _given.excluded.refused_at},
    where=_columns.refused_at.is_(None)
    | (_columns.refused_at <= sa.bindparam("before", type_=Instant)),
).returning(_columns.digest)
_SURPLUS = sa.delete(table).where(
    _columns.digest.in_(
        sa.select(_columns.digest)
        .where(_mine)
        .order_by(_columns.ended_at.desc(), _columns.digest)
        .offset(sa.bindparam("keep"))
        .limit(sa.bindparam("limit"))
    )
)
#: By when they ended.
purge = Purging(table, _columns.ended_at)
_FORGET = sa.delete(table).where(_mine)


def known(
    connection: sa.Connection, digest: bytes, now: datetime
) -> tuple[EndedToken, ScimConfiguration] | None:
    """The ended token with this SHA-256, and the configuration whose it was, which is there still."""
    row = _KNOWN.one_or_none(connection, {"digest": digest, "since": now - KEPT})
    if row is None:
        return None
    border = len(_GIVEN)
    return EndedToken(*row[:border]), scim_configurations.of(row[border:])


def end(unit: UnitOfWork, token: EndedToken) -> None:
    """Keeps a token as one that has ended, with the latest others of its configuration."""
    connection = unit.connection
    connection.execute(_END, _values(token))
    surplus = {"configuration": token.scim_configuration_id, "keep": MAXIMUM, "limit": MAXIMUM}
    connection.execute(_SURPLUS, surplus)


def refuse(unit: UnitOfWork, refused: Iterable[EndedToken]) -> list[EndedToken]:
    """Notes requests at `refused_at` that bore ended tokens; those that are worth a line in the log.

    Of several processes that ask at once about a token, one is told so.
    """
    # In one order, so that two transactions do not wait for one another.
    in_order = sorted(refused, key=lambda token: (token.digest, token.refused_at))
    return [token for token in in_order if _refuse(unit, token)]


def forget(connection: sa.Connection, configuration: ScimConfigurationId) -> None:
    """Forgets all tokens of a configuration."""
    connection.execute(_FORGET, {"configuration": configuration})


def _refuse(unit: UnitOfWork, token: EndedToken) -> bool:
    assert token.refused_at is not None
    values = {**_values(token), "before": token.refused_at - REFUSALS_APART}
    return unit.connection.execute(_REFUSE, values).first() is not None


def _values(token: EndedToken) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(token, name) for name in _GIVEN if name != "scim_configuration_id"
    }
    return {**values, "configuration": token.scim_configuration_id}
