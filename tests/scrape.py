"""What a server tells Prometheus, as Prometheus' own parser reads it."""

from __future__ import annotations

from urllib.request import urlopen

from processes import PATIENCE, Server
from prometheus_client.parser import text_string_to_metric_families as families

#: How many requests there were.
COUNT = "orgplane_request_duration_seconds_count"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def address(server: Server) -> str:
    """Where a server that was just started with `--metrics-listen` tells it."""
    line = server.stdout.next() or ""
    assert line.startswith("metrics on http://127.0.0.1:")
    return line.removeprefix("metrics on ")


def scrape(metrics: str) -> Samples:
    with urlopen(metrics, timeout=PATIENCE) as answer:
        text = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


def sum_of(samples: Samples, name: str, **labels: str) -> float:
    return sum(
        value
        for (each, have), value in samples.items()
        if each == name and labels.items() <= dict(have).items()
    )
