"""What others notice while an organization of 200,000 users is deleted: updates of another one, beside it.

    PYTHONPATH=tests python bench/ending.py [--users 200000] [--seconds 5] [--rounds 3] [--postgresql]

Each round updates the other organization for some seconds before the deletion is answered, and for as long after it, while
its rows are taken away.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import load
import orgplane
import results
import subjects
from bars import Bar
from load import Organization, Target
from operations import UPDATE
from results import Results

CALLERS = 8
FIGURE = "updates while {users} users of another organization are deleted, {kind}: {what}"


def measure(
    url: Callable[[], str],
    there: tuple[Organization, Organization],
    folder: Path,
    arguments: argparse.Namespace,
    found: Results,
    kind: str,
) -> None:
    gone, other = there
    told = FIGURE.format(users=arguments.users, kind=kind, what="{what}")
    for _ in range(arguments.rounds):
        with subjects.orgplane(url(), folder) as server:
            target = Target(server, other)
            alone = load.run(target, UPDATE, "connect-proto", CALLERS, arguments.seconds)
            with orgplane.Client(url=server.url, token=gone.token) as client:
                id = client.identity.get_authenticated_identity().organization_id
                begun = time.perf_counter()
                client.organizations.delete(organization_id=id)
                found.note(told.format(what="the answer, ms"), (time.perf_counter() - begun) * 1000)
            beside = load.run(target, UPDATE, "connect-proto", CALLERS, arguments.seconds)
            found.note(told.format(what="rate"), beside.per_second / alone.per_second)
            found.note(told.format(what="p99 alone, ms"), alone.p99)
            found.note(told.format(what="p99"), beside.p99 / alone.p99)


def both(url: str, folder: Path, users: int) -> tuple[Organization, Organization]:
    return (
        subjects.seeded(url, folder, 10, users, 1_000),
        subjects.seeded(url, folder, 100, 100, 100, (10,)),
    )


def bars(found: Results) -> list[Bar]:
    return [
        Bar(name, 2, lambda _, values=values: values, "x")  # type: ignore[misc]
        for name, values in found.figures.items()
        if name.endswith(": p99")
    ]


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true")
    arguments, found = parser.parse_args(), Results()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name:
        folder = Path(name)
        if arguments.postgresql:
            with subjects.cluster() as cluster:
                assert cluster is not None, "needs PostgreSQL"
                cluster.execute("CREATE DATABASE seeded")
                there = both(cluster.database("seeded"), folder, arguments.users)

                def copied() -> str:
                    cluster.execute("DROP DATABASE IF EXISTS orgplane")
                    return cluster.copy("orgplane")

                measure(copied, there, folder, arguments, found, "PostgreSQL")
        else:
            file, copy = folder / "orgplane.db", folder / "copy.db"
            there = both(f"sqlite:///{file}", folder, arguments.users)

            def fresh() -> str:
                for suffix in ("-wal", "-shm", ".lock"):
                    Path(f"{copy}{suffix}").unlink(missing_ok=True)
                shutil.copyfile(file, copy)
                return f"sqlite:///{copy}"

            measure(fresh, there, folder, arguments, found, "SQLite")
    print(*results.figures(found), sep="\n", end="\n\n")
    print(*(bar.row(found) for bar in bars(found)), sep="\n")


if __name__ == "__main__":
    main()
