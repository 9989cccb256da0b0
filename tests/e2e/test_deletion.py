"""A deletion that was answered stands, and is carried out to its end, whatever happens to the process."""

from __future__ import annotations

import asyncio
from uuid import UUID

import orgplane
import postgres
import pytest
import sqlalchemy as sa
from crowd import crowd
from orgplane_server.domain.identifier import OrganizationId, ScimConfigurationId
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store import deletion, scim_user
from orgplane_server.store import user as member
from orgplane_server.store.engine import database_url as urls
from orgplane_server.store.engine.database import Database
from orgplane_server.store.scim_configuration import scim_configurations
from processes import Server, create_organization, eventually, sqlite_url
from provider import curl, new_configuration

#: Users enough that their deletion takes a while.
MANY = 1500


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One that no other server has, which would go on with it."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path_factory.mktemp("deletion"))
    return postgres.new_database(request.getfixturevalue("postgresql_server"))


@pytest.fixture(scope="session")
def start(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """How all servers of the database are started."""
    key = tmp_path_factory.mktemp("key") / "secret.key"
    return ("--database-url", database_url, "--secret-key-file", str(key))


async def fill(database_url: str, organization: str, configuration: str) -> None:
    database = Database.open(database_url)

    def find(connection: sa.Connection) -> ScimConfiguration | None:
        ids = OrganizationId(UUID(organization)), ScimConfigurationId(UUID(configuration))
        return scim_configurations.find(connection, *ids)

    try:
        found = await database.read(find)
        assert found is not None
        await crowd(database, found, system_clock, MANY)
    finally:
        await database.aclose()


class Rows:
    """What is still there, as another program sees it."""

    def __init__(self, database_url: str) -> None:
        self._engine = urls.of_url(database_url).engine(writes=False)

    def users(self) -> int:
        return self._count(scim_user.table)

    def members(self) -> int:
        return self._count(member.table)

    def deletions(self) -> int:
        return self._count(deletion.table)

    def close(self) -> None:
        self._engine.dispose()

    def _count(self, table: sa.Table) -> int:
        with self._engine.connect() as connection:
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            )


def test_a_server_that_is_killed_amid_it_goes_on_when_it_is_started_again(
    database_url: str, start: tuple[str, ...]
) -> None:
    with Server(*start) as server:
        organization = create_organization(database_url)
        with orgplane.Client(url=server.url, token=organization.token) as client:
            id, token = new_configuration(client, organization)
    asyncio.run(fill(database_url, organization.organization_id, id))
    rows = Rows(database_url)
    with (
        Server(*start) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        client.organizations.scim_configurations.delete(scim_configuration_id=id)
        assert rows.users() == MANY
        eventually(lambda: rows.users() < MANY)
        server.kill()
    assert (rows.deletions(), rows.users() > 0) == (1, True)
    with Server(*start) as server:
        assert curl(server.url, token, "/Users")[0] == 401
        with (
            orgplane.Client(url=server.url, token=organization.token) as client,
            pytest.raises(orgplane.NotFoundError),
        ):
            client.organizations.scim_configurations.retrieve(scim_configuration_id=id)
        eventually(lambda: not rows.deletions())
        assert rows.users() == 0
    rows.close()


def test_so_is_an_organization_while_another_works(
    database_url: str, start: tuple[str, ...]
) -> None:
    with Server(*start) as server:
        gone, other = (create_organization(database_url) for _ in range(2))
        with orgplane.Client(url=server.url, token=gone.token) as client:
            id, token = new_configuration(client, gone)
    asyncio.run(fill(database_url, gone.organization_id, id))
    rows = Rows(database_url)
    before = rows.members()
    with (
        Server(*start) as server,
        orgplane.Client(url=server.url, token=gone.token) as client,
        orgplane.Client(url=server.url, token=other.token) as witness,
    ):
        client.organizations.delete(organization_id=gone.organization_id)
        eventually(lambda: rows.users() < MANY)
        witness.organizations.update(organization_id=other.organization_id, name="Other")
        server.kill()
    assert (rows.deletions(), rows.members() > before - MANY) == (1, True)
    with Server(*start) as server:
        assert curl(server.url, token, "/Users")[0] == 401
        with (
            orgplane.Client(url=server.url, token=gone.token) as client,
            pytest.raises(orgplane.UnauthenticatedError),
        ):
            client.organizations.retrieve(organization_id=gone.organization_id)
        with orgplane.Client(url=server.url, token=other.token) as witness:
            eventually(lambda: not rows.deletions())
            found = witness.organizations.retrieve(organization_id=other.organization_id)
            assert found.organization.name == "Other"
        assert (rows.users(), rows.members()) == (0, before - MANY - 1)
    rows.close()
