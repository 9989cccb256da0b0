"""One real server for all the tests of a file that only use it; each has an organization of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orgplane
import postgres
import pytest
from certificates import make
from processes import Organization, Server, create_organization, sqlite_url

HERE = Path(__file__).parent

#: Of ports, protocols, clients and tools, which are the same whatever the database.
OF_THE_DOOR = ("clients", "listener", "node", "scim_conformance", "vendor_tools")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests `OF_THE_DOOR` are asked before PostgreSQL by those who have the time."""
    for item in items:
        if item.path.parent == HERE and item.path.stem.removeprefix("test_") in OF_THE_DOOR:
            given = item.callspec.params if hasattr(item, "callspec") else {}
            if given.get("database_url") == "postgresql":
                item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path_factory.mktemp("e2e"))
    return postgres.new_database(request.getfixturevalue("postgresql_server"))


@pytest.fixture(scope="session")
def secret_key_file(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key that all servers of the database are given."""
    return tmp_path_factory.mktemp("key") / "secret.key"


@pytest.fixture(scope="session")
def server(database_url: str, secret_key_file: Path) -> Iterator[Server]:
    arguments = ("--database-url", database_url, "--secret-key-file", str(secret_key_file))
    with Server(*arguments, "--allow-organization-creation") as server:
        yield server


@pytest.fixture(scope="session")
def other(database_url: str, secret_key_file: Path) -> Iterator[Server]:
    """Another server on the same database, of two processes."""
    arguments = ("--database-url", database_url, "--secret-key-file", str(secret_key_file))
    with Server(*arguments, "--workers", "2") as other:
        yield other


@pytest.fixture
def organization(server: Server, database_url: str) -> Organization:
    """Made beside the running server."""
    return create_organization(database_url)


@pytest.fixture
def client(server: Server, organization: Organization) -> Iterator[orgplane.Client]:
    with orgplane.Client(url=server.url, token=organization.token) as client:
        yield client


@pytest.fixture
def sso_configuration_id(client: orgplane.Client, organization: Organization) -> str:
    return client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    ).sso_configuration.id


@pytest.fixture
def configuration(
    client: orgplane.Client, organization: Organization, sso_configuration_id: str
) -> orgplane.types.SCIMConfiguration:
    return client.organizations.scim_configurations.create(
        organization_id=organization.organization_id,
        sso_configuration_id=sso_configuration_id,
        name="Okta",
    ).scim_configuration


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, three certificates of the server and a client's; and a rogue CA with a client's.

    Of the server's one is `renewed`, and one has `ended`.
    """
    folder = tmp_path_factory.mktemp("tls")

    ca, rogue = (make(folder, name, authority=True) for name in ("ca", "rogue"))
    for name in ("server", "renewed", "client"):
        make(folder, name, ca)
    make(folder, "ended", ca, years=(2020, 2021))
    make(folder, "stranger", rogue)
    return folder
