"""What tests of every layer share: a clock that only they move, databases, an organization to act in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from clock import SettableClock
from orgplane_server.store.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.organization import Foundation, Founded
from people import Access, add_user


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    logs.configure("text")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(params=["memory", "file"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Every database that we run on; the same tests must pass on each."""
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/orgplane.db"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url)
    yield database
    await database.close()


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
