"""Who is measured: Orgplane, its peers and the floor, each with a database of its own and the same rows.

Each changes its own copy alone, so what one creates makes nobody else slower.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import postgres
import psycopg
from build import BENCH, GO_PEER, PYTHON, PYTHON_PEERS
from load import Organization, Target
from seed import GROUPS, Seeded, key_in, seed
from servers import Server, serving

ORGPLANE = "Orgplane, SQLite"
ORGPLANE_POSTGRESQL = "Orgplane, PostgreSQL"
GO = "Go, SQLite"
GO_POSTGRESQL = "Go, PostgreSQL"
GRPCIO = "grpcio, PostgreSQL"
FASTAPI = "FastAPI, PostgreSQL"
SCIM2_SERVER = "scim2-server"
#: The same once more, for all but creations: each user there is makes its pages slower.
SCIM2_KEPT_SMALL = "scim2-server, kept small"
FLOOR = "floor"
LISTENER = "listener alone"

CONFIGURATIONS = 10_000
USERS = 12_000
#: scim2-server has fewer: for a page it sorts them all.
SCIM2_USERS = 1_000
_EVENTS = 10_000
#: Callers draw from so many rows, spread over all.
_DRAWN = 10_000
#: Callers of one organization's at most, each of whom has a row.
_CALLERS = 256


def sized(rows: int) -> str:
    """Orgplane on SQLite, in a database with so many configurations and users."""
    return f"{ORGPLANE}, {rows:,} rows"


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server that keeps its promises (fsync on), with a seeded database to copy."""

    url: str
    pid: int

    def database(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.database(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def empty(self, name: str) -> str:
        """A new one; its URL."""
        self.execute(f"CREATE DATABASE {name}")
        return self.database(name)

    def copy(self, name: str) -> str:
        self.execute(f"CREATE DATABASE {name} TEMPLATE seeded")
        if name != "orgplane":  # what ours does for followers of what is kept, nobody else needs
            for table in ("audit_event", "scim_request"):
                self.execute(
                    f"ALTER TABLE {table} ALTER COLUMN sequence"
                    f" SET DEFAULT nextval('{table}_sequence_seq')",
                    name,
                )
        self.execute("VACUUM ANALYZE", name)
        return self.database(name)


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """None where there is no PostgreSQL."""
    if postgres.binaries() is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="orgplane-bench-pg-"))
    try:
        server = postgres.Cluster(folder)
        server.start(durable=True)
        try:
            pid = int((folder / "data/postmaster.pid").read_text().split()[0])
            yield Cluster(server.url, pid)
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def seeded(
    url: str,
    folder: Path,
    configurations: int,
    users: int,
    events: int,
    groups: tuple[int, ...] = GROUPS,
) -> Organization:
    """An organization with so much, and files of what callers ask for."""
    key = key_in(folder / "key")
    made = asyncio.run(seed(url, key, configurations, users, events, groups))
    files = Path(tempfile.mkdtemp(dir=folder))
    named = [f"{id} {Seeded.user_name(number)}" for number, id in enumerate(made.user_ids)]
    drawn = {
        "configurations": made.scim_configuration_ids,
        "users": named,
        "strangers": named[max(groups) :],
    }
    for name, lines in drawn.items():
        lines = random.Random(name).sample(lines, min(_DRAWN, len(lines)))
        (files / name).write_text("\n".join(lines))
    (files / "everybody").write_text("\n".join(made.user_ids))
    (files / "organization").write_text("\n".join([made.organization_id] * _CALLERS))
    rows = {name: files / name for name in (*drawn, "everybody", "organization")}
    return Organization(made.token, made.scim_token, rows, made.group_ids)


@contextmanager
def orgplane(
    url: str,
    folder: Path,
    name: str = "orgplane",
    python: str = sys.executable,
    **environment: str,
) -> Iterator[Server]:
    command = [
        *(python, "-m", "orgplane_server", "serve", "--listen", "127.0.0.1:0"),
        *("--log-format", "json", "--secret-key-file", str(folder / "key")),
    ]
    environment["ORGPLANE_DATABASE_URL"] = url
    with serving(command, folder / f"{name}.log", **environment) as server:
        yield server


@contextmanager
def all_subjects(folder: Path, cluster: Cluster | None) -> Iterator[Mapping[str, Target]]:
    """Every one that this machine can run, running."""
    with ExitStack() as stack:
        running = _Running(folder, stack)
        targets = {**running.on_sqlite(), **running.in_memory()}
        if cluster is not None:
            targets |= running.on_postgresql(cluster)
        yield targets


class _Running:
    """Starts servers that run as long as the stack is open; their logs go to a folder."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack

    def on_sqlite(self) -> dict[str, Target]:
        file, copy = (self._folder / name for name in ("orgplane.db", "go.db"))
        there = seeded(f"sqlite:///{file}", self._folder, CONFIGURATIONS, USERS, _EVENTS)
        shutil.copyfile(file, copy)
        floor = (sys.executable, BENCH / "floor.py")
        return {
            ORGPLANE: Target(self._orgplane(f"sqlite:///{file}", "orgplane"), there),
            GO: Target(self._start("go", GO_PEER, "-database-url", f"sqlite:///{copy}"), there),
            FLOOR: Target(self._start("floor", *floor), there, constant=True),
            LISTENER: Target(self._start("bare", *floor, "--bare"), there, constant=True),
        }

    def in_memory(self) -> dict[str, Target]:
        token, script = secrets.token_urlsafe(), PYTHON_PEERS / "scim_server.py"
        targets = {}
        for subject, name in ((SCIM2_SERVER, "scim2"), (SCIM2_KEPT_SMALL, "scim2-small")):
            users = self._folder / f"{name}.users"
            server = self._start(name, PYTHON, script, SCIM2_USERS, users, SCIM_TOKEN=token)
            there = Organization("", token, {"users": users})
            targets[subject] = Target(server, there, http1=True, scim="/v2")
        return targets

    def on_postgresql(self, cluster: Cluster) -> dict[str, Target]:
        cluster.execute("CREATE DATABASE seeded")
        url = cluster.database("seeded")
        there = seeded(url, self._folder, CONFIGURATIONS, USERS, _EVENTS)

        def python(script: str, database: str) -> Server:
            command = (PYTHON, PYTHON_PEERS / script, cluster.copy(database))
            return self._start(database, *command, PYTHONPATH=str(PYTHON_PEERS))

        ours = self._orgplane(cluster.copy("orgplane"), "orgplane-postgresql")
        go = self._start("go-postgresql", GO_PEER, "-database-url", cluster.copy("go"))
        rest = python("rest_server.py", "fastapi")
        return {
            ORGPLANE_POSTGRESQL: Target(ours, there, cluster.pid),
            GO_POSTGRESQL: Target(go, there, cluster.pid),
            GRPCIO: Target(python("grpc_server.py", "grpcio"), there, cluster.pid),
            FASTAPI: Target(rest, there, cluster.pid, http1=True),
        }

    def _orgplane(self, url: str, name: str) -> Server:
        return self._stack.enter_context(orgplane(url, self._folder, name))

    def _start(self, name: str, *command: object, **environment: str) -> Server:
        log = self._folder / f"{name}.log"
        return self._stack.enter_context(serving(list(map(str, command)), log, **environment))
