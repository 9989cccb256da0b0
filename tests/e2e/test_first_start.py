"""What a server and the operator's commands make of a database or a key that has gone."""

from __future__ import annotations

import secrets
from pathlib import Path

import postgres
import pytest
from processes import Server, create_organization, run, sqlite_url

COMMANDS = {
    "serve": ("serve", "--listen", "127.0.0.1:0"),
    "migrate": ("migrate",),
    "migrate --check": ("migrate", "--check"),
    "create-organization": (
        *("create-organization", "--name", "Acme"),
        *("--admin-email", "ada@acme.example"),
    ),
    "list-organizations": ("list-organizations",),
    "create-token": (
        *("create-token", "--organization", "01a20ae0-6827-714a-bd25-505e98921e7c"),
        *("--email", "ada@acme.example"),
    ),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that has run, with an organization."""
    folder = tmp_path_factory.mktemp("served")
    with Server("--database-url", sqlite_url(folder)) as server:
        create_organization(sqlite_url(folder))
        assert server.stop() == 0
    return folder


@pytest.fixture
def folder(served: Path, tmp_path: Path) -> Path:
    """Another one with the same in it."""
    for file in served.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_database_is_not_made_anew(folder: Path, command: str) -> None:
    database, lock, key = (folder / f"orgplane.db{suffix}" for suffix in ("", ".lock", ".key"))
    database.unlink()
    before = files(folder)
    done = run(*COMMANDS[command], "--database-url", sqlite_url(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"orgplane-server: the database {database} is missing, but {lock} and {key} of an earlier one"
    )
    assert "restore a backup" in done.stderr
    assert files(folder) == before


def test_the_doctor_says_so_too_and_makes_none(folder: Path) -> None:
    (folder / "orgplane.db").unlink()
    before = files(folder)
    done = run("doctor", "--database-url", sqlite_url(folder))
    assert done.returncode == 1
    assert f"fail  database: the database {folder}/orgplane.db is missing, but " in done.stdout
    assert files(folder) == before


def test_each_thing_that_is_left_is_enough_until_all_is_moved_away(folder: Path) -> None:
    url = sqlite_url(folder)
    (folder / "orgplane.db").unlink()
    (folder / "orgplane.db.lock").unlink()
    assert (
        "orgplane.db.key of an earlier one is there" in run("migrate", "--database-url", url).stderr
    )
    (folder / "orgplane.db").touch()
    assert "orgplane.db is empty" in run("migrate", "--database-url", url).stderr
    (folder / "orgplane.db").unlink()
    (folder / "orgplane.db.key").rename(folder / "away")
    assert run("migrate", "--database-url", url).returncode == 0
    (folder / "away").rename(folder / "orgplane.db.key")
    done = run("serve", "--listen", "127.0.0.1:0", "--database-url", url)
    assert done.returncode == 1
    assert "was made for another database than this one, which is new" in done.stderr


def test_a_missing_key_is_not_made_anew(folder: Path) -> None:
    key = folder / "orgplane.db.key"
    content = key.read_text()
    key.unlink()
    serve = ("serve", "--listen", "127.0.0.1:0", "--database-url", sqlite_url(folder))
    done = run(*serve)
    assert done.returncode == 1
    assert done.stderr.startswith(f"orgplane-server: the secret key file {key} is missing")
    assert not key.exists()
    one, other = content.splitlines(), secrets.token_hex(32)
    key.write_text(f"{other}\n{one[1]}\n")
    assert "the fingerprint in it is that of another database" in run(*serve).stderr
    key.write_text(f"{other}\n")
    assert "not the one that this database was sealed with" in run(*serve).stderr


def test_a_key_that_is_given_is_for_a_first_start(tmp_path: Path) -> None:
    key = tmp_path / "given.key"
    key.write_text(secrets.token_hex(32))
    with Server("--database-url", sqlite_url(tmp_path), "--secret-key-file", str(key)):
        assert not (tmp_path / "orgplane.db.key").exists()


def test_an_empty_postgresql_is_not_the_database_that_a_key_was_made_for(
    postgresql_server: str, served: Path
) -> None:
    key = ("--secret-key-file", str(served / "orgplane.db.key"))
    url = postgres.new_database(postgresql_server)
    done = run("serve", "--listen", "127.0.0.1:0", "--database-url", url, *key)
    assert done.returncode == 1
    assert "was made for another database than this one, which is new" in done.stderr
