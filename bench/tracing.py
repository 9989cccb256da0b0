"""What traces cost a request: CPU of a SCIM creation and UpdateSCIMConfiguration, with and without.

    PYTHONPATH=tests python bench/tracing.py [--requests 200] [--rounds 10] [--ratio 0.01]

All in one process, on SQLite, by turns; of the rounds the least counts, as what disturbs one only ever adds. Spans go to a collector
in a thread of the same process, so what it costs to send them is in there; what it costs to receive them as well.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import logging
import os
import tempfile
from pathlib import Path

import structlog
from clock import SettableClock
from collector import http_collector
from licenses import Request, compare, microseconds, organization, taken
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry.tracing import Tracing
from provisioning import serving


async def requests_of(
    database: Database, stack: contextlib.AsyncExitStack, tracing: Tracing | None
) -> dict[str, Request]:
    clock = SettableClock()
    around = tracing.requests if tracing else lambda application: application
    http = await stack.enter_async_context(serving(database, clock, around=around))
    stack.push_async_callback(database.aclose)
    return await organization(database, clock, http, "acme.example", licensed=False)


async def measure(folder: Path, requests: int, rounds: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        tracing = await stack.enter_async_context(contextlib.aclosing(Tracing("http/protobuf")))
        plain = await requests_of(Database.open(f"sqlite:///{folder}/plain.db"), stack, None)
        database = tracing.open_database(f"sqlite:///{folder}/traced.db")
        traced = await requests_of(database, stack, tracing)
        runs = itertools.count()
        for name in plain:

            async def cost(kind: str, _round: int, name: str = name) -> float:
                request = (traced if kind == "with" else plain)[name]
                return await taken(microseconds, request, next(runs) * requests, requests)

            await compare(name, "traced", rounds, cost)


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--ratio", type=float, default=1.0, help="of the requests, that are traced")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with (
        http_collector() as collector,
        tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder,
    ):
        os.environ |= collector.variables | {
            "OTEL_BSP_SCHEDULE_DELAY": "1000",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": str(arguments.ratio),
        }
        asyncio.run(measure(Path(folder), arguments.requests, arguments.rounds))


if __name__ == "__main__":
    main()
