"""An answered change is there, whoever asks and whatever happens to the process."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import threading
from pathlib import Path

import orgplane
import pytest
from processes import PATIENCE, Organization, Server, create_organization, sqlite_url
from provider import new_configuration

#: How often the server is killed; more with `make test-crash`.
ROUNDS = int(os.environ.get("ORGPLANE_CRASH_ROUNDS", "3"))
WRITERS = 4


def test_a_change_over_one_protocol_is_seen_over_another(
    server: Server,
    client: orgplane.Client,
    configuration: orgplane.types.SCIMConfiguration,
) -> None:
    token = client._connection.options.token
    with (
        orgplane.Client(url=server.url, token=token, protocol="grpc") as over_grpc,
        orgplane.Client(url=server.url, token=token, codec="json") as over_json,
    ):
        changed = over_grpc.organizations.scim_configurations.update(
            scim_configuration_id=configuration.id, enabled=False, name="Ünïcode 🦄"
        )
        seen = over_json.organizations.scim_configurations.retrieve(
            scim_configuration_id=configuration.id
        )
        assert seen == changed


def make_configuration(server: Server, organization: Organization) -> str:
    with orgplane.Client(url=server.url, token=organization.token) as client:
        id, _ = new_configuration(client, organization)
    return id


class Writer:
    """Renames a configuration of its own and creates others, one after the other; knows what was answered."""

    def __init__(self, server: Server, organization: Organization) -> None:
        self.organization = organization
        self.id = make_configuration(server, organization)
        self.tried = 0
        self.renamed = 0
        self.created: set[str] = set()

    def work(self, server: Server, enough: threading.Barrier) -> None:
        """Until the server dies."""
        token = self.organization.token
        with (
            contextlib.suppress(orgplane.APIError),
            orgplane.Client(url=server.url, token=token, protocol="grpc") as client,
        ):
            for number in itertools.count():
                self.tried += 1
                client.organizations.scim_configurations.update(
                    scim_configuration_id=self.id, name=str(self.tried)
                )
                self.renamed = self.tried
                made = client.organizations.sso_configurations.create(
                    organization_id=self.organization.organization_id,
                    client_id="client",
                    client_secret="secret",
                    issuer_url="https://idp.example",
                )
                self.created.add(made.sso_configuration.id)
                if number == 20:
                    enough.wait(PATIENCE)

    def check(self, client: orgplane.Client) -> None:
        """All that was answered is there; what was under way may be."""
        kept = client.organizations.scim_configurations.retrieve(scim_configuration_id=self.id)
        assert int(kept.scim_configuration.name or 0) in {self.renamed, self.tried}
        stored = {
            found.id
            for found in client.organizations.sso_configurations.list(
                organization_id=self.organization.organization_id, page_size=100
            )
        }
        assert stored >= self.created


@pytest.mark.parametrize("workers", ["1", "2"])
def test_answered_changes_survive_kill_9(
    workers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with Server("--database-url", url) as server:
        writers = [Writer(server, organization) for _ in range(WRITERS)]
    for _ in range(ROUNDS):
        with Server("--database-url", url, "--workers", workers) as server:
            enough = threading.Barrier(WRITERS + 1)
            threads = [
                threading.Thread(target=writer.work, args=(server, enough)) for writer in writers
            ]
            for thread in threads:
                thread.start()
            enough.wait(PATIENCE)
            server.kill()
            for thread in threads:
                thread.join(PATIENCE)
        with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with (
            Server("--database-url", url) as server,
            orgplane.Client(url=server.url, token=organization.token) as client,
        ):
            for writer in writers:
                writer.check(client)
    answered = sum(writer.renamed + len(writer.created) for writer in writers)
    with capsys.disabled():
        print(f"\nkilled {ROUNDS} times: about {answered} changes answered, all kept")


def test_two_servers_on_one_file_see_each_other(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with (
        Server("--database-url", url) as one,
        Server("--database-url", url) as other,
        orgplane.Client(url=one.url, token=organization.token) as first,
        orgplane.Client(url=other.url, token=organization.token) as second,
    ):
        id = make_configuration(one, organization)

        def rename(client: orgplane.Client, text: str) -> None:
            for number in range(30):
                client.organizations.scim_configurations.update(
                    scim_configuration_id=id, name=f"{text}{number}"
                )

        threads = [
            threading.Thread(target=rename, args=(first, "a")),
            threading.Thread(target=rename, args=(second, "b")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        final = first.organizations.scim_configurations.retrieve(scim_configuration_id=id)
        assert final.scim_configuration.name in ("a29", "b29")
        assert final == second.organizations.scim_configurations.retrieve(scim_configuration_id=id)
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
        (changes,) = database.execute(
            "SELECT count(*) FROM audit_event WHERE action = 'update'"
        ).fetchone()
        assert changes == 60
