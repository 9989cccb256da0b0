"""What we want of the results. A bar is decided by the median of the rounds; their spread stands beside it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import subjects
from cells import MANY, OURS, PEERS, grown
from operations import (
    ADD_MEMBER,
    CREATE_USER,
    GET,
    PAGE_USERS,
    PROTOCOLS,
    RPCS,
    SCIM,
    UPDATE,
    USERS,
    Operation,
)
from results import Cell, Results, spread
from seed import WITH_ROLE

START = "ready after"
RSS = "resident when ready"
#: With the number of requests that there were.
RSS_GROWTH = "resident, grown over {requests:,} requests"
#: Where a caller is, whose p99 and what the server's memory is then, as times of what it was alone.
ALONE = "alone"
EQUALS = "beside 16 who ask for the same"
STRANGERS = "beside 16 with heavy bodies and no token"
HEAVY = "beside 16 with heavy bodies"
GIVEN_UP = "beside streams given up at once"
APART = "beside streams given up after 2 ms"
AFTER = "after streams given up"
P99 = "p99 {where}, ms"
TIMES = "p99 {where} : equals"
MEMORY = "memory {where} : alone"


@dataclass(frozen=True)
class Bar:
    """A value a round that shall be at least, or at most, a limit; without a limit it is only shown."""

    name: str
    limit: float | None
    values: Callable[[Results], Sequence[float]]
    unit: str = "x"
    at_least: bool = False

    def row(self, results: Results) -> str:
        values = self.values(results)
        wanted = ""
        if self.limit is not None:
            wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"
        if not values:
            return f"{self.name:58}{wanted:>16}            not measured"
        value = statistics.median(values)
        return (
            f"{self.name:58}{wanted:>16}{f'{value:.2f}{self.unit}':>12}  {self._verdict(value):8}"
            f"{spread(values):>17}  {len(values)} round{'s' if len(values) > 1 else ''}"
        )

    def _verdict(self, value: float) -> str:
        if self.limit is None:
            return ""
        met = value >= self.limit if self.at_least else value <= self.limit
        return "met" if met else "NOT MET"


def _ratio(name: str, limit: float | None, above: Cell, below: Cell, of: str) -> Bar:
    return Bar(
        name,
        limit,
        lambda results: results.ratios(above, below, of),
        at_least=of == "per_second",
    )


def _update(subject: str) -> Cell:
    return Cell(subject, UPDATE, PEERS[subject], MANY)


def _update_rate(ours: str, peer: str, limit: float | None) -> Bar:
    """Each in the protocol that it is good at."""
    name = f"update/s, {ours} : {peer}"
    return _ratio(name, limit, _update(ours), _update(peer), "per_second")


def _create_rate(ours: str, peer: str, limit: float | None) -> Bar:
    above, below = (Cell(subject, CREATE_USER, SCIM, MANY) for subject in (ours, peer))
    return _ratio(f"create user/s, {ours} : {peer}", limit, above, below, "per_second")


def _above_floor(protocol: str) -> Bar:
    ours, floor = (
        Cell(subject, UPDATE, protocol, MANY) for subject in (subjects.ORGPLANE, subjects.FLOOR)
    )
    return _ratio(f"update's CPU : the floor's, {protocol}", 2.2, ours, floor, "cpu")


def _grpc(operation: Operation) -> Bar:
    grpc, connect = (
        Cell(subjects.ORGPLANE, operation, name, MANY) for name in ("grpc", "connect-proto")
    )
    return _ratio(f"{operation.name}'s CPU, gRPC : Connect binary", 1.6, grpc, connect, "cpu")


def _member(subject: str) -> Bar:
    large, small = (Cell(subject, ADD_MEMBER[size], SCIM, 1) for size in (10_000, 10))
    return _ratio(f"add a member, p50 at 10,000 : 10, {subject}", 1.5, large, small, "p50")


def _member_with_role(subject: str) -> Bar:
    given, none = (Cell(subject, ADD_MEMBER[size], SCIM, 1) for size in (WITH_ROLE, 10))
    return _ratio(f"add a member, p50 with a role : without, {subject}", 1.3, given, none, "p50")


def _page(subject: str) -> Bar:
    cell = Cell(subject, PAGE_USERS, SCIM, MANY)
    return Bar(
        f"page of 100 users, CPU, {subject}",
        8,
        lambda results: [value / 1000 for value in results.values(cell, "cpu")],
        " ms",
    )


def _growth(operation: Operation, sizes: Sequence[int]) -> Bar:
    small, large = (grown(size, operation) for size in (sizes[0], sizes[-1]))
    name = f"{operation.name}, p50 at {sizes[-1]:,} rows : {sizes[0]:,}"
    return _ratio(name, 1.3, large, small, "p50")


def _figure(name: str, limit: float, unit: str) -> Bar:
    return Bar(name, limit, lambda results: results.figures.get(name, []), unit)


def bars(results: Results) -> Iterable[Bar]:
    ours, on_postgresql = OURS
    yield _update_rate(ours, subjects.GO_POSTGRESQL, 1.3)
    yield _update_rate(ours, subjects.GRPCIO, 3)
    yield _ratio(
        f"update's p99, {ours} : {subjects.GO_POSTGRESQL}",
        1,
        _update(ours),
        _update(subjects.GO_POSTGRESQL),
        "p99",
    )
    yield _update_rate(on_postgresql, subjects.GO_POSTGRESQL, 0.5)
    yield _update_rate(on_postgresql, subjects.GRPCIO, 2)
    yield _update_rate(on_postgresql, subjects.FASTAPI, 2)
    yield _update_rate(ours, subjects.GO, None)
    yield from map(_above_floor, PROTOCOLS)
    yield from map(_grpc, (UPDATE, GET))
    yield _create_rate(ours, subjects.SCIM2_SERVER, 3)
    yield _create_rate(on_postgresql, subjects.SCIM2_SERVER, 3)
    yield _create_rate(ours, subjects.GO, 0.7)
    yield _create_rate(on_postgresql, subjects.GO_POSTGRESQL, 0.7)
    yield _create_rate(ours, subjects.GO_POSTGRESQL, None)
    yield from map(_member, OURS)
    yield from map(_member_with_role, OURS)
    yield from map(_page, OURS)
    if results.sizes:
        yield from (_growth(operation, results.sizes) for operation in (*RPCS, *USERS))
    yield _figure(START, 1.5, " s")
    yield _figure(RSS, 200, " MB")
    yield _figure(_grown(results), 5, " %")
    yield from beside()


def beside() -> Iterable[Bar]:
    """Of what a caller notices of others."""
    for where in (STRANGERS, HEAVY):
        yield _figure(P99.format(where=where), 50, " ms")
        yield _figure(TIMES.format(where=where), 3, "x")
    for where, memory in ((GIVEN_UP, 1.5), (APART, 1.5), (AFTER, 1.1)):
        yield _figure(P99.format(where=where), 100, " ms")
        yield _figure(MEMORY.format(where=where), memory, "x")


def _grown(results: Results) -> str:
    """The name of the figure, which has what was really asked."""
    start = RSS_GROWTH.partition("{")[0]
    named = (name for name in results.figures if name.startswith(start))
    return next(named, RSS_GROWTH.format(requests=100_000))


def verdicts(results: Results) -> Iterable[str]:
    return (bar.row(results) for bar in bars(results))
