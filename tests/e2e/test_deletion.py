"""A deletion that was answered stands, and is carried out to its end, whatever happens to the process."""

from __future__ import annotations

import asyncio
import itertools
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
from orgplane_server.store.tables import TABLES
from processes import Server, create_organization, eventually, sqlite_url
from provider import curl, new_configuration

#: Users enough that their deletion takes a while.
MANY = 1500
#: As many as the largest organizations have; theirs may take so many seconds.
CROWD, PATIENCE = 200_000, 900.0


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


async def fill(database_url: str, organization: str, configuration: str, many: int = MANY) -> None:
    database = Database.open(database_url)

    def find(connection: sa.Connection) -> ScimConfiguration | None:
        ids = OrganizationId(UUID(organization)), ScimConfigurationId(UUID(configuration))
        return scim_configurations.find(connection, *ids)

    try:
        found = await database.read(find)
        assert found is not None
        await crowd(database, found, system_clock, many)
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

    def of(self, organization: str) -> dict[str, int]:
        """How many of each table are an organization's."""
        found = {}
        with self._engine.connect() as connection:
            for table in TABLES:
                if (owner := table.c.get("organization_id")) is not None:
                    count = sa.select(sa.func.count()).where(owner == UUID(organization))
                    found[table.name] = int(connection.execute(count).scalar_one())
        return found

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


@pytest.mark.parametrize("many", [MANY, pytest.param(CROWD, marks=pytest.mark.long)])
def test_so_is_an_organization_while_another_works(
    database_url: str, start: tuple[str, ...], many: int
) -> None:
    with Server(*start) as server:
        gone, other = (create_organization(database_url) for _ in range(2))
        tokens = {}
        for each, number in ((gone, many), (other, 20)):
            with orgplane.Client(url=server.url, token=each.token) as client:
                id, tokens[each] = new_configuration(client, each)
            asyncio.run(fill(database_url, each.organization_id, id, number))
    rows = Rows(database_url)
    kept, members, users = rows.of(other.organization_id), rows.members(), rows.users()
    names = itertools.count()

    def renamed(witness: orgplane.Client) -> None:
        """The other organization works."""
        name = f"Other {next(names)}"
        witness.organizations.update(organization_id=other.organization_id, name=name)

    with (
        Server(*start) as server,
        orgplane.Client(url=server.url, token=gone.token) as client,
        orgplane.Client(url=server.url, token=other.token) as witness,
    ):
        client.organizations.delete(organization_id=gone.organization_id)
        eventually(lambda: rows.users() < users, PATIENCE)
        renamed(witness)
        server.kill()
    assert (rows.deletions(), rows.members() > members - many) == (1, True)
    with Server(*start) as server:
        assert curl(server.url, tokens[gone], "/Users")[0] == 401
        with (
            orgplane.Client(url=server.url, token=gone.token) as client,
            pytest.raises(orgplane.UnauthenticatedError),
        ):
            client.organizations.retrieve(organization_id=gone.organization_id)
        with orgplane.Client(url=server.url, token=other.token) as witness:

            def ended() -> bool:
                renamed(witness)
                return not rows.deletions()

            eventually(ended, PATIENCE)
        assert curl(server.url, tokens[other], "/Users?count=0")[1]["totalResults"] == 20
        assert rows.members() == members - many - 1
        left = {name: n for name, n in rows.of(gone.organization_id).items() if n}
        assert set(left) <= {"audit_event", "scim_request"}
    late = {"audit_event", "scim_request"}
    now = rows.of(other.organization_id)
    assert {name: now[name] for name in now.keys() - late} == {
        name: kept[name] for name in kept.keys() - late
    }
    rows.close()
