"""Fills a database with an organization of any size, to try things at scale.

    python bench/seed.py sqlite:///big.db --configurations 100000 --users 100000 --events 100000

Prints the organization's id, a token of its administrator, and of one SCIM configuration the id, the token
and three groups as JSON. What is there already stays; no server may be running meanwhile, and what is interrupted leaves a
broken SQLite file. A PostgreSQL also needs its servers' `--secret-key-file`. A million of each takes a minute or two.

One configuration, user and audit event are made by the use cases. The database multiplies these rows: the
others are the same but for ids, and for a number in their texts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from orgplane_server.app import secret_key
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.role import Principal, PrincipalKind, Role
from orgplane_server.domain.scim_attribute import CORE_USER
from orgplane_server.domain.scim_group import Naming
from orgplane_server.settings import Settings
from orgplane_server.store import (
    audit,
    scim_configuration,
    scim_count,
    scim_membership,
    scim_user,
    user,
)
from orgplane_server.store.engine import database_url, driver
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.schema import Instant
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Foundation
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.role import Roles
from orgplane_server.usecases.scim_access import ScimGate, Visit
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.scim_group import ScimGroups
from orgplane_server.usecases.scim_listing import ScimListings
from orgplane_server.usecases.scim_user import ScimUsers
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations

#: The members that the groups have, if there are so many users.
GROUPS = (10, 11, 1_000, 10_000)
#: The group of so many gives those who are in it the administrator's role.
WITH_ROLE = 11
_BATCH = 10_000

#: Where a row's number stands in the texts of the rows that are multiplied.
_HERE = "{number}"
_USER_NAME = f"user-{_HERE}@example.com"
_USER = {
    "schemas": [CORE_USER],
    "externalId": f"external-{_HERE}",
    "userName": _USER_NAME,
    "name": {"familyName": f"Family {_HERE}", "givenName": "Given"},
    "displayName": f"Given Family {_HERE}",
    "active": True,
    "emails": [{"value": _USER_NAME, "type": "work", "primary": True}],
}

_numbers = sa.Table(
    "seeding",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class Seeded:
    """What callers need to use the organization; `token` is its administrator's.

    The number of a configuration or user is its place among their ids; a group of n members has the first n users.
    """

    organization_id: str
    token: str
    scim_configuration_ids: list[str]
    scim_token: str
    user_ids: list[str]
    group_ids: Mapping[int, str]

    @staticmethod
    def user_name(number: int) -> str:
        return _USER_NAME.replace(_HERE, str(number))


@dataclass(frozen=True)
class _Model:
    """The rows that all others are made of, and what is told of them."""

    organization: UUID
    token: str
    configuration: UUID
    scim_token: str
    user: UUID
    groups: Mapping[int, UUID]


async def seed(
    url: str,
    key: bytes,
    configurations: int,
    users: int,
    events: int,
    groups: tuple[int, ...] = GROUPS,
) -> Seeded:
    """A new organization with so many SCIM configurations, users and groups of one of them, and audit events."""
    database = Database.open(url)
    try:
        model = await _model(database, key, groups)
    finally:
        await database.aclose()
    ids = [new_id() for _ in range(max(configurations, users, events))]
    with _bulk(url) as connection:
        _fill_numbers(connection, ids)
        with _without_indexes(connection, _TABLES):
            _multiply(connection, model, configurations, users, events)
    return Seeded(
        str(model.organization),
        model.token,
        [str(id) for id in (model.configuration, *ids[1:configurations])],
        model.scim_token,
        [str(id) for id in (model.user, *ids[1:users])],
        {size: str(id) for size, id in model.groups.items()},
    )


async def _model(database: Database, key: bytes, sizes: tuple[int, ...]) -> _Model:
    sealer = Sealer(key)
    pages = PageTokens(sealer)
    founded = await Foundation(database, system_clock).create("Seeded", "seed@example.com")
    caller, organization = founded.caller, founded.organization.id
    sso = await SsoConfigurations(database, system_clock, pages, sealer).create(
        caller,
        organization,
        client_id="seed",
        client_secret="seed",
        issuer_url="https://idp.example.com",
    )
    configurations = ScimConfigurations(database, system_clock, pages)
    issued = await configurations.create(caller, organization, sso.id)
    configuration = issued.configuration.id
    gate, listings = ScimGate(database, system_clock), ScimListings(pages)
    visit = Visit(issued.token.reveal())
    made = await ScimUsers(gate, system_clock, listings).create(visit, _USER)
    groups = ScimGroups(gate, system_clock, listings)
    named = {
        size: (await groups.create(visit, Naming(f"{size:,} members"))).group.id for size in sizes
    }
    if WITH_ROLE in named:
        principal = Principal(PrincipalKind.GROUP, named[WITH_ROLE])
        await Roles(database, system_clock, pages).assign(caller, principal, Role.ADMIN)
    await configurations.update(caller, configuration, {"name": f"Configuration {_HERE}"})
    for linking in (True, False):  # the event that is multiplied
        change = {"allow_unverified_email_account_linking": linking}
        await configurations.update(caller, configuration, change)
    return _Model(
        organization,
        founded.token.reveal(),
        configuration,
        issued.token.reveal(),
        made.user.id,
        named,
    )


_TABLES = (
    scim_configuration.table,
    user.table,
    scim_user.table,
    scim_user.values,
    scim_membership.table,
    audit.table,
)


def _multiply(
    connection: sa.Connection, model: _Model, configurations: int, users: int, events: int
) -> None:
    """Number 0 is the model itself, of each kind."""
    number = _numbers.c
    table = scim_configuration.table
    digest = {"token_digest": number.digest}
    _copy(connection, table, table.c.id == model.configuration, configurations, digest)
    for table, key in (
        (user.table, "id"),
        (scim_user.table, "id"),
        (scim_user.values, "user_id"),
    ):
        _copy(connection, table, table.c[key] == model.user, users, key=key)
    last = sa.select(sa.func.max(audit.table.c.sequence)).scalar_subquery()
    about = {"occurred_at": number.at, "subject_id": number.id}
    _copy(connection, audit.table, audit.table.c.sequence == last, events, about)
    for size, group in model.groups.items():
        everybody = sa.select(
            sa.literal(group, sa.Uuid), scim_user.table.c.id, scim_user.table.c.configuration_id
        ).where(scim_user.table.c.configuration_id == model.configuration)
        members = everybody.order_by(scim_user.table.c.id).limit(size)
        columns = ["roster_id", "user_id", "configuration_id"]
        connection.execute(sa.insert(scim_membership.table).from_select(columns, members))
    connection.execute(
        sa.update(scim_count.table)
        .where(scim_count.table.c.configuration_id == model.configuration)
        .values(users=users)
    )
    for table in (scim_configuration.table, user.table, scim_user.table, scim_user.values):
        _number(connection, table, {model.configuration, model.user}, 0)


def _copy(
    connection: sa.Connection,
    table: sa.Table,
    model: sa.ColumnElement[bool],
    rows: int,
    given: Mapping[str, sa.ColumnElement[Any]] | None = None,
    *,
    key: str = "id",
) -> None:
    """Rows from number 1 on, in the order of their ids: those of the model with this `key`."""
    given = {key: _numbers.c.id, **(given or {})}
    columns = [column for column in table.c if column.name != "sequence"]
    values = [given.get(column.name, _numbered(column, _numbers.c.number)) for column in columns]
    chosen = (
        sa.select(*values)
        .select_from(_numbers.join(table, model))
        .where(sa.between(_numbers.c.number, 1, rows - 1))
        .order_by(_numbers.c.number)
    )
    connection.execute(sa.insert(table).from_select(columns, chosen))


def _numbered(column: sa.Column[Any], number: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
    if type(column.type) is not sa.Text:
        return column
    return sa.func.replace(column, _HERE, sa.cast(number, sa.Text))


def _number(connection: sa.Connection, table: sa.Table, models: set[UUID], number: int) -> None:
    """The models' own rows get their number as well."""
    key = table.c.get("user_id", table.c.get("id"))
    texts = [column for column in table.c if type(column.type) is sa.Text]
    connection.execute(
        sa.update(table)
        .where(key.in_(models))
        .values({column: _numbered(column, sa.literal(number)) for column in texts})
    )


def _fill_numbers(connection: sa.Connection, ids: list[UUID]) -> None:
    _numbers.create(connection)
    now = system_clock()
    rows: Iterator[dict[str, Any]] = (
        {
            "number": number,
            "id": id,
            "digest": secrets.token_bytes(32),
            "at": now - timedelta(seconds=len(ids) - number),
        }
        for number, id in enumerate(ids)
    )
    while batch := list(islice(rows, _BATCH)):
        connection.execute(sa.insert(_numbers), batch)


@contextlib.contextmanager
def _bulk(url: str) -> Iterator[sa.Connection]:
    """A transaction, on SQLite without the safety that makes it slow."""
    engine = database_url.of_url(url).engine(writes=True)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                sqlite = driver.connection_of(connection)
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
                    sqlite.execute(f"PRAGMA {pragma}")
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def _without_indexes(connection: sa.Connection, tables: Iterable[sa.Table]) -> Iterator[None]:
    """An index is made in a fraction of the time that filling it row by row takes."""
    indexes = [index for table in tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def key_in(path: Path | None) -> bytes:
    """The key in a file, which several databases may share; made if it is not there."""
    assert path is not None
    secret_key.create(path)
    kept = secret_key.read(path)
    assert kept is not None
    return kept.key


async def _main(arguments: argparse.Namespace) -> None:
    settings = Settings(database_url=arguments.url, secret_key_file=arguments.secret_key_file)
    key = key_in(secret_key.path(settings))
    seeded = await seed(
        arguments.url, key, arguments.configurations, arguments.users, arguments.events
    )
    shown = asdict(seeded)
    for name in ("scim_configuration_ids", "user_ids"):
        shown[name] = shown[name][:1]
    print(json.dumps(shown))


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
    parser.add_argument("--configurations", type=int, default=1_000)
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--secret-key-file", type=Path)
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
