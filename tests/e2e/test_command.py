"""The command line of the server, as an operator meets it."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orgplane
import postgres
import psycopg
import pytest
from orgplane_server.store.engine.migrate import HEAD
from processes import Server, children, create_organization, run, sqlite_url


def test_ready_is_the_one_line_on_stdout(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
        assert server.stop() == 0
        assert len(server.stdout.rest()) == 1
        assert server.stderr.rest() == []


@pytest.mark.parametrize("url", ["memory", "file"])
def test_the_demos_commands_work_as_printed(tmp_path: Path, url: str) -> None:
    database_url = "sqlite://" if url == "memory" else sqlite_url(tmp_path)
    with Server("--demo", "--database-url", database_url) as server:
        lines = [server.stdout.next() or "" for _ in range(12)]
        facts = dict(line.split(": ", 1) for line in lines[:7])
        assert facts["scim_base_url"] == f"{server.url}/scim/v2"
        assert lines[7:9] == ["", "Try:"]
        with orgplane.Client(url=server.url, token=facts["token"]) as client:
            for command, enabled in zip(lines[9:], (False, False, True), strict=True):
                done = subprocess.run(command, shell=True, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
                assert facts["scim_configuration_id"] in done.stdout
                (found,) = client.organizations.scim_configurations.list()
                assert found.enabled is enabled


def test_a_demo_beside_somebodys_organization_creates_nothing_and_says_how_to_go_on(
    tmp_path: Path,
) -> None:
    url = sqlite_url(tmp_path)
    create_organization(url, name="Demo")
    with Server("--demo", "--database-url", url) as server:
        assert "nothing was created" in (server.stdout.next() or "")
        assert "create-organization" in (server.stdout.next() or "")
        assert "create-token" in (server.stdout.next() or "")
        server.stop()
        assert "orgplane_pat" not in "".join(server.stdout.rest())


def test_the_demos_own_database_gets_a_new_token(tmp_path: Path) -> None:
    arguments = ("--demo", "--database-url", sqlite_url(tmp_path))
    with Server(*arguments) as server:
        first = dict((server.stdout.next() or "").split(": ", 1) for _ in range(7))
    with Server(*arguments, "--public-url", "https://id.example.com") as server:
        second = dict((server.stdout.next() or "").split(": ", 1) for _ in range(6))
        lines = [server.stdout.next() or "" for _ in range(8)]
        with orgplane.Client(url=server.url, token=second["token"]) as client:
            assert client.users.get_authenticated_user().user.id == first["user_id"]
        assert lines[0] == lines[3] == ""
        assert "SCIM token" in lines[1]  # it is not made anew: that would lock the provider out
        assert lines[4] == "Try:"
        assert second["token"] in lines[-1]
        done = subprocess.run(
            f"{lines[2]} --yes", shell=True, capture_output=True, text=True, check=True
        )
        assert "orgplane_scim_" in done.stdout
        assert second["scim_base_url"] == "https://id.example.com/scim/v2"
        assert second["scim_base_url"] in done.stdout
    assert first.pop("token") != second.pop("token")
    assert first.pop("scim_base_url") != second.pop("scim_base_url")
    del first["scim_token"]
    assert first == second


def test_the_doctor_lists_e_mail_domains_that_nobody_has_proven(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with Server("--database-url", url) as server:
        organization = create_organization(url)
        with orgplane.Client(url=server.url, token=organization.token) as client:
            made = client.organizations.sso_configurations.create(
                organization_id=organization.organization_id,
                issuer_url="https://idp.example.com",
                client_id="orgplane",
                client_secret="sesame",
                email_domains=["acme.example", "acme.internal"],
            )
    vouch = ("--organization", organization.organization_id, "--domain", "acme.internal")
    assert run("verify-domain", *vouch, "--private", "--database-url", url).returncode == 0
    done = run("doctor", "--database-url", url)
    assert done.stdout.endswith(
        f"\nwarn  organization {organization.organization_id}: acme.example, an e-mail domain of SSO configuration "
        f"{made.sso_configuration.id}, is not proven\n"
    )
    done = run("doctor", "--json", "--database-url", url)
    assert json.loads(done.stdout)["unprovenDomains"] == [
        {
            "organizationId": organization.organization_id,
            "ssoConfigurationId": made.sso_configuration.id,
            "domain": "acme.example",
        }
    ]


def test_the_doctor_lists_addresses_that_find_nobody(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    done = run("doctor", "--database-url", url)
    assert done.returncode == 0
    assert "organization" not in done.stdout
    twin = str(uuid.uuid4())
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
        database.row_factory = sqlite3.Row
        (row,) = map(dict, database.execute("SELECT * FROM member"))
        row["id"] = uuid.UUID(twin).hex
        places = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO member VALUES ({places})", [*row.values()])
        database.commit()
    done = run("doctor", "--database-url", url)
    assert f"\nwarn  organization {organization.organization_id}: ada@acme.example" in done.stdout
    done = run("doctor", "--json", "--database-url", url)
    told = json.loads(done.stdout)
    del told["checks"]
    assert told == {
        "sharedAddresses": [
            {
                "organizationId": organization.organization_id,
                "email": "ada@acme.example",
                "userIds": sorted([organization.user_id, twin]),
            }
        ],
        "unprovenDomains": [],
        "waitingMail": [],
    }


def test_the_password_of_the_mail_server_is_in_no_command_line() -> None:
    done = run("serve", "--smtp-url", "smtp://user:hush@mail.example", "--mail-from", "a@b.example")
    assert done.returncode == 2
    assert "ORGPLANE_SMTP_URL" in done.stderr
    assert "hush" not in done.stderr


def test_create_organization_prints_what_is_needed_to_begin(tmp_path: Path) -> None:
    """Beside a running server, whose database it shares."""
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        done = run(
            *("create-organization", "--name", "Acme", "--admin-email", "ada@acme.example"),
            *("--admin-name", "Ada", "--database-url", sqlite_url(tmp_path)),
        )
        facts = dict(line.split(": ", 1) for line in done.stdout.splitlines())
        assert set(facts) == {"organizationId", "userId", "token"}
        with orgplane.Client(url=server.url, token=facts["token"]) as client:
            assert client.users.get_authenticated_user().user.name == "Ada"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--name", " ", "--admin-email", "a@b.example"), "name: must not be empty"),
        (("--name", "A", "--admin-email", "nobody"), "admin_email: must be an e-mail address"),
    ],
)
def test_create_organization_refuses_what_cannot_be(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = run("create-organization", *arguments, "--database-url", sqlite_url(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"orgplane-server: {complaint}\n"


def create_token(url: str, organization: str, email: str, *options: str) -> dict[str, str]:
    done = run(
        *("create-token", "--organization", organization, "--email", email, "--json", *options),
        *("--database-url", url),
    )
    assert done.returncode == 0, done.stderr
    values: dict[str, str] = json.loads(done.stdout)
    return values


def test_a_token_is_made_beside_a_running_server_and_works_at_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    acme = create_organization(url)
    with Server("--database-url", url) as server:
        made = create_token(url, acme.organization_id, "ADA@acme.example", "--valid-for", "30d")
        assert made["organizationId"] == acme.organization_id
        assert made["userId"] == acme.user_id
        with orgplane.Client(url=server.url, token=made["token"]) as client:
            assert client.users.get_authenticated_user().user.id == acme.user_id
            event = next(iter(client.events.list(newest_first=True, page_size=1)))
            assert event.actor.kind is orgplane.types.ActorKind.OPERATOR
        heir = create_token(url, acme.organization_id, "bob@acme.example", "--make-administrator")
        with orgplane.Client(url=server.url, token=heir["token"]) as client:
            client.organizations.update(organization_id=acme.organization_id, name="Bob's")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list-organizations",),
        ("doctor",),
        (
            "create-token",
            "--organization",
            "01a20ae0-6827-714a-bd25-505e98921e7c",
            "--email",
            "a@b",
        ),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_about_what_is_there_makes_no_empty_database(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments, "--database-url", f"sqlite:///{tmp_path}/elsewhere.db")
    assert done.returncode == 1
    told = done.stdout if arguments == ("doctor",) else done.stderr
    assert f"the database {tmp_path}/elsewhere.db does not exist" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--organization", "01a20ae0-6827-714a-bd25-505e98921e7c"), "organization not found"),
        (("--email", "bob@acme.example"), "--make-administrator makes one"),
        (("--email", "nobody"), "email: must be an e-mail address"),
        (("--valid-for", "91d"), "valid_for: must be at most 90 days"),
        (("--valid-for", "soon"), "valid_for: expected a duration"),
        (("--organization", "Acme"), "'--organization'"),
    ],
)
def test_create_token_refuses_what_cannot_be(
    tmp_path: Path, arguments: tuple[str, str], complaint: str
) -> None:
    url = sqlite_url(tmp_path)
    given = {
        "--organization": create_organization(url).organization_id,
        "--email": "ada@acme.example",
        **dict([arguments]),
    }
    done = run(
        "create-token", *(part for pair in given.items() for part in pair), "--database-url", url
    )
    assert done.returncode != 0
    assert complaint in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_organizations_are_listed_with_who_can_act(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    acme, globex = create_organization(url), create_organization(url, "Globex")
    listed = json.loads(run("list-organizations", "--json", "--database-url", url).stdout)
    assert [(each["organizationId"], each["name"], each["members"]) for each in listed] == [
        (acme.organization_id, "Acme", 1),
        (globex.organization_id, "Globex", 1),
    ]
    (able,) = listed[0]["administratorsWhoCanAct"]
    assert (able["userId"], able["email"]) == (acme.user_id, "ada@acme.example")
    done = run("list-organizations", "--database-url", url)
    for each, line in zip((acme, globex), done.stdout.splitlines(), strict=True):
        assert line.startswith(each.organization_id)
        assert "  1 member  ada@acme.example until " in line


def test_operator_tokens_are_listed_with_who_made_and_revoked_them(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    create_organization(url)
    here = ("--database-url", url)
    made = json.loads(run("create-operator-token", "--name", "console", "--json", *here).stdout)
    id = made["operatorTokenId"]
    who = f"@{socket.gethostname()}"
    assert who in run("list-operator-tokens", *here).stdout
    assert run("revoke-operator-token", id, *here).returncode == 0
    assert id not in run("list-operator-tokens", *here).stdout
    (kept,) = json.loads(run("list-operator-tokens", "--all", "--json", *here).stdout)
    assert (kept["operatorTokenId"], kept["name"]) == (id, "console")
    assert kept["revokedAt"] >= kept["createdAt"]
    assert kept["createdBy"] == kept["revokedBy"]
    assert made["token"] not in json.dumps(kept)


def test_migrate_brings_a_new_database_up_to_date_and_again_does_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = run("migrate", "--database-url", sqlite_url(tmp_path))
        assert (done.returncode, done.stdout) == (0, f"the schema is at revision {HEAD}\n")


def test_migrate_check_tells_what_is_to_be_done_and_does_nothing(tmp_path: Path) -> None:
    check = ("migrate", "--check", "--database-url", sqlite_url(tmp_path))
    done = run(*check)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no database" in done.stderr
    assert list(tmp_path.iterdir()) == []
    run("migrate", "--database-url", sqlite_url(tmp_path))
    done = run(*check)
    assert (done.returncode, done.stdout) == (0, "the schema is up to date\n")


class TestPostgresql:
    def test_a_server_that_is_not_there_is_told_in_a_line(self) -> None:
        url = "postgresql://orgplane:hunter2@127.0.0.1:1/orgplane"
        done = run("migrate", "--database-url", url)
        assert done.returncode == 1
        assert "orgplane-server: the database is unavailable, try again later" in done.stderr
        assert "no connection" in done.stderr
        assert "hunter2" not in done.stderr
        assert "Traceback" not in done.stderr

    def test_servers_may_start_at_once_on_an_empty_database(
        self, postgresql_server: str, tmp_path: Path
    ) -> None:
        url = postgres.new_database(postgresql_server)
        arguments = ("--database-url", url, "--secret-key-file", str(tmp_path / "secret.key"))
        with contextlib.ExitStack() as stack, ThreadPoolExecutor() as starting:
            servers = [starting.submit(Server, *arguments) for _ in range(4)]
            for server in servers:
                stack.enter_context(server.result())
            done = run("migrate", "--check", "--database-url", url)
            assert (done.returncode, done.stdout) == (0, "the schema is up to date\n")
            acme = ("--name", "Acme", "--admin-email", "ada@acme.example")
            done = run("create-organization", *acme, "--json", "--database-url", url)
            token = json.loads(done.stdout)["token"]
            for server in servers:
                with orgplane.Client(url=server.result().url, token=token) as client:
                    assert client.users.get_authenticated_user().user.name == "ada"

    def test_migrate_check_tells_what_is_to_be_done_and_does_nothing(
        self, postgresql_server: str
    ) -> None:
        url = postgres.new_database(postgresql_server)
        check = ("migrate", "--check", "--database-url", url)
        for _ in range(2):
            done = run(*check)
            assert (done.returncode, done.stdout) == (1, "")
            needs = f"the schema is at revision none, this program needs {HEAD}"
            assert done.stderr == f"orgplane-server: {needs}\n"
        assert run("migrate", "--database-url", url).returncode == 0
        assert run(*check).returncode == 0

    def test_a_schema_newer_than_the_program_is_refused_untouched(
        self, postgresql_server: str, tmp_path: Path
    ) -> None:
        url = postgres.new_database(postgresql_server)
        run("migrate", "--database-url", url)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        key = ("--secret-key-file", str(tmp_path / "secret.key"))
        for command in (("serve", *key), ("migrate",)):
            done = run(*command, "--database-url", url)
            assert done.returncode == 1
            assert done.stderr.startswith("orgplane-server: the database is at schema revision 999")
            assert len(done.stderr.splitlines()) == 1

    def test_servers_must_share_their_secret_key(
        self, postgresql_server: str, tmp_path: Path
    ) -> None:
        url = postgres.new_database(postgresql_server)
        serve = ("serve", "--listen", "127.0.0.1:0", "--database-url", url)
        done = run(*serve)
        assert done.returncode == 1
        assert "secret_key_file: needed with PostgreSQL" in done.stderr
        (tmp_path / "other.key").write_text("0f" * 32)
        with Server("--database-url", url, "--secret-key-file", str(tmp_path / "one.key")):
            done = run(*serve, "--secret-key-file", str(tmp_path / "other.key"))
        assert done.returncode == 1
        assert "not the one that this database was sealed with" in done.stderr


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_schema_newer_than_the_program_is_refused_untouched(tmp_path: Path, command: str) -> None:
    run("migrate", "--database-url", sqlite_url(tmp_path))
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = run(command, "--database-url", sqlite_url(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("orgplane-server: the database is at schema revision 9999")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--listen", "nowhere"), "listen: expected HOST:PORT"),
        (("--listen", "192.0.2.1:0"), "cannot listen on 192.0.2.1:0"),
        (("--database-url", "mysql://localhost/db"), "mysql: databases are not supported"),
        (("--database-url", "nonsense"), "not a database URL"),
        (("--database-url", "sqlite:////nowhere/at/all.db"), "cannot"),
        (("--tls-cert", "missing.pem"), "tls_cert and tls_key: give both or neither"),
        (("--tls-cert", "missing.pem", "--tls-key", "missing.pem"), "--tls-cert: cannot read"),
        (("--client-ca", "missing.pem"), "client_ca: needs tls_cert"),
        (("--drain-grace", "-1"), "drain_grace: must be positive"),
    ],
)
def test_what_cannot_work_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    defaults = ("--listen", "127.0.0.1:0", "--database-url", sqlite_url(tmp_path))
    done = run("serve", *defaults, *arguments)
    assert done.returncode in (1, 2)
    *_, last = done.stderr.splitlines()
    assert last.startswith(f"orgplane-server: {complaint}")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_is_never_shared(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        done = run(*("serve", "--listen", server.address, "--database-url", sqlite_url(tmp_path)))
        assert done.returncode == 1
        assert done.stderr.startswith(f"orgplane-server: {server.address} is already in use: ")
        assert "--listen" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_settings_come_from_the_environment_and_a_flag_wins(tmp_path: Path) -> None:
    variables = {
        "ORGPLANE_DATABASE_URL": sqlite_url(tmp_path),
        "ORGPLANE_LOG_FORMAT": "json",
        "ORGPLANE_DRAIN_GRACE": "nonsense",
    }
    done = run("serve", **variables)
    assert done.stderr == "orgplane-server: drain_grace: cannot read 'nonsense' as float\n"
    del variables["ORGPLANE_DRAIN_GRACE"]
    with Server(**variables) as server:
        assert (tmp_path / "orgplane.db").exists()
        run_curl(server, "/healthz")  # which leaves no line
        assert server.status("/nothing") == 404
        line = json.loads(server.stderr.next() or "")
        told = (line["event"], line["method"], line["code"])
        assert told == ("call", "/nothing", "unimplemented")
    with Server("--log-format", "text", **variables) as server:
        assert server.status("/nothing") == 404
        assert "method=/nothing" in (server.stderr.next() or "")


def test_a_file_of_settings_is_one_for_every_command(tmp_path: Path) -> None:
    file = tmp_path / "orgplane.toml"
    file.write_text(f'database-url = "{sqlite_url(tmp_path)}"\n')
    assert run("migrate", "--config", str(file)).returncode == 0
    assert (tmp_path / "orgplane.db").exists()
    done = run("serve", "--print-config", ORGPLANE_CONFIG=str(file), ORGPLANE_LOGFORMAT="json")
    assert f'database-url = "{sqlite_url(tmp_path)}"  # {file}' in done.stdout.splitlines()
    assert done.stderr == (
        "orgplane-server: ORGPLANE_LOGFORMAT: there is no such setting; was ORGPLANE_LOG_FORMAT meant?\n"
    )


def run_curl(server: Server, path: str) -> None:
    subprocess.run(["curl", "-sSf", server.url + path], check=True, capture_output=True)


def test_help_names_each_flag_with_its_variable() -> None:
    done = run("serve", "--help")
    text = " ".join(done.stdout.split())
    for flag in (
        "listen",
        "workers",
        "database-url",
        "secret-key-file",
        "tls-cert",
        "log-format",
        "demo",
    ):
        assert f"--{flag}" in text
        assert f"ORGPLANE_{flag.upper().replace('-', '_')}" in text.replace(" ", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_status_0_and_frees_the_port(
    tmp_path: Path, number: signal.Signals
) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        server.signal(number)
        assert server.process.wait(60) == 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", server.port))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("at-rest")


@pytest.fixture(scope="module")
def at_rest(folder: Path) -> Iterator[Server]:
    """A server that is looked at from outside; its database is in the folder."""
    with Server(ORGPLANE_DATABASE_URL=sqlite_url(folder)) as server:
        yield server


def test_files_of_the_server_are_for_its_user_only(at_rest: Server, folder: Path) -> None:
    for name in ("orgplane.db", "orgplane.db.key"):
        mode = stat.S_IMODE((folder / name).stat().st_mode)
        assert mode == 0o600, (name, oct(mode))


def test_secrets_travel_in_no_command_line(at_rest: Server, folder: Path) -> None:
    lines = subprocess.run(
        ["ps", "-o", "args=", "-g", str(at_rest.process.pid)], capture_output=True, text=True
    ).stdout
    assert "envoy" in lines
    assert str(folder) not in lines


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_process_that_supervises_holds_no_database(at_rest: Server) -> None:
    first = at_rest.process.pid
    (serving,) = children(first)
    heavy = ("sqlalchemy", "sqlite3", "cryptography")
    maps = {pid: Path(f"/proc/{pid}/maps").read_text() for pid in (first, serving)}
    assert [name for name in heavy if name in maps[first]] == []
    assert [name for name in heavy if name in maps[serving]] == [*heavy]


def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orgplane.db.key").write_text("not a key")
    done = run("serve", "--listen", "127.0.0.1:0", "--database-url", sqlite_url(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("orgplane-server: cannot read the secret key file")
