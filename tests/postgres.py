"""A PostgreSQL server for the tests: one they are given, or one of their own made from the machine's binaries."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from processes import children

#: Names a server that tests may create databases on: postgresql://user:password@host/postgres
GIVEN = "ORGPLANE_TEST_POSTGRES_URL"
#: Set where a missing server is a failure, not a reason to skip.
REQUIRED = "ORGPLANE_TEST_POSTGRES_REQUIRED"
HOW_TO_GET_ONE = (
    "no PostgreSQL: install its server (Debian, Ubuntu: apt-get install postgresql), "
    f"or name one that tests may create databases on: {GIVEN}=postgresql://..."
)
_numbers = itertools.count(1)


def binaries() -> Path | None:
    """The folder with the newest initdb and postgres of this machine."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if found:
        return found[-1].parent
    plain = shutil.which("initdb")
    return Path(plain).resolve().parent if plain else None


class Cluster:
    """A server of our own, on a private socket, run by an unprivileged user (it refuses root)."""

    def __init__(self, folder: Path) -> None:
        found = binaries()
        assert found is not None
        self._binaries = found
        self._user = _unprivileged()
        self.folder = folder
        if self._user is not None:
            shutil.chown(folder, self._user)
        self._run("initdb", "--auth=trust", "--username=orgplane", "--no-sync", "-E", "UTF8")

    @property
    def url(self) -> str:
        return f"postgresql://orgplane@/postgres?host={self.folder}"

    def start(self, *, durable: bool = False) -> None:
        """Unless durable, a commit is kept through a crash of the server, not through one of the machine."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        if durable:
            settings |= {"shared_buffers": "256MB", "max_wal_size": "4GB"}
        else:
            settings |= {"fsync": "off", "full_page_writes": "off"}
            # Small tables are never analyzed in the middle of a run, so their plans are the same in each.
            for work in ("vacuum", "vacuum_insert", "analyze"):
                settings[f"autovacuum_{work}_threshold"] = "10000"
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "-l", log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """`fast` cuts every session, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", "-m", mode)

    def kill(self) -> None:
        """SIGKILL to the server and all its processes; they are gone when this returns."""
        lock = self.folder / "data" / "postmaster.pid"
        pid = int(lock.read_text().split()[0])
        family = (pid, *children(pid))
        for each in family:
            with contextlib.suppress(ProcessLookupError):  # a session that has just ended
                os.kill(each, signal.SIGKILL)
        for each in family:
            while _lives(each):
                time.sleep(0.01)
        # The next server would take them for those of a running one as long as nobody reaps the dead.
        lock.unlink()
        for socket_lock in self.folder.glob(".s.PGSQL.*.lock"):
            socket_lock.unlink()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._binaries / program), "-D", str(self.folder / "data"), *arguments],
            user=self._user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def _unprivileged() -> str | None:
    """Whom to become; None when we are nobody special already."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def new_cluster() -> Cluster:
    """Not started. Skips the test where there is no PostgreSQL; the caller removes its folder."""
    if binaries() is None:
        if os.environ.get(REQUIRED):
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)
    # Not below pytest's folder, which only its owner enters; and a socket's path must be short.
    return Cluster(Path(tempfile.mkdtemp(prefix="orgplane-pg-")))


def new_database(url: str) -> str:
    """The URL of a new, empty database on the server whose database `url` is."""
    name = f"orgplane_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    before, _, after = url.partition("?")
    query = f"?{after}" if after else ""
    return f"{before.rpartition('/')[0]}/{name}{query}"
