"""Calls per second through a real server, by protocol: a read, and a durable write.

    python bench/rpc.py [--seconds 3] [--tasks 16] [--rounds 3]

Rounds are interleaved and the median counts. Client and server share the machine: read the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orgplane

SERVER = (sys.executable, "-m", "orgplane_server")
PROTOCOLS: dict[str, dict[str, Any]] = {
    "connect json": {"codec": "json"},
    "connect proto": {},
    "grpc": {"protocol": "grpc"},
    "grpc-web": {"protocol": "grpc-web"},
}


@contextmanager
def server() -> Iterator[tuple[str, str, str]]:
    """A URL, a token and the organization's id."""
    with tempfile.TemporaryDirectory() as folder:
        url = ("--database-url", f"sqlite:///{folder}/bench.db")
        created = subprocess.run(
            (
                *SERVER,
                "create-organization",
                "--json",
                *url,
                "--name",
                "Bench",
                "--admin-email",
                "bench@example.com",
            ),
            check=True,
            capture_output=True,
        )
        facts = json.loads(created.stdout)
        process = subprocess.Popen(
            [*SERVER, "serve", "--listen", "127.0.0.1:0", *url],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            yield ready.rpartition(" ")[2].strip(), facts["token"], facts["organizationId"]
        finally:
            process.terminate()
            process.wait()


async def rate(call: Callable[[int], Awaitable[object]], tasks: int, seconds: float) -> float:
    """Calls per second of so many tasks, each one call after the other."""
    end = time.perf_counter() + seconds
    done = 0

    async def work(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await call(done * tasks + number)
            done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(work(number) for number in range(tasks)))
    return done / (time.perf_counter() - begun)


async def measure(arguments: argparse.Namespace) -> dict[str, dict[str, list[float]]]:
    results: dict[str, dict[str, list[float]]] = {name: {} for name in PROTOCOLS}
    with server() as (url, token, organization):
        async with orgplane.AsyncClient(url=url, token=token) as client:
            sso = await client.organizations.sso_configurations.create(
                organization_id=organization,
                client_id="bench",
                client_secret="bench",
                issuer_url="https://idp.example.com",
            )
            made = await client.organizations.scim_configurations.create(
                organization_id=organization, sso_configuration_id=sso.sso_configuration.id
            )
        id = made.scim_configuration.id
        for _ in range(arguments.rounds):
            for name, options in PROTOCOLS.items():
                async with orgplane.AsyncClient(url=url, token=token, **options) as client:
                    scim = client.organizations.scim_configurations
                    calls: dict[str, Callable[[int], Awaitable[object]]] = {
                        "get": lambda _, scim=scim: scim.retrieve(scim_configuration_id=id),
                        "update": lambda n, scim=scim: scim.update(
                            scim_configuration_id=id, name=str(n)
                        ),
                    }
                    for what, call in calls.items():
                        measured = await rate(call, arguments.tasks, arguments.seconds)
                        results[name].setdefault(what, []).append(measured)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--tasks", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    results = asyncio.run(measure(parser.parse_args()))
    print(f"{'':15}{'get/s':>10}{'update/s':>10}{'update:get':>12}")
    for name, rates in results.items():
        get, update = (statistics.median(rates[what]) for what in ("get", "update"))
        print(f"{name:15}{get:10.0f}{update:10.0f}{update / get:12.2f}")


if __name__ == "__main__":
    main()
