"""Fills a database with an organization of any size, to try things at scale.

    python bench/seed.py sqlite:///big.db --configurations 100000 --events 1000000

Prints the organization's id, a token of its administrator and one configuration's id as JSON. What is
there already stays. Rows have the shape that the server gives them; a million of each takes a few minutes.
A PostgreSQL also needs its servers' `--secret-key-file`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from orgplane_server.app import secret_key
from orgplane_server.domain.audit import Action, AuditEvent, Subject, record
from orgplane_server.domain.identifier import AuditEventId, ScimConfigurationId
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.settings import Settings
from orgplane_server.store import audit
from orgplane_server.store.database import Database
from orgplane_server.store.scim_configuration import scim_configurations
from orgplane_server.store.statement import together
from orgplane_server.store.unit_of_work import UnitOfWork
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Foundation, Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations

BATCH = 5_000


@dataclass(frozen=True)
class Seeded:
    """What a caller needs to use the organization; `token` is its administrator's."""

    organization_id: str
    token: str
    sso_configuration_id: str
    scim_configuration_ids: list[str]


async def seed(database: Database, key: bytes, configurations: int, events: int) -> Seeded:
    """A new organization with so many SCIM configurations and, about them, audit events."""
    sealer = Sealer(key)
    pages = PageTokens(sealer)
    founded = await Foundation(database, system_clock).create("Seeded", "seed@example.com")
    sso = await SsoConfigurations(database, system_clock, pages, sealer).create(
        founded.caller,
        founded.organization.id,
        client_id="seed",
        client_secret="seed",
        issuer_url="https://idp.example.com",
    )
    first = await ScimConfigurations(database, system_clock, pages).create(
        founded.caller, founded.organization.id, sso.id
    )
    model = first.configuration
    ids = [model.id]
    for rows in _batches(_configurations(model, configurations - 1)):
        await database.write(lambda unit, rows=rows: _insert(unit, rows))
        ids += [row["id"] for row in rows]
    for batch in _batches(_events(founded, ids, events)):
        await database.write(
            lambda unit, batch=batch: together(unit.connection, *audit.inserting(batch))
        )
    return Seeded(
        str(founded.organization.id), founded.token.reveal(), str(sso.id), [str(id) for id in ids]
    )


def _insert(unit: UnitOfWork, rows: list[dict[str, Any]]) -> None:
    scim_configurations._insert.run(unit.connection, *rows)


def _configurations(model: ScimConfiguration, count: int) -> Iterator[dict[str, Any]]:
    """Like the model, but for ids, names, and tokens, which nobody knows."""
    columns = {column.name: getattr(model, column.name) for column in scim_configurations.columns}
    for number in range(count):
        name = f"Configuration {number}"
        yield {**columns, "id": new_id(), "name": name, "token_digest": secrets.token_bytes(32)}


def _events(founded: Founded, ids: list[ScimConfigurationId], count: int) -> Iterator[AuditEvent]:
    """Updates of one configuration after the other, a second apart, the last one now."""
    now: datetime = system_clock()
    for number in range(count):
        yield record(
            AuditEventId(new_id()),
            founded.caller,
            Action.UPDATE,
            Subject.SCIM_CONFIGURATION,
            ids[number % len(ids)],
            now - timedelta(seconds=count - number),
            {"name": FieldChange(f"Name {number}", f"Name {number + 1}")},
        )


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(items, BATCH)):
        yield batch


async def _main(arguments: argparse.Namespace) -> None:
    settings = Settings(database_url=arguments.url, secret_key_file=arguments.secret_key_file)
    key = secret_key.load_or_create(secret_key.path(settings))
    database = Database.open(arguments.url)
    try:
        seeded = await seed(database, key, arguments.configurations, arguments.events)
    finally:
        await database.aclose()
    print(
        json.dumps({**asdict(seeded), "scim_configuration_ids": seeded.scim_configuration_ids[:1]})
    )


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
    parser.add_argument("--configurations", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--secret-key-file", type=Path)
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
