"""What others notice of one caller's big request: 200,000 users, and a group of 50,000.

    PYTHONPATH=tests python bench/big.py [--users 200000] [--members 50000] [--denied 5000] [--seconds 5] [--rounds 3] [--postgresql]

First, how long one transaction that writes lasts at most while a big request is carried out (on SQLite nobody else
writes meanwhile), how long its caller waits, and by how much the process grows: each in a process of its own, on a
copy of the database. Then, how long the last page of the group's members takes, what remains of others' updates while one caller reads the group again and again, and
how much longer others wait for a reading while one caller asks for what no index answers. `make bench` has a short form.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import load
import results
import sqlalchemy as sa
import subjects
from bars import Bar
from build import BENCH
from load import Organization, Target
from operations import ORGANIZATION, UPDATE
from orgplane_server.domain.caller import Caller, Origin
from orgplane_server.domain.identifier import ScimConfigurationId, ScimGroupId, UserId
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.scim_attribute import CORE_USER
from orgplane_server.domain.scim_group import Everybody, Naming, Remove, Replace
from orgplane_server.store import scim_user, user
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.deletion import Sweeper
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.scim_access import ScimGate, Visit
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.scim_group import ScimGroups
from orgplane_server.usecases.scim_listing import ScimListings
from orgplane_server.usecases.scim_user import ScimUsers
from orgplane_server.usecases.sealing import Sealer
from results import Results

CONFIGURATIONS = 1_000
#: What a PUT of a body of a megabyte names.
NAMED = 18_000
#: Seconds of sweeping that are looked at.
SWEEPING = 15
BIG = "{kind}, {name}: {what}"
BESIDE_READING = "{kind}, {name} beside a reading of the group: {{what}}"
#: What a caller of `GetOrganization` waits longer for.
LONGER = "{kind}, get organization's p99 beside {name}: longer, ms"
#: What no index answers, as what is asked of SCIM.
UNINDEXED = {
    "co": "/Users?count=1&filter=" + quote('userName co "nobody at all"'),
    "sort": "/Users?count=1&sortBy=name.familyName",
}
SEARCH = "/gitpod.v1.OrganizationService/ListMembers"
#: The last page of the group's members, of a hundred each.
LAST_PAGE = "{kind}, last page of the group's members: times the first"
MEMBERS = "/gitpod.v1.GroupService/ListMemberships"
_PAGES = 100
#: Callers of the updates that a big reading is beside.
CALLERS = 32


@dataclass(frozen=True)
class Big:
    """Whom a big request is about."""

    token: str
    scim_token: str
    configuration: UUID
    group: UUID
    users: list[UUID]


class Held:
    """How long the longest transaction that writes lasts, in seconds, and how long the writer's thread works in one.

    On a machine that is busy with something else the second tells more.
    """

    def __init__(self) -> None:
        self.longest = self.worked = 0.0

    def watch(self, database: Database) -> None:
        begin = database._writer.perform

        def perform(jobs: list[Any], session: Any) -> Any:
            begun, worked = time.perf_counter(), time.thread_time()
            try:
                return begin(jobs, session)
            finally:
                self.longest = max(self.longest, time.perf_counter() - begun)
                self.worked = max(self.worked, time.thread_time() - worked)

        database._writer.perform = perform  # type: ignore[method-assign]


async def _administering(database: Database, big: Big) -> tuple[Caller, ScimConfigurations]:
    caller = await Authentication(database, system_clock).authenticate(big.token, Origin())
    pages = PageTokens(Sealer(bytes(32)))
    return caller, ScimConfigurations(database, system_clock, pages)


async def _delete_configuration(database: Database, big: Big) -> None:
    caller, configurations = await _administering(database, big)
    await configurations.delete(caller, ScimConfigurationId(big.configuration))


async def _warm_up(database: Database, big: Big) -> None:
    """As a server is: what it has done once, it does faster."""
    caller, configurations = await _administering(database, big)
    there = await configurations.get(caller, ScimConfigurationId(big.configuration))
    assert there.sso_configuration_id is not None
    made = await configurations.create(caller, caller.organization_id, there.sso_configuration_id)
    visit, groups = Visit(made.token.reveal()), _groups(database)
    one = {"schemas": [CORE_USER], "userName": "one@example.com"}
    listings = ScimListings(PageTokens(Sealer(bytes(32))))
    users = ScimUsers(ScimGate(database, system_clock), system_clock, listings)
    user = (await users.create(visit, one)).user
    await users.revise(visit, user.id, lambda found: {**found.attributes, "active": False})
    group = (await groups.create(visit, Naming("group"), [user.id])).group
    await groups.change(visit, group.id, [Replace([])])
    await groups.delete(visit, group.id)
    await configurations.delete(caller, made.configuration.id)
    await _sweep(database)


def _groups(database: Database) -> ScimGroups:
    gate = ScimGate(database, system_clock)
    return ScimGroups(gate, system_clock, ScimListings(PageTokens(Sealer(bytes(32)))))


async def _delete_group(database: Database, big: Big) -> None:
    await _groups(database).delete(Visit(big.scim_token), ScimGroupId(big.group))


async def _put(database: Database, big: Big) -> None:
    others = Replace([UserId(id) for id in big.users[-NAMED:]])
    visit = Visit(big.scim_token)
    await _groups(database).change(visit, ScimGroupId(big.group), [others], members=True)


async def _clear(database: Database, big: Big) -> None:
    nobody = Remove(Everybody())
    await _groups(database).change(Visit(big.scim_token), ScimGroupId(big.group), [nobody])


async def _purge(database: Database, big: Big) -> None:
    await Retention(database, system_clock, audit_events=timedelta(0)).purge()


async def _sweep(database: Database) -> None:
    """All, or as much as there is time for: all of it is alike."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SWEEPING):
            await Sweeper(database, system_clock).sweep()


REQUESTS: dict[str, Callable[[Database, Big], Awaitable[None]]] = {
    "DeleteSCIMConfiguration": _delete_configuration,
    "DELETE of the group": _delete_group,
    "PUT of the group": _put,
    "PATCH that removes all": _clear,
    "purge of audit events": _purge,
}


async def _held(url: str, name: str, big: Big) -> dict[str, float]:
    database = Database.open(url)
    try:
        await _warm_up(database, big)
        before, held = _peak(), Held()
        held.watch(database)
        begun = time.perf_counter()
        await REQUESTS[name](database, big)
        waited = time.perf_counter() - begun
        longest, worked, sweep = held.longest, held.worked, Held()
        sweep.watch(database)
        await _sweep(database)
        return {
            "held": longest * 1000,
            "held, CPU": worked * 1000,
            "waited": waited * 1000,
            "sweep held": sweep.longest * 1000,
            "sweep held, CPU": sweep.worked * 1000,
            "grown": _peak() - before,
        }
    finally:
        await database.aclose()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def holds(url: Callable[[], str], big: Big, found: Results, kind: str, rounds: int) -> None:
    for _ in range(rounds):
        for name in REQUESTS:
            command = [sys.executable, __file__, "--one", name, "--url", url()]
            asked = json.dumps(
                {
                    "token": big.token,
                    "scim_token": big.scim_token,
                    "configuration": str(big.configuration),
                    "group": str(big.group),
                    "users": [str(id) for id in big.users],
                }
            )
            told = subprocess.run(
                command, input=asked, stdout=subprocess.PIPE, text=True, check=True
            )
            for what, value in json.loads(told.stdout).items():
                found.note(BIG.format(kind=kind, name=name, what=what), value)


def _one(name: str, url: str) -> None:
    given = json.loads(sys.stdin.read())
    big = Big(
        given["token"],
        given["scim_token"],
        UUID(given["configuration"]),
        UUID(given["group"]),
        [UUID(id) for id in given["users"]],
    )
    print(json.dumps(asyncio.run(_held(url, name, big))))


@contextmanager
def _reading(target: Target, path: str, body: str = "") -> Iterator[None]:
    """One caller who reads the same, one time after the other: by SCIM, or if there is a `body` by RPC."""
    command = [sys.executable, str(BENCH / "big.py"), "--read", target.server.url, path, body]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=load.environment(target.organization.token if body else target.organization.scim_token),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise load.Failed(f"{path}: the reader ended")
        yield
    finally:
        process.stdin.close()
        process.wait()


def _read(url: str, path: str, body: str) -> None:
    """Reads until stdin is closed."""
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    connection = http.client.HTTPConnection(url.partition("://")[2], timeout=60)
    headers = {"authorization": f"Bearer {os.environ['LOAD_TOKEN']}"}
    asked = ("POST", path, body) if body else ("GET", f"/scim/v2{path}", None)
    if body:
        headers["content-type"] = "application/json"
    times, size = [], 0
    while not over.is_set():
        begun = time.perf_counter()
        connection.request(*asked, headers)
        answer = connection.getresponse()
        size = 0
        while piece := answer.read(1 << 16):
            size += len(piece)
        assert answer.status == 200, answer.status
        times.append(time.perf_counter() - begun)
        if len(times) == 1:
            print("begun", flush=True)
    took = f", {statistics.median(times):.2f} s each" if times else ""
    print(f"big: {path}: {len(times)} readings of {size} bytes{took}", file=sys.stderr)


def beside(
    target: Target, group: str, seconds: float, rounds: int, found: Results, kind: str
) -> None:
    for _ in range(rounds):
        for name, operation in (("update", UPDATE), ("get organization", ORGANIZATION)):
            alone = load.run(target, operation, "connect-proto", CALLERS, seconds)
            with _reading(target, f"/Groups/{group}"):
                there = load.run(target, operation, "connect-proto", CALLERS, seconds)
            told = BESIDE_READING.format(kind=kind, name=name)
            found.note(told.format(what="rate"), there.per_second / alone.per_second)
            found.note(told.format(what="p99"), there.p99 / alone.p99)
            found.note(told.format(what="memory, MB"), there.rss / 1e6)


def pages(target: Target, group: str, rounds: int, found: Results, kind: str) -> None:
    """The p50 of the last page, as times of the first one's, asked by turns."""
    connection = http.client.HTTPConnection(target.server.url.partition("://")[2], timeout=60)
    headers = {
        "authorization": f"Bearer {target.organization.token}",
        "content-type": "application/json",
    }

    def page(token: str) -> tuple[float, str]:
        body = json.dumps({"groupId": group, "pagination": {"pageSize": 100, "token": token}})
        begun = time.perf_counter()
        connection.request("POST", MEMBERS, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        passed = time.perf_counter() - begun
        if answer.status != 200:
            raise load.Failed(f"{MEMBERS}: {content!r}")
        return passed, json.loads(content).get("pagination", {}).get("nextToken", "")

    last = following = ""
    while following := page(following)[1]:
        last = following
    for _ in range(rounds):
        times = [(page("")[0], page(last)[0]) for _ in range(_PAGES)]
        first_p50, last_p50 = map(statistics.median, zip(*times, strict=True))
        found.note(LAST_PAGE.format(kind=kind), last_p50 / first_p50)


def beside_unindexed(
    target: Target, seconds: float, rounds: int, found: Results, kind: str
) -> None:
    id = target.organization.rows["organization"].read_text().split()[0]
    search = json.dumps({"organizationId": id, "filter": {"search": "nobody at all"}})
    readings = {name: (path, "") for name, path in UNINDEXED.items()}
    readings["members' search"] = SEARCH, search
    for _ in range(rounds):
        for name, (path, body) in readings.items():
            alone = load.run(target, ORGANIZATION, "connect-proto", 1, seconds)
            with _reading(target, path, body):
                there = load.run(target, ORGANIZATION, "connect-proto", 1, seconds)
            found.note(LONGER.format(kind=kind, name=name), there.p99 - alone.p99)


def _deny(url: str, configuration: UUID, ids: list[UUID]) -> None:
    """The provider has deactivated so many."""
    database = Database.open(url)
    try:
        with database._write_engine.begin() as connection:
            link, member = scim_user.table, user.table
            for start in range(0, len(ids), 500):
                some = ids[start : start + 500]
                mine = (link.c.configuration_id == configuration) & link.c.id.in_(some)
                connection.execute(sa.update(link).where(mine).values(active=False))
                suspended = sa.update(member).where(member.c.id.in_(some))
                connection.execute(suspended.values(status="suspended"))
    finally:
        database.close()


def _configuration_of(url: str, token: str) -> UUID:
    database = Database.open(url)

    async def look() -> UUID:
        visit = Visit(token)
        await ScimGate(database, system_clock).check(visit)
        assert visit.configuration is not None
        return visit.configuration.id

    try:
        return asyncio.run(look())
    finally:
        database.close()


def _seeded(url: str, folder: Path, arguments: argparse.Namespace) -> tuple[Organization, Big]:
    there = subjects.seeded(
        url, folder, CONFIGURATIONS, arguments.users, 5_000, (arguments.members,)
    )
    users = [UUID(line) for line in there.rows["everybody"].read_text().splitlines()]
    configuration = _configuration_of(url, there.scim_token)
    group = UUID(there.groups[arguments.members])
    # Spread over the group and the others, and none of those who are measured elsewhere.
    step = max(1, len(users) // max(1, arguments.denied))
    _deny(url, configuration, users[1::step][: arguments.denied])
    return there, Big(there.token, there.scim_token, configuration, group, users)


def measure_sqlite(folder: Path, arguments: argparse.Namespace, found: Results) -> None:
    file, copy = folder / "orgplane.db", folder / "copy.db"
    there, big = _seeded(f"sqlite:///{file}", folder, arguments)

    def fresh() -> str:
        for suffix in ("-wal", "-shm", ".lock"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(file, copy)
        return f"sqlite:///{copy}"

    if arguments.holds:
        holds(fresh, big, found, "SQLite", arguments.hold_rounds)
    if arguments.rounds:
        with subjects.orgplane(fresh(), folder) as server:
            target = Target(server, there)
            timing = arguments.seconds, arguments.rounds, found, "SQLite"
            pages(target, str(big.group), *timing[1:])
            beside(target, str(big.group), *timing)
            beside_unindexed(target, *timing)


def measure_postgresql(folder: Path, arguments: argparse.Namespace, found: Results) -> None:
    with subjects.cluster() as cluster:
        if cluster is None:
            return
        cluster.execute("CREATE DATABASE seeded")
        there, big = _seeded(cluster.database("seeded"), folder, arguments)

        def fresh() -> str:
            cluster.execute("DROP DATABASE IF EXISTS orgplane")
            return cluster.copy("orgplane")

        if arguments.holds:
            holds(fresh, big, found, "PostgreSQL", arguments.hold_rounds)
        if arguments.rounds:
            with subjects.orgplane(fresh(), folder) as server:
                target = Target(server, there, cluster.pid)
                timing = arguments.seconds, arguments.rounds, found, "PostgreSQL"
                pages(target, str(big.group), *timing[1:])
                beside(target, str(big.group), *timing)
                beside_unindexed(target, *timing)


def bars(found: Results) -> Iterator[Bar]:
    """Of what was measured."""
    for name, values in found.figures.items():
        match name.rpartition(": ")[2]:
            case "held" | "sweep held":
                yield Bar(name, 50, lambda _, values=values: values, " ms")  # type: ignore[misc]
            case "rate":
                yield Bar(name, 0.6, lambda _, values=values: values, "x", at_least=True)  # type: ignore[misc]
            case "p99":
                yield Bar(name, 3, lambda _, values=values: values, "x")  # type: ignore[misc]
            case "times the first":
                yield Bar(name, 1.3, lambda _, values=values: values, "x")  # type: ignore[misc]
            case "longer, ms":
                yield Bar(name, 30, lambda _, values=values: values, " ms")  # type: ignore[misc]


def short(folder: Path, found: Results) -> None:
    """A smaller organization, once, on SQLite: within a minute on a machine that is not busy."""
    names = ("users", "members", "denied", "seconds", "rounds", "holds")
    arguments = argparse.Namespace(
        **dict(zip(names, (20_000, 10_000, 0, 2.0, 1, False), strict=True))
    )
    own = folder / "big"
    own.mkdir()
    measure_sqlite(own, arguments, found)


def main(arguments: Sequence[str] | None = None) -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--denied", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hold-rounds", type=int, default=1)
    parser.add_argument("--no-holds", dest="holds", action="store_false")
    parser.add_argument("--postgresql", action="store_true")
    for name in ("--one", "--url"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        return _one(asked.one, asked.url)
    if asked.read:
        return _read(*asked.read)
    found = Results()
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as name:
        folder = Path(name)
        measure = measure_postgresql if asked.postgresql else measure_sqlite
        measure(folder, asked, found)
    print(*results.figures(found), sep="\n", end="\n\n")
    print(*(bar.row(found) for bar in bars(found)), sep="\n")
    return None


if __name__ == "__main__":
    main()
