"""Alerts and dashboard, as Prometheus itself reads them: by promtool, of Debian's `prometheus`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import toolchains

OPERATE = Path(__file__).resolve().parents[2] / "docs" / "operate"
#: What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "5m", "$job": "orgplane"}

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def promtool() -> None:
    toolchains.need("promtool")


def test_the_alerts_are_rules() -> None:
    told = toolchains.run("promtool", "check", "rules", "prometheus-rules.yaml", cwd=OPERATE)
    assert "SUCCESS" in told


def test_the_alerts_come_when_they_should_and_not_before() -> None:
    toolchains.run("promtool", "test", "rules", "prometheus-rules-test.yaml", cwd=OPERATE)


def test_an_alert_that_comes_too_late_would_be_noticed(tmp_path: Path) -> None:
    for file in OPERATE.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    rules = tmp_path / "prometheus-rules.yaml"
    text = re.sub(r"(OrgplaneCredentialsEnd\n.*\n +for: )1h", r"\g<1>3h", rules.read_text())
    assert text != rules.read_text()
    rules.write_text(text)
    with pytest.raises(AssertionError, match="OrgplaneCredentialsEnd"):
        toolchains.run("promtool", "test", "rules", "prometheus-rules-test.yaml", cwd=tmp_path)


def test_every_panel_asks_in_promql(tmp_path: Path) -> None:
    dashboard = json.loads((OPERATE / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert asked
    rules = []
    for number, expression in enumerate(asked):
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)
        assert "$" not in expression
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "panels.json"  # which is YAML as well
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    told = toolchains.run("promtool", "check", "rules", str(file), cwd=tmp_path)
    assert f"{len(asked)} rules found" in told
