"""What the rounds gave, and the bars that they are held against."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import subjects
from load import Measured


@dataclass(frozen=True)
class Cell:
    """One thing that is measured in every round."""

    subject: str
    operation: str
    protocol: str
    callers: int


@dataclass
class Results:
    """Cells by round, and figures that were taken otherwise, by name."""

    cells: dict[Cell, list[Measured]] = field(default_factory=dict)
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)

    def ratio(self, above: Cell, below: Cell, of: str = "per_second") -> float | None:
        """The median of the rounds' ratios: what disturbed a round disturbed both."""
        if above not in self.cells or below not in self.cells:
            return None
        return statistics.median(
            getattr(one, of) / getattr(other, of)
            for one, other in zip(self.cells[above], self.cells[below], strict=True)
        )

    def figure(self, name: str) -> float | None:
        return statistics.median(self.figures[name]) if name in self.figures else None


@dataclass(frozen=True)
class Bar:
    """What we want: a value that is at least, or at most, a limit. None: could not be measured."""

    name: str
    limit: float
    value: Callable[[Results], float | None]
    unit: str = "x"
    at_least: bool = False

    def verdict(self, results: Results) -> str:
        value = self.value(results)
        if value is None:
            return "not measured"
        met = value >= self.limit if self.at_least else value <= self.limit
        return f"{value:.2f}{self.unit}  {'met' if met else 'NOT MET'}"

    @property
    def wanted(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"


def _update(subject: str, protocol: str = "connect-proto", callers: int = 32) -> Cell:
    return Cell(subject, "update", protocol, callers)


_PEERS = {
    subjects.GO_POSTGRESQL: _update(subjects.GO_POSTGRESQL),
    subjects.GRPCIO: _update(subjects.GRPCIO, "grpc"),
    subjects.FASTAPI: _update(subjects.FASTAPI, "connect-json"),
}


def _against(ours: str, peer: str, limit: float) -> Bar:
    """Updates per second, each in the protocol that it is good at."""
    return Bar(
        f"update/s, {ours} : {peer}",
        limit,
        lambda results: results.ratio(_update(ours), _PEERS[peer]),
        at_least=True,
    )


def _above_floor(protocol: str) -> Bar:
    cells = _update(subjects.ORGPLANE, protocol), _update(subjects.FLOOR, protocol)
    return Bar(
        f"update's CPU : the floor's, {protocol}",
        2.2,
        lambda results: results.ratio(*cells, of="cpu"),
    )


def _grpc(operation: str) -> Bar:
    grpc, connect = (
        Cell(subjects.ORGPLANE, operation, protocol, 32) for protocol in ("grpc", "connect-proto")
    )
    return Bar(
        f"{operation}'s CPU, gRPC : Connect binary",
        1.6,
        lambda results: results.ratio(grpc, connect, of="cpu"),
    )


def _figure(name: str, limit: float, unit: str) -> Bar:
    return Bar(name, limit, lambda results: results.figure(name), unit)


GROWTH = "{operation} p50, 1,000,000 rows : 1,000"
START = "ready after"
RSS = "resident when ready"
RSS_GROWTH = "resident, grown over 100,000 requests"

BARS = [
    _against(subjects.ORGPLANE, subjects.GO_POSTGRESQL, 1.3),
    _against(subjects.ORGPLANE, subjects.GRPCIO, 3),
    Bar(
        f"update's p99, {subjects.ORGPLANE} : {subjects.GO_POSTGRESQL}",
        1,
        lambda results: results.ratio(
            _update(subjects.ORGPLANE), _PEERS[subjects.GO_POSTGRESQL], of="p99"
        ),
    ),
    _against(subjects.ORGPLANE_POSTGRESQL, subjects.GO_POSTGRESQL, 0.5),
    _against(subjects.ORGPLANE_POSTGRESQL, subjects.GRPCIO, 2),
    _against(subjects.ORGPLANE_POSTGRESQL, subjects.FASTAPI, 2),
    *(_above_floor(name) for name in ("connect-json", "connect-proto", "grpc", "grpc-web")),
    _grpc("update"),
    _grpc("get"),
    *(_figure(GROWTH.format(operation=name), 1.3, "x") for name in ("update", "get", "list")),
    _figure(START, 1.5, " s"),
    _figure(RSS, 200, " MB"),
    _figure(RSS_GROWTH, 5, " %"),
]


def table(results: Results) -> Iterable[str]:
    yield (
        f"{'':22}{'':8}{'':14}{'callers':>8}{'per s':>8}{'(least-most)':>15}"
        f"{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>8}{'DB us':>7}{'RSS MB':>8}"
    )
    for cell, rounds in results.cells.items():

        def median(of: str, rounds: list[Measured] = rounds) -> float:
            return statistics.median(getattr(each, of) for each in rounds)

        rates = [each.per_second for each in rounds]
        spread = f"({min(rates):.0f}-{max(rates):.0f})"
        yield (
            f"{cell.subject:22}{cell.operation:8}{cell.protocol:14}{cell.callers:8}"
            f"{median('per_second'):8.0f}{spread:>15}{median('p50'):9.2f}{median('p99'):9.1f}"
            f"{median('cpu'):8.0f}{median('database_cpu'):7.0f}{median('rss') / 1e6:8.0f}"
        )


def figures(results: Results) -> Iterable[str]:
    for name, values in results.figures.items():
        spread = f"({min(values):.2f}-{max(values):.2f})" if len(values) > 1 else ""
        yield f"{name:52}{statistics.median(values):10.2f}  {spread}"


def verdicts(results: Results) -> Iterable[str]:
    for bar in BARS:
        yield f"{bar.name:52}{bar.wanted:>18}   {bar.verdict(results)}"
