"""What it costs a request that it is counted: CPU of a SCIM creation and UpdateSCIMConfiguration, with and without.

    PYTHONPATH=tests python bench/counting.py [--requests 200] [--rounds 20]

All in one process, on SQLite, by turns, without log lines, which would hide some of it; of the rounds the least counts, as what disturbs
one only ever adds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import logging
import tempfile
from collections.abc import Iterator
from unittest.mock import patch

import structlog
from clock import SettableClock
from licenses import Request, compare, microseconds, organization, taken
from orgplane_server.store.engine.commits import Commits
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry.call_counts import CallCounts
from provisioning import serving


@contextlib.contextmanager
def counting(kind: str) -> Iterator[None]:
    """Whether requests and transactions are counted meanwhile."""
    if kind == "with":
        yield
        return
    with (
        patch.object(CallCounts, "began", lambda *_: None),
        patch.object(CallCounts, "ended", lambda *_: None),
        patch.object(Commits, "add", lambda *_: None),
    ):
        yield


async def measure(folder: str, requests: int, rounds: int) -> None:
    database, clock = Database.open(f"sqlite:///{folder}/orgplane.db"), SettableClock()
    async with serving(database, clock) as http:
        asked = await organization(database, clock, http, "acme.example", licensed=False)
        runs = itertools.count()
        for name, request in asked.items():

            async def cost(kind: str, _round: int, request: Request = request) -> float:
                with counting(kind):
                    return await taken(microseconds, request, next(runs) * requests, requests)

            await compare(name, "counted", rounds, cost)
    await database.aclose()


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder:
        asyncio.run(measure(folder, arguments.requests, arguments.rounds))


if __name__ == "__main__":
    main()
