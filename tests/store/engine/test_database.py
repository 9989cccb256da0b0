"""How queries and changes run: whole or not at all, and with a clear answer when the disk will not."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.errors import Unavailable
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.organization import Organization
from orgplane_server.store.engine import sqlite
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import DatabaseURLError, is_sqlite
from orgplane_server.store.engine.statement import together
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import exists_any, organizations
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded


def organization(clock: SettableClock, name: str = "Acme") -> Organization:
    return Organization(OrganizationId(new_id()), name, (), clock.now, clock.now)


async def test_what_a_change_wrote_is_read_as_it_was(
    database: Database, clock: SettableClock
) -> None:
    new = Organization(OrganizationId(new_id()), "Ünïcode 🦄", ("a.b", "c.d"), clock.now, clock.now)
    await database.write(lambda unit: unit.run(organizations.inserting(new)))
    assert await database.read(lambda c: organizations.find(c, new.id, new.id)) == new


async def test_a_change_that_raises_leaves_nothing(
    database: Database, clock: SettableClock
) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.run(organizations.inserting(organization(clock)))
        raise KeyError("no")

    with pytest.raises(KeyError):
        await database.write(change)
    assert not await database.read(exists_any)


async def test_changes_run_one_after_the_other(database: Database, acme: Founded) -> None:
    id = acme.organization.id

    def append(unit: UnitOfWork) -> None:
        found = organizations.lock(unit.connection, id, id)
        assert found is not None
        changed = Organization(
            id, found.name + "x", found.invite_domains, found.created_at, found.updated_at
        )
        organizations.update(unit.connection, id, found, changed)

    await asyncio.gather(*(database.write(append) for _ in range(50)))
    found = await database.read(lambda c: organizations.find(c, id, id))
    assert found is not None
    assert found.name == "Acme" + "x" * 50


async def test_a_change_cancelled_before_its_turn_never_runs(
    database: Database, clock: SettableClock
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def block(unit: UnitOfWork) -> None:
        started.set()
        go_on.wait(60)

    busy = [asyncio.ensure_future(database.write(block)) for _ in range(2)]
    assert await asyncio.to_thread(started.wait, 60)
    last = asyncio.ensure_future(
        database.write(lambda unit: unit.run(organizations.inserting(organization(clock))))
    )
    await asyncio.sleep(0)
    last.cancel()
    with pytest.raises(asyncio.CancelledError):
        await last
    go_on.set()
    await asyncio.gather(*busy)
    assert not await database.read(exists_any)


async def test_closing_finishes_what_waits_and_twice_is_fine(
    tmp_path: Path, clock: SettableClock
) -> None:
    url = f"sqlite:///{tmp_path}/orgplane.db"
    database = Database.open(url)
    new = organization(clock)
    database.write_later(lambda unit: unit.run(organizations.inserting(new)))
    await database.aclose()
    await database.aclose()
    database = Database.open(url)
    assert await database.read(exists_any)
    await database.aclose()


async def test_a_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/orgplane.db")

    def pragmas(unit: UnitOfWork) -> tuple[object, ...]:
        read = unit.connection.exec_driver_sql
        return tuple(read(f"PRAGMA {name}").scalar() for name in ("synchronous", "foreign_keys"))

    assert await database.write(pragmas) == (2, 1)  # FULL, on
    await database.aclose()


async def test_readers_cannot_write(
    database: Database, database_url: str, clock: SettableClock
) -> None:
    if database_url == "sqlite://":
        pytest.skip("in memory, the writer's connection is the only one")
    with pytest.raises(Unavailable):
        await database.read(lambda c: together(c, organizations.inserting(organization(clock))))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://h/db",
        "oracle://u:hunter2@h/db",
        "nonsense",
        "",
        # These look like a file; taken as far as they can be, they are a database in memory or another file.
        "sqlite:///",
        "sqlite://orgplane.db",
        "sqlite://var/lib/orgplane.db",
        "sqlite://u:hunter2@/orgplane.db",
        "sqlite:///orgplane.db?mode=ro",
    ],
)
def test_a_url_that_is_none_of_ours_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseURLError) as caught:
        Database.open(url)
    assert "hunter2" not in str(caught.value)


class TestTrouble:
    async def test_a_full_disk_is_unavailable_and_logged_and_heals(
        self, tmp_path: Path, clock: SettableClock, capfd: pytest.CaptureFixture[str]
    ) -> None:
        database = Database.open(f"sqlite:///{tmp_path}/orgplane.db")
        big = organization(clock, "x" * 3_000_000)
        with limited_file_size(1_000_000):
            with pytest.raises(Unavailable, match="try again later"):
                await database.write(lambda unit: unit.run(organizations.inserting(big)))
            log = capfd.readouterr().err
            assert "database unavailable" in log
            assert "disk full" in log or "input/output error" in log
            assert "xxx" not in log
            assert not await database.read(exists_any)
        await database.write(lambda unit: unit.run(organizations.inserting(big)))
        assert await database.read(exists_any)
        await database.aclose()

    async def test_a_file_that_became_read_only_is_unavailable(
        self, tmp_path: Path, clock: SettableClock, capfd: pytest.CaptureFixture[str]
    ) -> None:
        database = Database.open(f"sqlite:///{tmp_path}/orgplane.db")

        def turn_read_only(unit: UnitOfWork) -> None:
            unit.connection.exec_driver_sql("PRAGMA query_only=1")

        await database.write(turn_read_only)
        with pytest.raises(Unavailable):
            await database.write(
                lambda unit: unit.run(organizations.inserting(organization(clock)))
            )
        assert "read-only" in capfd.readouterr().err
        await database.aclose()

    async def test_a_file_that_is_no_database_is_unavailable(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "orgplane.db").write_text("certainly not a database, but long enough" * 100)
        with pytest.raises(Unavailable):
            Database.open(f"sqlite:///{tmp_path}/orgplane.db")
        assert "not a database" in capfd.readouterr().err

    async def test_a_bug_in_a_query_is_not_called_unavailable(self, database: Database) -> None:
        with pytest.raises(sa.exc.DBAPIError, match="nowhere"):
            await database.read(lambda c: c.execute(sa.text("SELECT * FROM nowhere")))

    async def test_a_role_without_the_rights_is_unavailable(
        self, database: Database, database_url: str
    ) -> None:
        if is_sqlite(database_url):
            pytest.skip("SQLite has no roles")

        def without_rights(connection: sa.Connection) -> None:
            connection.execute(sa.text("SET LOCAL ROLE pg_monitor"))
            connection.execute(sa.text("SELECT * FROM organization"))

        with pytest.raises(Unavailable):
            await database.read(without_rights)

    async def test_another_process_that_keeps_the_file_delays_but_does_not_break(
        self, tmp_path: Path, clock: SettableClock
    ) -> None:
        database = Database.open(f"sqlite:///{tmp_path}/orgplane.db")
        script = f"""
            import fcntl, sys
            lock = open({str(tmp_path / "orgplane.db.lock")!r}, "r+")
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("held", flush=True)
            sys.stdin.readline()
        """
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdin is not None
            assert other.stdout.readline() == "held\n"
            change = asyncio.ensure_future(
                database.write(lambda unit: unit.run(organizations.inserting(organization(clock))))
            )
            assert not await database.read(exists_any)  # readers never wait
            assert not change.done()
            other.stdin.write("\n")
            other.stdin.flush()
            await change
        assert await database.read(exists_any)
        await database.aclose()


@contextlib.contextmanager
def limited_file_size(size: int) -> Iterator[None]:
    """Writing beyond `size` fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 6), False),
        ((3, 46, 1), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_an_sqlite_with_the_wal_reset_bug_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    version: tuple[int, int, int],
    affected: bool,
) -> None:
    monkeypatch.setattr(sqlite.driver, "sqlite_version_info", version)
    sqlite.Sqlite(None).warn_of_known_bugs()
    assert ("WAL-reset" in capfd.readouterr().err) is affected


def test_sqlite_itself_reads_what_we_wrote(tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path}/orgplane.db").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
