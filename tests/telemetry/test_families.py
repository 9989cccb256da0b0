"""Whoever names a number names one that there is: the documentation, the alerts, the dashboard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from orgplane_server.listener.exposition import families, processes
from orgplane_server.telemetry.families import FAMILIES

DOCS = Path(__file__).resolve().parents[2] / "docs"
OF_PROCESSES = {
    sample.name for metric in processes([("0", os.getpid())]) for sample in metric.samples
}
#: What Prometheus itself adds.
TARGET = {"job", "instance"}


def labels() -> dict[str, set[str]]:
    """Of every series that the server tells."""
    found = {name: {"worker"} for name in OF_PROCESSES}
    for name, family in FAMILIES.items():
        if family.kind == "histogram":
            for suffix, more in (("bucket", {"le"}), ("count", set()), ("sum", set())):
                found[f"{name}_{suffix}"] = {*family.labels, *more}
        else:
            found[name] = set(family.labels)
    return found


def expressions() -> Iterator[tuple[str, str]]:
    rules = yaml.safe_load((DOCS / "operate/prometheus-rules.yaml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"]
            yield rule["alert"], rule["expr"]
    dashboard: dict[str, Any] = json.loads((DOCS / "operate/grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("title", "expression"), list(expressions()))
def test_alerts_and_panels_ask_for_what_is_told(title: str, expression: str) -> None:
    asked = re.findall(r"\b((?:orgplane|process)_\w+)(?:\{([^}]*)\})?", expression)
    assert asked
    known = labels()
    for name, selectors in asked:
        assert name in known
        assert set(re.findall(r'(\w+)\s*[!=]~?"', selectors)) <= known[name] | TARGET
    for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
        wanted = {each.strip() for each in grouped.split(",")}
        assert all(wanted <= known[name] | TARGET for name, _ in asked)
    assert expression.count("(") == expression.count(")")


def test_the_documentation_has_a_row_for_each_with_its_labels() -> None:
    rows = re.findall(
        r"^\| `(orgplane_\w+)` \| (\w+) \|([^|]*)\| .+ \|$",
        (DOCS / "metrics.md").read_text(),
        re.MULTILINE,
    )
    told = {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    assert told == {name: (family.kind, family.labels) for name, family in FAMILIES.items()}


def test_the_documentation_names_what_is_told_of_processes() -> None:
    (row,) = re.findall(r"^\| `process_\*`.*$", (DOCS / "metrics.md").read_text(), re.MULTILINE)
    named = {f"process_{name}" for name in re.findall(r"`(\w+)`", row)} - {"process_worker"}
    assert named == OF_PROCESSES


def test_what_has_no_labels_is_counted_from_0_and_a_gauge_is_not_made_up() -> None:
    told = {sample.name for metric in families({}) for sample in metric.samples}
    assert "orgplane_transaction_changes_count" in told
    assert "orgplane_certificate_end_timestamp_seconds" not in told
