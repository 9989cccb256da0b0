"""How fast Orgplane is, beside what one would use instead and beside the limit of its own listener.

    make bench
    python bench [--minutes 9.2] [--rounds 30] [--seconds 0.5] [--largest 1000000]
    python bench --beside [--minutes 9.2]
    python bench --big
    python bench --baseline REVISION [--minutes 9.2] [--rounds 30] [--seconds 0.5]

What is compared runs at once and is measured in turns, so that what disturbs the machine disturbs all alike:
read the ratios. Medians of the rounds count. It ends, with its tables, within the minutes: on a busy machine rounds
become fewer, at least two, and shorter, and the largest database of the growth smaller. With --beside it measures only what a
caller notices of others, with all of the time; with --big only what others notice of big requests, at their full size.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import bars
import baseline
import beside
import big
import cells
import client
import fair
import load
import results
import rounds
import servers
import subjects
from build import BENCH
from load import Target
from operations import GET
from results import Results

#: Requests during which memory must not grow; those of the rounds came before.
MANY_REQUESTS = 100_000
#: When the largest database has to be there, when growth is done, and what a caller notices of others, as parts of
#: the time; and what is kept for the requests during which memory must not grow.
_SEEDED, _GROWN, _BESIDE, _MEMORY = 0.22, 0.31, 0.46, 0.14
#: What others notice of big requests is not measured once so much of the time is over.
_NO_BIG_AFTER = 0.5
#: Nor, after so much of it, what an organization notices of another one.
_NO_FAIR_AFTER = 0.6
#: Rounds of growth at most: its bars are steady, others need the time more.
_GROWTH_ROUNDS = 9


class Clock:
    """What is left of the minutes."""

    def __init__(self, minutes: float) -> None:
        self._begun, self._seconds = time.monotonic(), minutes * 60

    def at(self, part: float) -> float:
        """The moment of `time.monotonic` when so much of the time will be up."""
        return self._begun + part * self._seconds

    def left(self, part: float = 1) -> float:
        return self.at(part) - time.monotonic()

    def tell(self, what: str) -> None:
        passed = time.monotonic() - self._begun
        print(f"bench: {passed:4.0f} s  {what}", file=sys.stderr, flush=True)


def start(folder: Path, found: Results) -> None:
    """A server on a database that is there already."""
    url = f"sqlite:///{folder}/start.db"
    with subjects.orgplane(url, folder):
        pass
    for _ in range(5):
        with subjects.orgplane(url, folder) as server:
            found.note(bars.START, server.start_seconds)
            found.note(bars.RSS, servers.largest_rss(server.pid) / 1e6)


def growth(folder: Path, arguments: argparse.Namespace, clock: Clock, found: Results) -> None:
    """Servers over databases of different sizes, the largest as large as there is time for."""
    with ExitStack() as stack:
        targets: dict[str, Target] = {}

        def grow(rows: int) -> float:
            begun = time.monotonic()
            clock.tell(f"a database of {rows:,} configurations and users")
            own = folder / str(rows)
            own.mkdir()
            url = f"sqlite:///{own}/orgplane.db"
            there = subjects.seeded(url, own, rows, rows, min(rows, 100_000))
            passed = time.monotonic() - begun
            server = stack.enter_context(subjects.orgplane(url, own))
            targets[subjects.sized(rows)] = Target(server, there)
            return passed

        grow(1_000)
        sizes = [1_000, max(2_000, min(arguments.largest // 10, int(clock.left(_SEEDED) * 1_000)))]
        # Larger indexes take longer a row.
        fitting = int(sizes[1] / grow(sizes[1]) / 1.3 * clock.left(_SEEDED))
        sizes.append(max(2 * sizes[1], min(arguments.largest, fitting)))
        grow(sizes[2])
        clock.tell("growth")
        found.sizes = sizes
        until, most = clock.at(_GROWN), min(arguments.rounds, _GROWTH_ROUNDS)
        rounds.measure(cells.growth(sizes), targets, arguments.seconds / 2, most, until, found)


def callers(target: Target, clock: Clock, found: Results) -> None:
    """What a call costs who makes it."""
    id = target.organization.rows["configurations"].read_text().split()[0]
    for number in range(3):
        if number and clock.left(0.55) < 0:
            break
        for kind in client.KINDS:
            done = subprocess.run(
                [sys.executable, str(BENCH / "client.py"), kind, target.server.url, id, "1000"],
                env={**os.environ, "LOAD_TOKEN": target.organization.token},
                check=True,
                capture_output=True,
                text=True,
            )
            found.note(f"client's CPU us a call, gRPC, {kind}", float(done.stdout))


def memory(target: Target, clock: Clock, found: Results) -> None:
    """Of a server that is warm: the rounds are over."""
    before = servers.largest_rss(target.server.pid)
    done = load.run(target, GET, "connect-proto", 64, max(1, clock.left()), requests=MANY_REQUESTS)
    found.note("resident after the rounds, MB", before / 1e6)
    found.note(bars.RSS_GROWTH.format(requests=done.requests), (done.rss / before - 1) * 100)


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


def measure(arguments: argparse.Namespace, folder: Path, found: Results) -> None:
    clock = Clock(arguments.minutes)
    if arguments.beside:
        beside.measure(folder, clock.at(1), found)
        return
    clock.tell("start")
    start(folder, found)
    for _ in range(3):
        found.note("synced appends of 4 KiB a second", fsyncs_per_second(folder, 0.5))
    growth(folder, arguments, clock, found)
    clock.tell("a caller beside others")
    beside.measure(folder, clock.at(_BESIDE), found)
    if clock.left(_NO_BIG_AFTER) > 0:
        clock.tell("others beside big requests")
        big.short(folder, found)
    with subjects.cluster() as cluster, ExitStack() as stack:
        databases = {"SQLite": f"sqlite:///{folder}/fair.db"}
        if cluster is not None:
            databases["PostgreSQL"] = cluster.empty("fair")
        for kind, url in databases.items():
            if clock.left(_NO_FAIR_AFTER) > 0:
                clock.tell(f"an organization beside another's sync, {kind}")
                fair.short(url, folder, found, kind)
        clock.tell("all servers")
        targets = stack.enter_context(subjects.all_subjects(folder, cluster))
        ours = targets[subjects.ORGPLANE]
        clock.tell("callers")
        callers(ours, clock, found)
        clock.tell("rounds")
        until = clock.at(1 - _MEMORY)
        rounds.measure(cells.PARTS, targets, arguments.seconds, arguments.rounds, until, found)
        clock.tell("memory")
        memory(ours, clock, found)
        clock.tell("stop")
    clock.tell("done")


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=9.2)
    parser.add_argument("--rounds", type=int, default=30, help="at most; at least two")
    parser.add_argument("--seconds", type=float, default=0.5, help="of a measurement, at most")
    parser.add_argument("--largest", type=int, default=1_000_000, help="rows of the growth")
    parser.add_argument(
        "--beside", action="store_true", help="only what a caller notices of others"
    )
    parser.add_argument(
        "--big", action="store_true", help="only what others notice of big requests, in full"
    )
    parser.add_argument(
        "--baseline", metavar="REVISION", help="beside an earlier revision of ours, and nobody else"
    )
    arguments = parser.parse_args()
    if arguments.big:
        big.main([])
        return
    if arguments.baseline:
        limits = {"minutes": arguments.minutes, "seconds": arguments.seconds}
        baseline.report(arguments.baseline, most=arguments.rounds, **limits)
        return
    found, failure = Results(), None
    try:
        with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder:
            measure(arguments, Path(folder), found)
    except load.Failed as error:
        failure = error
    print()
    for lines in (
        results.table(found),
        results.figures(found),
        results.rounds(found),
        (*bars.verdicts(found), *(bar.row(found) for bar in (*big.bars(found), *fair.bars(found))))
        if not arguments.beside
        else (bar.row(found) for bar in bars.beside()),
    ):
        print(*lines, sep="\n", end="\n\n")
    if failure:
        sys.exit(f"bench: ended by a call that failed, so nothing above counts: {failure}")


if __name__ == "__main__":
    main()
