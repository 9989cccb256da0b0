"""What `orgplane-server doctor` says of a server's surroundings."""

from __future__ import annotations

import json
import secrets
import socket
from pathlib import Path
from typing import Any

import postgres
import psycopg
import pytest
from certificates import make
from mail_server import mail_server
from orgplane_server.store.engine.migrate import HEAD
from processes import Server, create_organization, run, sqlite_url


def examined(status: int, **variables: str) -> dict[str, list[dict[str, Any]]]:
    """What it tells of each thing that it looks at."""
    done = run("doctor", "--json", **variables)
    assert done.returncode == status, done.stdout + done.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.stdout)["checks"]:
        assert each["status"] != "ok" or not each["remedy"]
        found.setdefault(each["check"], []).append(each)
    return found


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_all_that_is_well_is_told(tmp_path: Path) -> None:
    create_organization(sqlite_url(tmp_path))
    key = tmp_path / "orgplane.db.key"
    ca = make(tmp_path, "ca", authority=True)
    leaf = make(tmp_path, "server", ca, hosts=("id.example.com",))
    chain = tmp_path / "chain.pem"
    chain.write_text(leaf.pem.read_text() + ca.pem.read_text())
    with mail_server() as mail, socket.create_server(("127.0.0.1", 0)) as proxy:
        found = examined(
            0,
            ORGPLANE_DATABASE_URL=sqlite_url(tmp_path),
            ORGPLANE_TLS_CERT=str(chain),
            ORGPLANE_TLS_KEY=str(leaf.key),
            SSL_CERT_FILE=str(ca.pem),
            ORGPLANE_CLIENT_CA=str(ca.pem),
            ORGPLANE_SMTP_URL=mail.url(),
            ORGPLANE_MAIL_FROM="id@example.com",
            ORGPLANE_OUTBOUND_PROXY=f"http://127.0.0.1:{proxy.getsockname()[1]}",
            ORGPLANE_PUBLIC_URL="https://id.example.com",
        )
        assert mail.received == []
    del found["open files"], found["dns"]  # are the machine's
    assert {each["status"] for some in found.values() for each in some} == {"ok"}
    assert found["schema"][0]["detail"] == f"at revision {HEAD}"
    assert found["tls"][0]["detail"] == "CN=server, until 2120-01-01"
    assert {"database", "secret key", "mail", "outbound proxy", "public url"} <= set(found)
    assert not key.exists()


def test_all_that_is_wrong_is_told_at_once_and_no_secret(tmp_path: Path, closed_port: int) -> None:
    create_organization(sqlite_url(tmp_path))
    (tmp_path / "other.key").write_text(secrets.token_hex(32))
    leaf = make(tmp_path, "server", years=(2020, 2021), authority=True)
    found = examined(
        1,
        ORGPLANE_DATABASE_URL=f"sqlite:///{tmp_path}/gone.db",
        ORGPLANE_TLS_CERT=str(leaf.pem),
        ORGPLANE_TLS_KEY=str(make(tmp_path, "another").key),
        ORGPLANE_SMTP_URL=f"smtp://127.0.0.1:{closed_port}",
        ORGPLANE_MAIL_FROM="id@example.com",
        ORGPLANE_OUTBOUND_PROXY=f"http://ada:hush@127.0.0.1:{closed_port}",
        ORGPLANE_DNS_RESOLVERS=f"127.0.0.1:{closed_port}",
        ORGPLANE_TRUSTED_PROXIES="10.0.0.0/8",
        ORGPLANE_PUBLC_URL="https://id.example.com",
    )
    assert "hush" not in json.dumps(found)
    for check in ("database", "tls", "mail", "outbound proxy", "dns"):
        assert found[check][0]["status"] == "fail", check
    for check in ("settings", "public url"):
        assert found[check][0]["status"] == "warn", check
    assert [each["status"] for each in found["tls"]] == ["fail", "fail", "warn"]


@pytest.mark.parametrize(
    ("hosts", "years", "trusted", "told"),
    [
        (("*.example.com",), (2020, 2120), True, []),
        (("id.example.com",), (2020, 2120), False, ["unable to get local issuer certificate"]),
        (("localhost",), (2020, 2120), True, ["not valid for 'id.example.com'"]),
        (("localhost",), (2020, 2120), False, ["local issuer", "not valid for"]),
        (("localhost",), (2020, 2021), False, ["ended 2021-01-01"]),
    ],
)
def test_what_clients_would_have_against_the_certificate_is_told(
    tmp_path: Path, hosts: tuple[str, ...], years: tuple[int, int], trusted: bool, told: list[str]
) -> None:
    ca = make(tmp_path, "ca", authority=True)
    leaf = make(tmp_path, "server", ca, hosts=hosts, years=years)
    ended = years == (2020, 2021)
    found = examined(
        int(ended),
        ORGPLANE_DATABASE_URL="sqlite://",
        ORGPLANE_PUBLIC_URL="https://id.example.com",
        ORGPLANE_TLS_CERT=str(leaf.pem),
        ORGPLANE_TLS_KEY=str(leaf.key),
        SSL_CERT_FILE=str((ca if trusted else make(tmp_path, "another", authority=True)).pem),
    )["tls"]
    status = "fail" if ended else "warn" if told else "ok"
    assert {each["status"] for each in found} == {status}
    for each, words in zip(found, told or [""], strict=True):
        assert words in each["detail"]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ORGPLANE_PUBLIC_URL": "http://id.example.com"}, "anybody on the way can read tokens"),
        (
            {"ORGPLANE_PUBLIC_URL": "https://id.example.com"},
            "a proxy seems to be before the server",
        ),
        ({"ORGPLANE_LISTEN": "0.0.0.0:8080"}, "it is not set"),
    ],
)
def test_public_url_and_proxies_go_together(variables: dict[str, str], told: str) -> None:
    (found,) = examined(0, ORGPLANE_DATABASE_URL="sqlite://", **variables)["public url"]
    assert found["status"] == "warn"
    assert told in found["detail"]


def test_settings_that_cannot_be_are_all_that_is_told() -> None:
    done = run("doctor", ORGPLANE_WORKERS="0")
    assert (done.returncode, done.stderr) == (1, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith("fail  settings: workers: must be positive; ")


def test_another_databases_key_and_one_that_others_read_are_told(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    create_organization(url)
    served = tmp_path / "orgplane.db.key"
    with Server("--database-url", url):
        assert examined(0, ORGPLANE_DATABASE_URL=url)["secret key"][0]["status"] == "ok"
    served.chmod(0o640)
    assert examined(0, ORGPLANE_DATABASE_URL=url)["secret key"][0]["status"] == "ok"
    served.chmod(0o644)
    assert examined(0, ORGPLANE_DATABASE_URL=url)["secret key"][0]["status"] == "warn"
    served.write_text(secrets.token_hex(32))
    assert examined(1, ORGPLANE_DATABASE_URL=url)["secret key"][0]["status"] == "fail"
    served.unlink()
    assert examined(1, ORGPLANE_DATABASE_URL=url)["secret key"][0]["status"] == "fail"


def test_what_a_role_of_postgresql_lacks_is_told(postgresql_server: str, tmp_path: Path) -> None:
    url = postgres.new_database(postgresql_server)
    variables = {
        "ORGPLANE_DATABASE_URL": url,
        "ORGPLANE_SECRET_KEY_FILE": str(tmp_path / "key"),
    }
    (schema,) = examined(0, **variables)["schema"]
    assert (schema["status"], schema["detail"]) == (
        "warn",
        f"at revision none, this program needs {HEAD}",
    )
    assert run("migrate", **variables).returncode == 0
    found = examined(0, **variables)
    assert found["database"][0]["detail"].startswith("PostgreSQL ")
    assert found["clock"][0]["status"] == found["database connections"][0]["status"] == "ok"
    assert "database rights" not in found
    role = f"clerk_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role}")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    lesser = f"{url}{'&' if '?' in url else '?'}options=-c%20role={role}"
    found = examined(1, **variables | {"ORGPLANE_DATABASE_URL": lesser})
    creating, writing = (each["detail"] for each in found["database rights"])
    assert "may not create tables" in creating
    assert "may not read and write account" in writing
