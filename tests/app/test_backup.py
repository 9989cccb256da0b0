"""What a backup may replace, and what is one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from clock import SettableClock
from databases import new_sqlite
from orgplane_server.app.backup import BackupError, back_up, restore
from orgplane_server.settings import Settings
from orgplane_server.store.backup import CopyError
from orgplane_server.store.engine.database import Database
from processes import sqlite_url


def test_a_backup_takes_the_place_of_backups_alone(tmp_path: Path, clock: SettableClock) -> None:
    settings = Settings(database_url=new_sqlite(tmp_path))
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    (key := Path(f"{database}.key")).write_text("ab" * 32)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "link").symlink_to(database)
    (elsewhere / "hard").hardlink_to(key)
    (elsewhere / "folder").mkdir()
    os.mkfifo(elsewhere / "pipe")
    with contextlib.closing(Database.open(settings.database_url)):
        own = [*database.parent.glob(f"{database.name}*"), Path(f"{database}-journal")]
        assert len(own) == 6
        for target, complaint in (
            *((each, "is a file of the database") for each in own),
            (elsewhere / "link", "is a file of the database"),
            (elsewhere / "hard", "is a file of the database"),
            (elsewhere / "folder", "exists and is no file"),
            (elsewhere / "pipe", "exists and is no file"),
        ):
            with pytest.raises(BackupError, match=f"^{target} {complaint}"):
                back_up(settings, target, with_key=False, force=True)
        back_up(settings, elsewhere / "backup", with_key=False, force=True)
        back_up(settings, elsewhere / "backup", with_key=False, force=True)
    assert key.read_text() == "ab" * 32
    for there, file in (
        (elsewhere / "folder", elsewhere / "backup"),
        (elsewhere / "new", elsewhere / "folder"),
        (elsewhere / "new", elsewhere / "pipe"),
    ):
        with pytest.raises(BackupError, match="is no file"):
            restore(
                Settings(database_url=f"sqlite:///{there}"),
                file,
                clock,
                with_key=False,
                force=True,
            )


_OURS = (
    "CREATE TABLE organization (id); CREATE TABLE alembic_version (version_num);"
    "INSERT INTO alembic_version VALUES ('0013')"
)


@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('0005')",
        "CREATE TABLE organization (id)",
        f"{_OURS}; DELETE FROM alembic_version",
        f"{_OURS}; UPDATE alembic_version SET version_num = 'ae1027a6acf3'",
        f"{_OURS}; UPDATE alembic_version SET version_num = NULL",
        f"{_OURS}; INSERT INTO alembic_version VALUES ('0001')",
        f"{_OURS}; CREATE TABLE secret_key (fingerprint); INSERT INTO secret_key VALUES (5)",
    ],
)
def test_another_programs_database_is_no_backup(
    tmp_path: Path, clock: SettableClock, foreign: str
) -> None:
    file, target = tmp_path / "backup", tmp_path / "target"
    target.mkdir()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(foreign)
    with pytest.raises(CopyError, match=f"^{file} is no database of orgplane-server$"):
        restore(Settings(database_url=sqlite_url(target)), file, clock, with_key=False, force=False)
    assert list(target.iterdir()) == []


def test_what_needs_a_row_that_is_missing_is_not_restored(
    tmp_path: Path, clock: SettableClock
) -> None:
    """A server that starts takes it for granted: it does not read the whole file each time."""
    file, target = tmp_path / "backup", tmp_path / "target"
    target.mkdir()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            f"{_OURS}; CREATE UNIQUE INDEX one ON organization (id);"
            "CREATE TABLE member (o REFERENCES organization (id)); INSERT INTO member VALUES (1)"
        )
    with pytest.raises(CopyError, match=f"^{file} is damaged: row 1 of member needs one of org"):
        restore(Settings(database_url=sqlite_url(target)), file, clock, with_key=False, force=False)
    assert list(target.iterdir()) == []
