"""An answered change is there, whoever asks and whatever happens to the process."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import orgplane
from processes import PATIENCE, Organization, Server, create_organization, sqlite_url


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
        sso = client.organizations.sso_configurations.create(
            organization_id=organization.organization_id,
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
        )
        made = client.organizations.scim_configurations.create(
            organization_id=organization.organization_id,
            sso_configuration_id=sso.sso_configuration.id,
        )
    return made.scim_configuration.id


def update_until_it_dies(server: Server, token: str, id: str, prefix: str) -> int:
    """Renames to `<prefix>/0`, `<prefix>/1`, ... and kills the server meanwhile; the last one answered."""
    acknowledged: list[int] = []
    enough = threading.Event()

    def work() -> None:
        with (
            contextlib.suppress(orgplane.APIError),
            orgplane.Client(url=server.url, token=token, protocol="grpc") as client,
        ):
            for number in range(10_000):
                client.organizations.scim_configurations.update(
                    scim_configuration_id=id, name=f"{prefix}/{number}"
                )
                acknowledged.append(number)
                if number == 20:
                    enough.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert enough.wait(PATIENCE)
    server.kill()
    worker.join(PATIENCE)
    return acknowledged[-1]


def test_an_answered_change_survives_kill_9(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with Server("--database-url", url) as server:
        id = make_configuration(server, organization)
    for round_ in range(3):
        with Server("--database-url", url) as server:
            answered = update_until_it_dies(server, organization.token, id, str(round_))
        with (
            Server("--database-url", url) as server,
            orgplane.Client(url=server.url, token=organization.token) as client,
        ):
            found = client.organizations.scim_configurations.retrieve(scim_configuration_id=id)
        kept_round, _, kept = found.scim_configuration.name.partition("/")
        assert int(kept_round) == round_
        assert int(kept) >= answered
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


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
