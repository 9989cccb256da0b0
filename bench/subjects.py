"""Who is measured: Orgplane, its peers and the floor, each with a database of its own and the same rows."""

from __future__ import annotations

import asyncio
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
from load import Target
from orgplane_server.app import secret_key
from orgplane_server.store.database import Database
from seed import Seeded, seed
from servers import Server, serving

ORGPLANE = "Orgplane, SQLite"
ORGPLANE_POSTGRESQL = "Orgplane, PostgreSQL"
GO = "Go, SQLite"
GO_POSTGRESQL = "Go, PostgreSQL"
GRPCIO = "grpcio, PostgreSQL"
FASTAPI = "FastAPI, PostgreSQL"
FLOOR = "floor"
LISTENER = "listener alone"

CONFIGURATIONS = 10_000


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


@dataclass(frozen=True)
class Organization:
    """What was seeded: whom callers pose as, and the file of ids that they ask for."""

    token: str
    ids: Path


def seeded(url: str, folder: Path, rows: int) -> Organization:
    """An organization with so many SCIM configurations, and as many audit events up to 100,000."""

    key = secret_key.load_or_create(folder / "key")

    async def fill() -> Seeded:
        database = Database.open(url)
        try:
            return await seed(database, key, rows, min(rows, 100_000))
        finally:
            await database.aclose()

    made = asyncio.run(fill())
    ids = folder / f"ids-{rows}"
    ids.write_text("\n".join(made.scim_configuration_ids))
    return Organization(made.token, ids)


@contextmanager
def orgplane(url: str, folder: Path) -> Iterator[Server]:
    command = [
        *(sys.executable, "-m", "orgplane_server", "serve", "--listen", "127.0.0.1:0"),
        *("--log-format", "json", "--secret-key-file", str(folder / "key")),
    ]
    with serving(command, folder / "orgplane.log", ORGPLANE_DATABASE_URL=url) as server:
        yield server


@contextmanager
def all_subjects(folder: Path, cluster: Cluster | None) -> Iterator[Mapping[str, Target]]:
    """Every one that this machine can run, running."""
    targets: dict[str, Target] = {}
    with ExitStack() as stack:
        file = folder / "orgplane.db"
        organization = seeded(f"sqlite:///{file}", folder, CONFIGURATIONS)
        shutil.copyfile(file, folder / "go.db")

        def on_sqlite(server: Server, *, constant: bool = False) -> Target:
            return Target(server, organization.token, organization.ids, constant=constant)

        def start(name: str, *command: object, **environment: str) -> Server:
            log = folder / f"{name}.log"
            return stack.enter_context(serving(list(map(str, command)), log, **environment))

        targets[ORGPLANE] = on_sqlite(stack.enter_context(orgplane(f"sqlite:///{file}", folder)))
        go = start("go", GO_PEER, "-database-url", f"sqlite:///{folder}/go.db")
        targets[GO] = on_sqlite(go)
        floor = (sys.executable, BENCH / "floor.py")
        targets[FLOOR] = on_sqlite(start("floor", *floor), constant=True)
        targets[LISTENER] = on_sqlite(start("bare", *floor, "--bare"), constant=True)
        if cluster is None:
            yield targets
            return

        cluster.execute("CREATE DATABASE seeded")
        shared = seeded(cluster.database("seeded"), folder, CONFIGURATIONS + 1)
        for name in ("orgplane", "go", "grpcio", "fastapi"):
            cluster.execute(f"CREATE DATABASE {name} TEMPLATE seeded")
            if name != "orgplane":  # what ours does for followers of the trail, nobody else needs
                cluster.execute(
                    "ALTER TABLE audit_event ALTER COLUMN sequence"
                    " SET DEFAULT nextval('audit_event_sequence_seq')",
                    name,
                )
            cluster.execute("VACUUM ANALYZE", name)

        def on_postgresql(server: Server, *, http1: bool = False) -> Target:
            return Target(server, shared.token, shared.ids, cluster.pid, http1=http1)

        targets[ORGPLANE_POSTGRESQL] = on_postgresql(
            stack.enter_context(orgplane(cluster.database("orgplane"), folder))
        )
        url = cluster.database("go")
        targets[GO_POSTGRESQL] = on_postgresql(start("go-pg", GO_PEER, "-database-url", url))
        for subject, name in ((GRPCIO, "grpc"), (FASTAPI, "rest")):
            script = PYTHON_PEERS / f"{name}_server.py"
            database = cluster.database({"grpc": "grpcio", "rest": "fastapi"}[name])
            targets[subject] = on_postgresql(
                start(name, PYTHON, script, database, PYTHONPATH=str(PYTHON_PEERS)),
                http1=subject is FASTAPI,
            )
        yield targets
