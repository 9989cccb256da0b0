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
from prometheus_client.samples import Exemplar

from ..telemetry.families import FAMILIES
from ..telemetry.numbers import Exemplars, Numbers


def families(numbers: Numbers, exemplars: Exemplars | None = None) -> Iterator[Metric]:
    """Those of our table; what has no labels is counted from 0 on."""
    for name, family in FAMILIES.items():
        found = [(labels, values) for (each, labels), values in numbers.items() if each == name]
        if not found and not family.labels and family.kind != "gauge":
            found = [((), [0.0] * (len(family.bounds) + 2 if family.bounds else 1))]
        if family.kind == "histogram":
            histogram = HistogramMetricFamily(name, family.help, labels=family.labels)
            bounds = [*map(str, family.bounds), "+Inf"]
            for labels, values in found:
                sums = zip(bounds, accumulate(values[:-1]), strict=True)
                buckets = [
                    (bound, count, _exemplar((name, labels, number), exemplars or {}))
                    for number, (bound, count) in enumerate(sums)
                ]
                histogram.add_metric(labels, buckets, values[-1])  # type: ignore[arg-type]
            yield histogram
            continue
        of_kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
        metric = of_kind(name, family.help, labels=family.labels)
        for labels, (value,) in found:
            metric.add_metric(labels, value)
        yield metric


def _exemplar(key: tuple[str, tuple[str, ...], int], exemplars: Exemplars) -> Exemplar | None:
    """Told by OpenMetrics alone."""
    if (found := exemplars.get(key)) is None:
        return None
    ids = {"trace_id": found.trace_id, "span_id": found.span_id}
    return Exemplar(ids, found.value, found.at)


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
