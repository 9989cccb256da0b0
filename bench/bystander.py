"""What one caller notices of sixteen others who send the heaviest bodies that are under the limits.

    python bench/bystander.py [--seconds 5] [--rounds 3] [--database-url URL]

The caller asks for the organization, one call after the other: beside sixteen who do the same, beside
sixteen without a token, and beside sixteen with one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bars
import heavy
import load
import results
import subjects
from build import BENCH
from load import Target
from operations import ORGANIZATION, SCIM
from results import Results

CALLERS = 16
#: As many as the largest body names.
USERS = 21_000
_PROTOCOL = "connect-proto"


def measure(target: Target, seconds: float, rounds: int, found: Results) -> Counter[str]:
    """Notes the caller's p99 of each round; gives back what the heavy callers were answered."""
    made, answers = list(heavy.requests(target.organization)), Counter[str]()
    organization = target.organization
    tokens = {SCIM: organization.scim_token, "rpc": organization.token}
    for number in range(rounds):
        for name, beside in (
            (bars.BESIDE_EQUALS, lambda: _equals(target, seconds)),
            (bars.BESIDE_STRANGERS, lambda: _heavy(target, heavy.dumped(made, {}), answers)),
            (bars.BESIDE_HEAVY, lambda: _heavy(target, heavy.dumped(made, tokens), answers)),
        ):
            found.note(name, _p99(target, seconds, beside))
        for name in (bars.BESIDE_STRANGERS, bars.BESIDE_HEAVY):
            values = found.figures[name][number] / found.figures[bars.BESIDE_EQUALS][number]
            found.note(bars.TIMES.format(name=name), values)
    return answers


def _p99(target: Target, seconds: float, beside: Callable[[], object]) -> float:
    with beside():  # type: ignore[attr-defined]
        return load.run(target, ORGANIZATION, _PROTOCOL, 1, seconds, warmup=0.5).p99


@contextmanager
def _equals(target: Target, seconds: float) -> Iterator[None]:
    flags = load.flags(target, ORGANIZATION, _PROTOCOL, CALLERS, seconds + 2)
    process = subprocess.Popen(
        [str(load.LOAD), *flags],
        env=load.environment(target.organization.token),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.wait()


@contextmanager
def _heavy(target: Target, dumped: str, answers: Counter[str]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, str(BENCH / "heavy.py"), target.server.url, str(CALLERS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(dumped + "\n")
    process.stdin.flush()
    time.sleep(1)  # they are at it
    try:
        yield
    finally:
        process.stdin.close()
        answers.update(json.loads(process.stdout.readline()))
        process.wait()


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database-url", help="an empty database; without one, SQLite")
    arguments = parser.parse_args()
    found = Results()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name:
        folder = Path(name)
        url = arguments.database_url or f"sqlite:///{folder}/orgplane.db"
        there = subjects.seeded(url, folder, 100, USERS, 100)
        with subjects.orgplane(url, folder) as server:
            answers = measure(Target(server, there), arguments.seconds, arguments.rounds, found)
    for answer, count in sorted(answers.items()):
        print(f"{count:7} {answer}")
    print(*results.figures(found), sep="\n", end="\n\n")
    print(*(bar.row(found) for bar in bars.bystander()), sep="\n")


if __name__ == "__main__":
    main()
