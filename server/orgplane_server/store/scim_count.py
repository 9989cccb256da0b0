"""How many users and groups each SCIM configuration has: counting them would read them all."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId
from .engine.schema import metadata
from .engine.statement import Call, Statement

table = sa.Table(
    "scim_count",
    metadata,
    sa.Column("configuration_id", sa.Uuid, primary_key=True),
    sa.Column("users", sa.BigInteger, nullable=False),
    sa.Column("groups", sa.BigInteger, nullable=False),
)

_this = table.c.configuration_id == sa.bindparam("configuration")
_INSERT = sa.insert(table)
_DELETE = sa.delete(table).where(_this)
_READ = {name: Statement(sa.select(table.c[name]).where(_this)) for name in ("users", "groups")}
_ADD = {
    name: Statement(
        sa.update(table).where(_this).values({name: table.c[name] + sa.bindparam("more")})
    )
    for name in ("users", "groups")
}


def start(connection: sa.Connection, configuration: ScimConfigurationId) -> None:
    """Every configuration has its counts from the beginning."""
    connection.execute(_INSERT, {"configuration_id": configuration, "users": 0, "groups": 0})


def adding(configuration: ScimConfigurationId, name: str, more: int) -> Call:
    """To be written last in its transaction: until that ends, nobody else can count."""
    return _ADD[name], {"configuration": configuration, "more": more}


def of(connection: sa.Connection, configuration: ScimConfigurationId, name: str) -> int:
    ((count,),) = _READ[name].all(connection, {"configuration": configuration})
    return int(count)


def forget(connection: sa.Connection, configuration: ScimConfigurationId) -> None:
    """Of a configuration that is deleted."""
    connection.execute(_DELETE, {"configuration": configuration})
