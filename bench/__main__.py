"""How fast Orgplane is, beside what one would use instead and beside the limit of its own listener.

    make bench
    python bench [--minutes 9] [--rounds 5] [--seconds 1] [--largest 1000000]

Everything runs at once and is measured in turns, so that what disturbs the machine disturbs all alike: read the ratios.
Medians of the rounds count. Rounds end when the minutes do; there are at least two.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import client
import load
import results
import servers
import subjects
from build import BENCH
from load import Target
from results import Cell, Results

PROTOCOLS = ("connect-json", "connect-proto", "grpc", "grpc-web")
CALLERS = (1, 32, 256)
#: Requests after which memory is warm, and those during which it must not grow.
WARM_REQUESTS, MANY_REQUESTS = 20_000, 100_000


def cells() -> list[Cell]:
    """What a round measures; what is compared stands close together."""
    found: list[Cell] = []
    peers = (
        (subjects.ORGPLANE, "connect-proto"),
        (subjects.GO_POSTGRESQL, "connect-proto"),
        (subjects.GO, "connect-proto"),
        (subjects.ORGPLANE_POSTGRESQL, "connect-proto"),
        (subjects.GRPCIO, "grpc"),
        (subjects.FASTAPI, "connect-json"),
    )
    for callers in CALLERS:
        found += [Cell(subject, "update", protocol, callers) for subject, protocol in peers]
    for subject in (subjects.ORGPLANE, subjects.FLOOR, subjects.ORGPLANE_POSTGRESQL):
        found += [Cell(subject, "update", protocol, 32) for protocol in PROTOCOLS]
    for callers in CALLERS:
        found += [Cell(subjects.ORGPLANE, "update", protocol, callers) for protocol in PROTOCOLS]
    found.append(Cell(subjects.LISTENER, "update", "connect-proto", 32))
    found += [Cell(subjects.ORGPLANE, "get", protocol, 32) for protocol in PROTOCOLS]
    for operation in ("get", "list"):
        found += [Cell(subject, operation, protocol, 32) for subject, protocol in peers]
    return list(dict.fromkeys(found))


def fsyncs_per_second(folder: Path, seconds: float) -> float:
    """Appends of a page, each synced, one after the other."""
    descriptor = os.open(folder / "fsync", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    count, begun = 0, time.perf_counter()
    try:
        while (passed := time.perf_counter() - begun) < seconds:
            os.write(descriptor, bytes(4096))
            os.fdatasync(descriptor)
            count += 1
    finally:
        os.close(descriptor)
    return count / passed


def start(folder: Path, found: Results) -> None:
    """A server on a database that is there already."""
    with subjects.orgplane(f"sqlite:///{folder}/start.db", folder):
        pass
    for _ in range(3):
        with subjects.orgplane(f"sqlite:///{folder}/start.db", folder) as server:
            found.note(results.START, server.start_seconds)
            found.note(results.RSS, servers.largest_rss(server.pid) / 1e6)


def memory(target: Target, found: Results) -> None:
    sizes = [
        load.run(target, "get", "connect-proto", 64, 0, requests).rss
        for requests in (WARM_REQUESTS, MANY_REQUESTS)
    ]
    found.note("resident after the first 20,000 requests", sizes[0] / 1e6)
    found.note(results.RSS_GROWTH, (sizes[1] / sizes[0] - 1) * 100)


def growth(folder: Path, sizes: list[int], seconds: float, rounds: int, found: Results) -> None:
    """One caller of servers over databases of different sizes, in turns."""
    with ExitStack() as stack:
        targets: dict[int, Target] = {}
        for size in sizes:
            own = folder / str(size)
            own.mkdir()
            url = f"sqlite:///{own}/orgplane.db"
            organization = subjects.seeded(url, own, size)
            server = stack.enter_context(subjects.orgplane(url, own))
            targets[size] = Target(server, organization.token, organization.ids)
        for number in range(rounds + 1):
            for operation in ("update", "get", "list"):
                p50 = {
                    size: load.run(target, operation, "connect-proto", 1, seconds).p50
                    for size, target in targets.items()
                }
                if number:  # the first round warms up
                    for size in sizes:
                        found.note(f"{operation} p50, {size:,} rows", p50[size])
                    name = results.GROWTH.format(operation=operation)
                    found.note(name, p50[sizes[-1]] / p50[sizes[0]])


def callers(target: Target, found: Results) -> None:
    id = target.ids.read_text().split()[0]
    for _ in range(3):
        for kind in client.KINDS:
            done = subprocess.run(
                [sys.executable, str(BENCH / "client.py"), kind, target.server.url, id],
                env={**os.environ, "LOAD_TOKEN": target.token},
                check=True,
                capture_output=True,
                text=True,
            )
            found.note(f"client's CPU a call, gRPC, {kind}", float(done.stdout))


def measure(arguments: argparse.Namespace, folder: Path) -> Results:
    end = time.monotonic() + 60 * arguments.minutes
    found = Results()
    tell("start")
    start(folder, found)
    tell(f"growth to {arguments.largest:,} rows")
    sizes = [1_000, max(10_000, arguments.largest // 10), arguments.largest]
    growth(folder, sizes, arguments.seconds / 2, arguments.rounds, found)
    with subjects.cluster() as cluster, subjects.all_subjects(folder, cluster) as targets:
        tell("callers")
        callers(targets[subjects.ORGPLANE], found)
        measured = [cell for cell in cells() if cell.subject in targets]
        longest = 0.0
        for number in range(arguments.rounds):
            begun = time.monotonic()
            if number >= 2 and begun + longest + 45 > end:
                break
            tell(f"round {number + 1}")
            found.note("synced appends of 4 KiB", fsyncs_per_second(folder, 0.5))
            for cell in measured:
                found.cells.setdefault(cell, []).append(
                    load.run(
                        targets[cell.subject],
                        cell.operation,
                        cell.protocol,
                        cell.callers,
                        arguments.seconds,
                    )
                )
            longest = max(longest, time.monotonic() - begun)
        tell("memory")
        memory(targets[subjects.ORGPLANE], found)
    return found


def tell(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--largest", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder:
        found = measure(arguments, Path(folder))
    rounds = statistics.median(len(each) for each in found.cells.values())
    print(f"\nMedians of {rounds:.0f} rounds.\n")
    for lines in (results.table(found), results.figures(found), results.verdicts(found)):
        print(*lines, sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
