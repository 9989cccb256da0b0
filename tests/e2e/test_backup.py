"""A backup is made beside a running server and restored where none runs; tokens and secrets work then."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import orgplane
import pytest
from processes import Server, create_organization, run, sqlite_url
from provider import curl, new_configuration, user


def test_what_was_backed_up_is_served_elsewhere_with_the_tokens_it_had(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    url, elsewhere, file = sqlite_url(here), sqlite_url(there), tmp_path / "backup"
    back_up = ("backup", str(file), "--database-url", url)
    restore = ("restore", str(file), "--database-url")
    organization = create_organization(url)
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        _, token = new_configuration(client, organization)
        assert curl(server.url, token, "/Users", user("eve"))[0] == 201
        done = run(*back_up, "--with-key")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{file}: the database, sound, schema revision ")
        for made in (file, Path(f"{file}.key")):
            assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert curl(server.url, token, "/Users", user("late"))[0] == 201
        before = file.read_bytes()
        done = run(*back_up)
        assert done.stderr == f"orgplane-server: {file} exists already; --force replaces it\n"
        assert file.read_bytes() == before
        done = run("backup", f"{here}/orgplane.db", "--force", "--database-url", url)
        assert done.returncode == 1
        assert "is a file of the database" in done.stderr
        assert server.status("/readyz") == 200
        done = run(*restore, url, "--force")
        assert done.returncode == 1
        assert "a server or another program has the database" in done.stderr
        (here / "orgplane.db").unlink()
        done = run(*restore, url)
        assert done.returncode == 1
        assert "a server or another program has the database" in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "backup",
        "backup.key",
        "here",
        "there",
    ]

    done = run(*restore, elsewhere)
    assert done.returncode == 0
    assert f"{there}/orgplane.db.key is not there, or not this database's key" in done.stderr
    done = run(*restore, elsewhere, "--with-key")
    assert "exists already; --force sets it aside" in done.stderr
    done = run(*restore, elsewhere, "--with-key", "--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(there.glob("orgplane.db.before-restore-*"))) == 1
    with (
        Server("--database-url", elsewhere) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        assert client.users.get_authenticated_user().user.id == organization.user_id
        status, found = curl(server.url, token, "/Users")
        assert [each["userName"] for each in found["Resources"]] == [user("eve")["userName"]]
        assert status == 200


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = sqlite_url(tmp_path_factory.mktemp("data"))
    create_organization(url)
    return url


def test_a_backup_that_is_damaged_is_not_restored_and_leaves_nothing(
    url: str, tmp_path: Path
) -> None:
    file, target = tmp_path / "backup", tmp_path / "target"
    target.mkdir()
    done = run("backup", str(file), "--database-url", url)
    assert done.returncode == 0
    assert "the secret key is not in it" in done.stderr
    size = file.stat().st_size
    with file.open("rb+") as opened:
        opened.seek(4096 * 3)
        opened.write(os.urandom(4096 * 20))
    damaged = file.read_bytes()
    for content in (damaged, b"no database" * 100, b"", file.read_bytes()[: size // 2]):
        file.write_bytes(content)
        done = run("restore", str(file), "--database-url", sqlite_url(target))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("orgplane-server: ")
        assert len(done.stderr.splitlines()) == 1
        assert list(target.iterdir()) == []


def test_what_cannot_be_backed_up_or_restored_is_told_in_a_line(url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "backup")
    for arguments, complaint in (
        (("backup", file, "--with-key", "--database-url", url), "secret key file"),
        (("backup", f"{file}/in", "--database-url", url), "cannot write into"),
        (("backup", file, "--database-url", f"{url}2"), "does not exist; say --database-url"),
        (("backup", "/proc/backup", "--database-url", url), "cannot write into /proc"),
        (("backup", file, "--database-url", "sqlite://"), "in memory"),
        (("backup", file, "--database-url", "postgresql://h/n"), "pg_dump --format=custom"),
        (("restore", file, "--database-url", "postgresql://h/n"), "pg_restore --dbname"),
        (("restore", file, "--database-url", f"{url}2"), f"the backup {file} does not exist"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert complaint in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert list(tmp_path.iterdir()) == []
