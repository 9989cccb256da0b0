"""Whether requests stay as fast when an organization grows: the same calls at 1,000, 100,000 and 1,000,000 rows.

    python bench/growth.py [--sizes 1000 100000 1000000] [--calls 200] [--rounds 5]
    python bench/growth.py --postgresql postgresql://postgres@/postgres?host=/run/postgresql

A server for each size runs the whole time; rounds are interleaved, and the medians of their p50 count.
With `--postgresql` the databases are created on that server, and dropped at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import orgplane
import psycopg
from orgplane_server.app import secret_key
from orgplane_server.store.database import Database
from seed import Seeded, seed

SERVER = (sys.executable, "-m", "orgplane_server", "serve", "--listen", "127.0.0.1:0")
Call = Callable[[], Awaitable[object]]


@contextlib.contextmanager
def databases(postgresql: str | None, sizes: list[int]) -> Iterator[tuple[list[str], Path]]:
    """An empty database's URL for each size, and where their key may be."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        if postgresql is None:
            yield [f"sqlite:///{folder}/{size}.db" for size in sizes], key
            return
        names = [f"orgplane_bench_{os.getpid()}_{size}" for size in sizes]
        before, _, query = postgresql.partition("?")
        with psycopg.connect(postgresql, autocommit=True) as connection:
            try:
                for name in names:
                    connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
                base = before.rpartition("/")[0]
                yield [f"{base}/{name}?{query}" for name in names], key
            finally:
                for name in names:
                    connection.execute(f"DROP DATABASE IF EXISTS {name}")  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def served(url: str, key_file: Path, size: int) -> AsyncIterator[tuple[str, Seeded]]:
    """A server over a database of this size."""
    key = secret_key.load_or_create(key_file)
    database = Database.open(url)
    seeded = await seed(database, key, size, size)
    await database.aclose()
    process = await asyncio.to_thread(
        subprocess.Popen,
        [*SERVER, "--database-url", url, "--secret-key-file", str(key_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = await asyncio.to_thread(process.stdout.readline)
        yield ready.rpartition(" ")[2].strip(), seeded
    finally:
        process.terminate()
        process.wait()


def calls(client: orgplane.AsyncClient, seeded: Seeded) -> dict[str, Call]:
    """What is measured, each time for a configuration chosen at random."""
    scim = client.organizations.scim_configurations
    ids = seeded.scim_configuration_ids

    async def update() -> object:
        return await scim.update(scim_configuration_id=random.choice(ids), name=str(time.time()))

    async def get() -> object:
        return await scim.retrieve(scim_configuration_id=random.choice(ids))

    async def page() -> object:
        return await scim.list(page_size=25).first_page()

    return {"update": update, "get": get, "list": page}


async def p50(call: Call, times: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


async def measure(arguments: argparse.Namespace) -> dict[str, dict[int, float]]:
    rounds: dict[str, dict[int, list[float]]] = {}
    async with contextlib.AsyncExitStack() as stack:
        urls, key = stack.enter_context(databases(arguments.postgresql, arguments.sizes))
        measured: dict[int, dict[str, Call]] = {}
        for size, database_url in zip(arguments.sizes, urls, strict=True):
            url, seeded = await stack.enter_async_context(served(database_url, key, size))
            client = orgplane.AsyncClient(url=url, token=seeded.token)
            await stack.enter_async_context(client)
            measured[size] = calls(client, seeded)
            for call in measured[size].values():
                await p50(call, 20)
        for _ in range(arguments.rounds):
            for size, each in measured.items():
                for name, call in each.items():
                    found = await p50(call, arguments.calls)
                    rounds.setdefault(name, {}).setdefault(size, []).append(found)
    return {
        name: {size: statistics.median(found) for size, found in sizes.items()}
        for name, sizes in rounds.items()
    }


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", metavar="URL")
    arguments = parser.parse_args()
    results = asyncio.run(measure(arguments))
    print(f"{'p50 ms':14}" + "".join(f"{size:>12,}" for size in arguments.sizes) + f"{'ratio':>8}")
    for name, sizes in results.items():
        smallest, largest = sizes[min(sizes)], sizes[max(sizes)]
        print(
            f"{name:14}"
            + "".join(f"{sizes[size]:12.2f}" for size in arguments.sizes)
            + f"{largest / smallest:8.2f}"
        )


if __name__ == "__main__":
    main()
