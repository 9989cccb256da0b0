"""Numbers as Prometheus has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector

from ..telemetry.families import FAMILIES
from ..telemetry.numbers import Numbers


def families(numbers: Numbers) -> Iterator[Metric]:
    """Those of our table; what has no labels is counted from 0 on."""
    for name, family in FAMILIES.items():
        found = [(labels, values) for (each, labels), values in numbers.items() if each == name]
        if not found and not family.labels and family.kind != "gauge":
            found = [((), [0.0] * (len(family.bounds) + 2 if family.bounds else 1))]
        if family.kind == "histogram":
            histogram = HistogramMetricFamily(name, family.help, labels=family.labels)
            bounds = [*map(str, family.bounds), "+Inf"]
            for labels, values in found:
                sums = accumulate(values[:-1])
                histogram.add_metric(labels, list(zip(bounds, sums, strict=True)), values[-1])
            yield histogram
            continue
        of_kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
        metric = of_kind(name, family.help, labels=family.labels)
        for labels, (value,) in found:
            metric.add_metric(labels, value)
        yield metric


def processes(pids: Iterable[tuple[str, int]]) -> Iterator[Metric]:
    """What the system knows of processes, by the names that they go by here."""
    found: dict[str, Metric] = {}
    for worker, pid in pids:
        for metric in ProcessCollector(pid=partial(int, pid), registry=None).collect():
            whole = found.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                whole.add_sample(sample.name, {"worker": worker}, sample.value)
    yield from found.values()
