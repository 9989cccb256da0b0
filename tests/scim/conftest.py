"""The SCIM door of the server's application, in process, as an identity provider meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from clock import SettableClock
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from provisioning import Administration, administration, serving
from pyqwest import Client
from scim_client import Scim


@pytest.fixture
async def http(database: Database, clock: SettableClock) -> AsyncIterator[Client]:
    async with serving(database, clock) as client:
        yield client


@pytest.fixture
def admin(database: Database, clock: SettableClock, acme: Founded) -> Administration:
    """Acme's administrator."""
    return administration(database, clock, acme)


@pytest.fixture
async def issued(admin: Administration) -> tuple[ScimConfiguration, str]:
    return await admin.create()


@pytest.fixture
def configuration(issued: tuple[ScimConfiguration, str]) -> ScimConfiguration:
    return issued[0]


@pytest.fixture
def scim(http: Client, issued: tuple[ScimConfiguration, str]) -> Scim:
    """Acme's identity provider."""
    return Scim(http, issued[1])


@pytest.fixture
async def stranger(http: Client, database: Database, clock: SettableClock, globex: Founded) -> Scim:
    """The identity provider of another organization."""
    _, token = await administration(database, clock, globex).create()
    return Scim(http, token)
