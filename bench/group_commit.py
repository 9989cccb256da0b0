"""What sharing a transaction is worth: durable updates per second, a commit for each against group commit.

    python bench/group_commit.py [--seconds 2] [--rounds 5] [--callers 1 32 256]

The use case runs in this process on a SQLite file of its own: no network and no RPC are in the figures.
Rounds are interleaved and medians count; a commit is one fsync.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from orgplane_server.domain.caller import Caller
from orgplane_server.domain.identifier import ScimConfigurationId
from orgplane_server.domain.instant import system_clock
from orgplane_server.store.engine import group_commit
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Foundation
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations

BATCHES = {"commit each": 1, "group commit": group_commit.MAX_BATCH}
CONFIGURATIONS = 100


@dataclass(frozen=True)
class Round:
    per_second: float
    p99: float
    changes_per_commit: float


class Subject:
    """One database, its use case, and a count of its commits."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.commits = 0
        sealer = Sealer(bytes(32))
        pages = PageTokens(sealer)
        self._sso = SsoConfigurations(database, system_clock, pages, sealer)
        self._scim = ScimConfigurations(database, system_clock, pages)
        sa.event.listen(database._write_engine, "connect", self._watch)

    def _watch(self, connection: Any, _record: object) -> None:
        connection.set_trace_callback(self._count)

    def _count(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    async def fill(self) -> tuple[Caller, list[ScimConfigurationId]]:
        founded = await Foundation(self.database, system_clock).create("Bench", "b@example.com")
        caller, organization = founded.caller, founded.organization.id
        sso = await self._sso.create(
            caller, organization, client_id="b", client_secret="b", issuer_url="https://b.example"
        )
        made = [
            await self._scim.create(caller, organization, sso.id) for _ in range(CONFIGURATIONS)
        ]
        return caller, [issued.configuration.id for issued in made]

    async def round(
        self, caller: Caller, ids: list[ScimConfigurationId], callers: int, seconds: float
    ) -> Round:
        times: list[float] = []
        self.commits = 0
        begun = time.perf_counter()

        async def work() -> None:
            while (now := time.perf_counter()) < begun + seconds:
                name = f"{random.random()}"
                await self._scim.update(caller, random.choice(ids), {"name": name})
                times.append(time.perf_counter() - now)

        await asyncio.gather(*(work() for _ in range(callers)))
        passed = time.perf_counter() - begun
        times.sort()
        return Round(
            len(times) / passed, times[int(len(times) * 0.99)] * 1000, len(times) / self.commits
        )


async def measure(arguments: argparse.Namespace) -> None:
    results: dict[tuple[int, str], list[Round]] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{folder}/bench.db")
        subject = Subject(database)
        caller, ids = await subject.fill()
        for _ in range(arguments.rounds):
            for callers in arguments.callers:
                for name, batch in BATCHES.items():
                    database._writer.batch = batch
                    measured = await subject.round(caller, ids, callers, arguments.seconds)
                    results.setdefault((callers, name), []).append(measured)
        await database.aclose()
    print(f"{'callers':>8}  {'':14}{'updates/s':>10}{'p99 ms':>9}{'per commit':>12}{'gain':>7}")
    for callers in arguments.callers:
        base = statistics.median(r.per_second for r in results[callers, "commit each"])
        for name in BATCHES:
            rounds = results[callers, name]
            rate = statistics.median(r.per_second for r in rounds)
            print(
                f"{callers:8}  {name:14}{rate:10.0f}"
                f"{statistics.median(r.p99 for r in rounds):9.1f}"
                f"{statistics.median(r.changes_per_commit for r in rounds):12.1f}"
                f"{rate / base:7.2f}"
            )


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 32, 256])
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
