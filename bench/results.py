"""What the rounds gave, as tables."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import operations
from load import Measured
from operations import Operation


@dataclass(frozen=True)
class Cell:
    """One thing that is measured in a round."""

    subject: str
    operation: Operation
    protocol: str
    callers: int


Round = Mapping[Cell, Measured]


@dataclass
class Results:
    """Rounds by part, and figures that were taken otherwise, by name.

    `sizes` are those of growth. `left_out` is how often there was no time for a row of the table.
    """

    parts: dict[str, list[Round]] = field(default_factory=dict)
    figures: dict[str, list[float]] = field(default_factory=dict)
    sizes: Sequence[int] = ()
    left_out: int = 0

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)

    def values(self, cell: Cell, of: str) -> list[float]:
        """One value a round, of the parts that have the cell."""
        return [
            getattr(seen[cell], of)
            for rounds in self.parts.values()
            for seen in rounds
            if cell in seen
        ]

    def ratios(self, above: Cell, below: Cell, of: str) -> list[float]:
        """One ratio a round, of parts that have both: what disturbed a round disturbed both."""
        return [
            getattr(seen[above], of) / getattr(seen[below], of)
            for rounds in self.parts.values()
            for seen in rounds
            if above in seen and below in seen
        ]


def spread(values: Sequence[float], digits: int = 2) -> str:
    return f"({min(values):.{digits}f} - {max(values):.{digits}f})" if len(values) > 1 else ""


def table(results: Results) -> Iterable[str]:
    """Medians of each cell's rounds; of the throughput the spread as well."""
    cells = {cell: None for rounds in results.parts.values() for seen in rounds for cell in seen}
    width = max((len(cell.subject) for cell in cells), default=0)
    yield (
        f"{'':15}{'callers':>8}  {'':{width}}  {'':14}{'per s':>8}{'(least - most)':>17}"
        f"{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>8}{'DB us':>7}{'RSS MB':>8}"
    )
    before = None
    for cell in sorted(
        cells, key=lambda cell: (operations.ALL.index(cell.operation), cell.callers)
    ):
        if before not in (None, (cell.operation, cell.callers)):
            yield ""
        before = cell.operation, cell.callers

        def median(of: str, cell: Cell = cell) -> float:
            return statistics.median(results.values(cell, of))

        yield (
            f"{cell.operation.name:15}{cell.callers:8}  {cell.subject:{width}}  {cell.protocol:14}"
            f"{median('per_second'):8.0f}{spread(results.values(cell, 'per_second'), 0):>17}"
            f"{median('p50'):9.2f}{median('p99'):9.1f}"
            f"{median('cpu'):8.0f}{median('database_cpu'):7.0f}{median('rss') / 1e6:8.0f}"
        )


def figures(results: Results) -> Iterable[str]:
    for name, values in results.figures.items():
        yield f"{name:76}{statistics.median(values):10.2f}  {spread(values)}"


def rounds(results: Results) -> Iterable[str]:
    """How many there were of each part."""
    parts: dict[int, list[str]] = {}
    for name, each in results.parts.items():
        parts.setdefault(len(each), []).append(name)
    for number, names in parts.items():
        yield f"{number} rounds of: {'; '.join(names)}"
    if results.left_out:
        yield f"For {results.left_out} measurements of the other rows there was no time."
