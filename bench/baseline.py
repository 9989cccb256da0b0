"""Today's server beside an earlier revision's: the same requests, in interleaved rounds; ratios count.

    make bench BENCH="--baseline 93a3709"
    python bench --baseline 93a3709 [--minutes 9.2] [--rounds 30] [--seconds 0.5]

The revision gets a worktree and an environment of its own under `build/bench/baseline`, which stay for the next time.
Its own server fills the database; each server then has a copy, so the earlier one never meets a newer schema.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import results
import rounds
import servers
import subjects
from bars import Bar
from build import BUILT, ROOT
from load import Organization, Target
from operations import CREATE_USER, GET, SCIM, UPDATE, Operation
from results import Cell, Results
from rounds import Part
from seed import key_in
from servers import Server, serving
from subjects import Cluster

CALLERS = 32
CONFIGURATIONS = 2_000
NOW, THEN = "now", "then"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
#: Only today's: earlier servers refuse, so theirs with one is what it is compared with.
TWO_WORKERS = "SQLite, two workers"
_ONE_WORKER = {TWO_WORKERS: SQLITE}
#: What is asked, of servers over which database, in which protocol.
ASKED: tuple[tuple[Operation, str, str], ...] = (
    (UPDATE, SQLITE, "connect-proto"),
    (UPDATE, SQLITE, "connect-json"),
    (UPDATE, SQLITE, "grpc"),
    (GET, SQLITE, "connect-proto"),
    (GET, SQLITE, "connect-json"),
    (GET, SQLITE, "grpc"),
    (CREATE_USER, SQLITE, SCIM),
    (UPDATE, TWO_WORKERS, "connect-proto"),
    (GET, TWO_WORKERS, "connect-proto"),
    (UPDATE, POSTGRESQL, "connect-proto"),
    (GET, POSTGRESQL, "connect-proto"),
    (CREATE_USER, POSTGRESQL, SCIM),
)


@dataclass(frozen=True)
class Program:
    """A revision's server, by the Python that has it installed."""

    python: Path

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python), "-m", "orgplane_server", *arguments]

    def organization(self, url: str) -> tuple[str, str]:
        """A new organization's id and its administrator's token."""
        made = subprocess.run(
            self.command(
                *("create-organization", "--name", "Bench", "--admin-email", "ada@bench.example"),
                *("--json", "--database-url", url),
            ),
            check=True,
            capture_output=True,
            text=True,
        )
        values = json.loads(made.stdout)
        return values["organizationId"], values["token"]


def built(revision: str) -> Program:
    """The server of a revision, installed with what that revision asks for."""
    sha = _git("rev-parse", "--verify", f"{revision}^{{commit}}")
    folder = BUILT / "baseline" / sha
    if not folder.exists():
        _git("worktree", "prune")
        _git("worktree", "add", "--quiet", "--detach", str(folder), sha)
    settings = [f"PYTHON={sys.executable}", "VENV=.venv", ".venv/run.stamp"]
    subprocess.run(
        ["make", "--silent", "--directory", folder, *settings], check=True, stdout=sys.stderr
    )
    return Program(folder / ".venv/bin/python")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


@contextmanager
def running(program: Program, url: str, folder: Path, name: str, *more: str) -> Iterator[Server]:
    command = program.command(
        *("serve", "--listen", "127.0.0.1:0", "--log-format", "json"),
        *("--secret-key-file", str(folder / "key"), *more),
    )
    with serving(command, folder / f"{name}.log", ORGPLANE_DATABASE_URL=url) as server:
        yield server


def filled(program: Program, url: str, folder: Path, name: str) -> Organization:
    """A database that the program made, with what callers ask for."""
    organization_id, token = program.organization(url)
    with running(program, url, folder, name) as server, ThreadPoolExecutor(8) as threads:

        def call(method: str, **request: object) -> Any:
            asked = urllib.request.Request(
                f"{server.url}/gitpod.v1.OrganizationService/{method}",
                json.dumps({"organizationId": organization_id, **request}).encode(),
                {"content-type": "application/json", "authorization": f"Bearer {token}"},
            )
            with urllib.request.urlopen(asked) as answer:
                return json.load(answer)

        sso = call(
            "CreateSSOConfiguration",
            clientId="bench",
            clientSecret="bench",
            issuerUrl="https://issuer.example",
        )["ssoConfiguration"]["id"]

        def create(number: int) -> tuple[str, str]:
            made = call("CreateSCIMConfiguration", ssoConfigurationId=sso, name=f"Bench {number}")
            return made["scimConfiguration"]["id"], made["token"]

        ids = [id for id, _ in threads.map(create, range(CONFIGURATIONS))]
        _, scim_token = create(CONFIGURATIONS)
    rows = folder / f"{name}.rows"
    rows.write_text("\n".join(random.Random(name).sample(ids, len(ids))))
    # Creations draw from nobody, and only want as many rows as there are callers.
    return Organization(token, scim_token, {"configurations": rows, "users": rows})


def _upgrade(program: Program, url: str) -> None:
    """Beforehand, as it is no part of a start."""
    subprocess.run(
        program.command("migrate"),
        check=True,
        env=os.environ | {"ORGPLANE_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )


def on_sqlite(programs: Mapping[str, Program], folder: Path, stack: ExitStack) -> dict[str, Target]:
    first = folder / "first.db"
    there = filled(programs[THEN], f"sqlite:///{first}", folder, "first")

    def target(name: str, database: str, *more: str) -> Target:
        file = folder / f"{name}, {database}.db"
        with closing(sqlite3.connect(first)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
        _upgrade(programs[name], f"sqlite:///{file}")
        started = running(programs[name], f"sqlite:///{file}", folder, file.stem, *more)
        return Target(stack.enter_context(started), there)

    targets = {f"{name}, {SQLITE}": target(name, SQLITE) for name in programs}
    targets[f"{NOW}, {TWO_WORKERS}"] = target(NOW, TWO_WORKERS, "--workers", "2")
    return targets


def on_postgresql(
    programs: Mapping[str, Program], cluster: Cluster, folder: Path, stack: ExitStack
) -> dict[str, Target]:
    cluster.execute("CREATE DATABASE first")
    there = filled(programs[THEN], cluster.database("first"), folder, "first-postgresql")
    targets = {}
    for name, program in programs.items():
        cluster.execute(f'CREATE DATABASE "{name}" TEMPLATE first')
        cluster.execute("VACUUM ANALYZE", name)
        url = cluster.database(name)
        _upgrade(program, url)
        server = stack.enter_context(running(program, url, folder, f"{name}-postgresql"))
        targets[f"{name}, {POSTGRESQL}"] = Target(server, there, cluster.pid)
    return targets


def parts() -> list[Part]:
    return [
        Part(
            f"{operation.name}, {protocol}, {database}",
            [
                Cell(f"{name}, {over}", operation, protocol, CALLERS)
                for name, over in ((THEN, _ONE_WORKER.get(database, database)), (NOW, database))
            ],
        )
        for operation, database, protocol in ASKED
    ]


def ratios(found: Results) -> Iterator[str]:
    """Today's : the revision's, of each part and round."""
    for of, what in (("per_second", "per s"), ("cpu", "CPU"), ("p99", "p99")):
        for part in parts():
            then, now = part.cells

            def values(
                results: Results, then: Cell = then, now: Cell = now, of: str = of
            ) -> Sequence[float]:
                return results.ratios(now, then, of)

            yield Bar(f"{part.name}: {what}, {NOW} : {THEN}", None, values).row(found)


def measure(revision: str, found: Results, *, minutes: float, most: int, seconds: float) -> None:
    """Rounds of everything, until the minutes are up."""
    until = time.monotonic() + minutes * 60
    programs = {THEN: built(revision), NOW: Program(Path(sys.executable))}
    with (
        tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name,
        subjects.cluster() as cluster,
        ExitStack() as stack,
    ):
        folder = Path(name)
        key_in(folder / "key")
        targets = on_sqlite(programs, folder, stack)
        if cluster is not None:
            targets |= on_postgresql(programs, cluster, folder, stack)
        _note_memory(targets, "when ready", found)
        rounds.measure(parts(), targets, seconds, most, until, found)
        _note_memory(targets, "after the rounds", found)
        then, now = (targets[f"{name}, {SQLITE}"].server for name in (THEN, NOW))
        found.note(f"ready after, {NOW} : {THEN}", now.start_seconds / then.start_seconds)


def _note_memory(targets: Mapping[str, Target], when: str, found: Results) -> None:
    """Of all processes of a server, PostgreSQL's aside."""
    for database in (SQLITE, POSTGRESQL):
        then, now = (targets.get(f"{name}, {database}") for name in (THEN, NOW))
        if then is not None and now is not None:
            ratio = sum(servers.rss(now.server.pid)) / sum(servers.rss(then.server.pid))
            found.note(f"resident {when}, {database}: {NOW} : {THEN}", ratio)


def report(revision: str, *, minutes: float, most: int, seconds: float) -> None:
    """Measures and prints. Raises load.Failed."""
    found = Results()
    measure(revision, found, minutes=minutes, most=most, seconds=seconds)
    for lines in (
        results.table(found),
        results.rounds(found),
        ratios(found),
        results.figures(found),
    ):
        print(*lines, sep="\n", end="\n\n")
