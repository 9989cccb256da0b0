"""What one organization notices of another that syncs as fast as it can, or sends what is expensive.

    PYTHONPATH=tests python bench/fair.py [--seconds 3] [--rounds 3] [--callers 16] [--before PYTHON] [--postgresql]

One caller reads its organization, and then updates a configuration: beside 8 callers of another organization who ask for
theirs, beside one whose users are created over SCIM, and beside one that sends the heaviest requests that are allowed.
`make bench` has a short form. With `--before`, a sync that is alone is compared with that of the server which is installed for another interpreter.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import beside
import heavy
import load
import results
import subjects
from bars import Bar
from load import Organization, Target
from operations import CREATE_USER, ORGANIZATION, SCIM, UPDATE, Operation
from results import Results

_PROTOCOL = "connect-proto"
_EQUALS = 8
_LOADED = 4.0
#: As many as the largest body names.
_USERS = 21_000
#: How many times what it is beside equals a caller's p50 may be.
_MOST = {"a sync": 2.0, "heavy requests": 3.0}
P50 = "{kind}, p50 of {operation} beside {crowd}, ms"
TIMES = "{kind}, p50 of {operation} beside {crowd} : beside equals"
#: What turns do alone; and callers do not know to wait.
_UNLIMITED = {"ORGPLANE_REQUESTS_PER_SECOND": "0"}
RATE = "users created a second, alone"
AS_BEFORE = "users created a second, alone : before"


def measure(
    url: str,
    there: tuple[Organization, Organization],
    folder: Path,
    arguments: argparse.Namespace,
    found: Results,
    kind: str,
) -> None:
    syncing, other = there
    tokens = {SCIM: syncing.scim_token, "rpc": syncing.token}
    made = heavy.dumped([*heavy.requests(syncing)], tokens)
    # What is measured beside each crowd takes a moment longer than that.
    seconds = arguments.seconds
    both = 2 * (seconds + 2)
    for number in range(arguments.rounds):
        with subjects.orgplane(url, folder, **_UNLIMITED) as server:
            crowded = Target(server, syncing)
            caller = _Caller(Target(server, other), seconds, found, kind)
            caller.ask("nobody")
            with beside.same(crowded, ORGANIZATION, _PROTOCOL, _EQUALS, both):
                caller.ask("equals")
            with beside.same(crowded, CREATE_USER, SCIM, arguments.callers, both):
                caller.ask("a sync")
            with beside.heaviest(server.url, made):
                caller.ask("heavy requests")
        caller.compare()
        if arguments.before:
            pythons = [arguments.before, sys.executable][:: -1 if number % 2 else 1]
            rates = {each: _alone(url, folder, arguments, syncing, each) for each in pythons}
            found.note(RATE, rates[sys.executable])
            found.note(AS_BEFORE, rates[sys.executable] / rates[arguments.before])


class _Caller:
    """Of the organization that does little."""

    def __init__(self, target: Target, seconds: float, found: Results, kind: str) -> None:
        self._kind = kind
        self._target = target
        self._seconds = seconds
        self._found = found

    def ask(self, crowd: str) -> None:
        for operation in (ORGANIZATION, UPDATE):
            done = load.run(self._target, operation, _PROTOCOL, 1, self._seconds)
            self._found.note(self._name(P50, operation, crowd), done.p50)

    def compare(self) -> None:
        for operation in (ORGANIZATION, UPDATE):
            equals = self._found.figures[self._name(P50, operation, "equals")][-1]
            for crowd in _MOST:
                p50 = self._found.figures[self._name(P50, operation, crowd)][-1]
                self._found.note(self._name(TIMES, operation, crowd), p50 / equals)

    def _name(self, figure: str, operation: Operation, crowd: str) -> str:
        return figure.format(kind=self._kind, operation=operation.name, crowd=crowd)


def _alone(
    url: str, folder: Path, arguments: argparse.Namespace, there: Organization, python: str
) -> float:
    with subjects.orgplane(url, folder, python=python, **_UNLIMITED) as server:
        target = Target(server, there)
        load.run(target, CREATE_USER, SCIM, 1, _LOADED)  # what is loaded after the start
        done = load.run(target, CREATE_USER, SCIM, arguments.callers, arguments.seconds)
        return done.per_second


def bars(found: Results) -> Iterator[Bar]:
    """Of what was measured."""
    for name, values in found.figures.items():
        for crowd, limit in _MOST.items():
            if name.endswith(f" beside {crowd} : beside equals"):
                yield Bar(name, limit, lambda _, values=values: values)  # type: ignore[misc]
    if (rates := found.figures.get(AS_BEFORE)) is not None:
        yield Bar(AS_BEFORE, 0.97, lambda _: rates, at_least=True)


def seeded(url: str, folder: Path, users: int = _USERS) -> tuple[Organization, Organization]:
    return (
        subjects.seeded(url, folder, 10, users, 100, (10,)),
        subjects.seeded(url, folder, 100, 100, 100, (10,)),
    )


def short(url: str, folder: Path, found: Results, kind: str) -> None:
    """A smaller organization, one round: within half a minute on a machine that is not busy."""
    arguments = argparse.Namespace(seconds=1.0, rounds=1, callers=16, before=None)
    measure(url, seeded(url, folder, 5_000), folder, arguments, found, kind)


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--before", metavar="PYTHON")
    parser.add_argument("--postgresql", action="store_true")
    arguments, found = parser.parse_args(), Results()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name:
        folder = Path(name)
        if arguments.postgresql:
            with subjects.cluster() as cluster:
                assert cluster is not None, "needs PostgreSQL"
                url = cluster.empty("orgplane")
                measure(url, seeded(url, folder), folder, arguments, found, "PostgreSQL")
        else:
            url = f"sqlite:///{folder}/orgplane.db"
            measure(url, seeded(url, folder), folder, arguments, found, "SQLite")
    print(*results.figures(found), sep="\n", end="\n\n")
    print(*(bar.row(found) for bar in bars(found)), sep="\n")


if __name__ == "__main__":
    main()
