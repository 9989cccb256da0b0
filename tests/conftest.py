"""What tests of every layer share: a clock that only they move, databases, an organization to act in."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import postgres
import pytest
from clock import SettableClock
from databases import new_sqlite
from hypothesis import HealthCheck, settings
from name_server import name_server, name_server_process
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.schema import metadata
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.telemetry import logs
from orgplane_server.usecases.organization import Foundation, Founded
from people import Access, add_user

__all__ = ["name_server", "name_server_process"]

# A machine that is busy with something else fails no test.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


#: Folders with builds, suites of others and processes, which take most of the time in few tests.
LONGEST = ("conformance", "examples", "packaging", "e2e", "cli", "contract")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that at the end no worker runs one alone while the others have nothing left."""
    tests = config.rootpath / "tests"

    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(tests).parts[0]
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def _logs() -> Iterator[None]:
    logs.configure("text")
    yield
    logs.drain()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server of our own, which the tests share."""
    cluster = postgres.new_cluster()
    cluster.start()
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.folder)


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> str:
    """A URL on the PostgreSQL server that the tests were given, or on their own."""
    given = os.environ.get(postgres.GIVEN)
    return given or str(request.getfixturevalue("cluster").url)


@pytest.fixture(scope="session")
def shared_postgresql_url(postgresql_server: str) -> str:
    return postgres.new_database(postgresql_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Every database that we run on; the same tests must pass on each. It is empty."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path)
    url: str = request.getfixturevalue("shared_postgresql_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url, connections=3)
    yield database
    if not is_sqlite(database_url):
        await database.write(_empty)
    await database.aclose()


def _empty(unit: UnitOfWork) -> None:
    for table in reversed(metadata.sorted_tables):
        if table is not audit.retention:
            unit.connection.execute(table.delete())


@pytest.fixture
async def acme(database: Database, clock: SettableClock) -> Founded:
    """An organization with an administrator, who is `acme.caller`."""
    return await Foundation(database, clock).create("Acme", "ada@acme.example", "Ada")


@pytest.fixture
async def globex(database: Database, clock: SettableClock) -> Founded:
    """Another organization, whose objects nobody in Acme may know of."""
    return await Foundation(database, clock).create("Globex", "hank@globex.example", "Hank")


@pytest.fixture
async def acme_member(database: Database, acme: Founded, clock: SettableClock) -> Access:
    """A member of Acme without the administrator's role."""
    return await add_user(database, acme, clock.now)
