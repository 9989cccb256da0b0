"""The chart: as Helm renders it, against the schemas of Kubernetes and of the Prometheus operator."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orgplane
import pytest
import toolchains
import yaml
from orgplane_server.setting_sources import gather

CHART = Path(__file__).resolve().parents[2] / "docs" / "helm" / "orgplane"
#: The oldest that the chart admits, and a newer one.
KUBERNETES = ("1.25", "1.37")
OPERATOR_MODELS = "@kubernetes-models/prometheus-operator@6.0.0"
EVERYTHING: dict[str, Any] = {
    "publicUrl": "https://id.example.com",
    "image": {"digest": f"sha256:{'0' * 64}"},
    "imagePullSecrets": [{"name": "registry"}],
    "settings": {
        "trusted-proxies": ["10.0.0.0/8", "fd00::1"],
        "max-request-bytes": 1048576,
        "scim-log-bodies": True,
        "audit-retention": "90d",
    },
    "extraEnv": [
        {
            "name": "ORGPLANE_SMTP_URL",
            "valueFrom": {"secretKeyRef": {"name": "orgplane-smtp", "key": "url"}},
        }
    ],
    "podAnnotations": {"a": "b"},
    "podLabels": {"c": "d"},
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "e", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "serviceAccountName": "orgplane",
    "service": {"annotations": {"f": "g"}},
    "ingress": {"enabled": True, "className": "nginx", "annotations": {"h": "i"}},
    "grpcIngress": {"enabled": True},
    "metrics": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True},
    },
}
LEAST = {"publicUrl": "https://id.example.com"}


def test_the_chart_has_the_version_of_what_it_installs() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (orgplane.__version__,) * 2


def helm(*arguments: str, values: dict[str, Any], folder: Path) -> str:
    toolchains.need("helm")
    file = folder / "values.json"
    file.write_text(json.dumps(values))
    # one that was built of its source takes Kubernetes to be 1.20
    asked = [*arguments, str(CHART), "--values", str(file), "--kube-version", "1.37.0"]
    return toolchains.run("helm", *asked, cwd=folder)


def rendered(values: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    told = helm("template", "id", values=values, folder=folder)
    return [each for each in yaml.safe_load_all(told) if each]


@pytest.mark.long
@pytest.mark.parametrize("values", [LEAST, EVERYTHING], ids=["least", "everything"])
def test_helm_has_nothing_against_it(values: dict[str, Any], tmp_path: Path) -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", values=values, folder=tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("values", [LEAST, EVERYTHING], ids=["least", "everything"])
def test_what_it_renders_is_what_kubernetes_takes(values: dict[str, Any], tmp_path: Path) -> None:
    try:
        import kubernetes_validate
    except ImportError:
        toolchains.missing("kubernetes-validate is not installed")
    kinds = []
    for each in rendered(values, tmp_path):
        kinds.append(each["kind"])
        if not each["apiVersion"].startswith("monitoring.coreos.com/"):
            for version in KUBERNETES:
                kubernetes_validate.validate(each, version, strict=True)
    usual = ["Deployment", "PodDisruptionBudget", "Service", "Service"]
    more = ["Ingress", "Ingress", "PrometheusRule", "ServiceMonitor"]
    assert sorted(kinds) == sorted(usual + (more if values is EVERYTHING else []))


@pytest.mark.long
def test_what_it_renders_is_what_the_prometheus_operator_takes(tmp_path: Path) -> None:
    toolchains.need("node", "npm")
    toolchains.fetch("npm", "install", "--silent", OPERATOR_MODELS, cwd=tmp_path)
    (tmp_path / "documents.json").write_text(json.dumps(rendered(EVERYTHING, tmp_path)))
    (tmp_path / "validate.mjs").write_text("""
import { readFileSync } from "node:fs";
import * as models from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
for (const each of JSON.parse(readFileSync("documents.json")))
  if (each.apiVersion === "monitoring.coreos.com/v1") {
    new models[each.kind](each).validate();
    console.log(each.kind);
  }
""")
    told = toolchains.run("node", "validate.mjs", cwd=tmp_path)
    assert sorted(told.split()) == ["PrometheusRule", "ServiceMonitor"]


@pytest.mark.long
def test_the_variables_that_it_sets_are_settings_in_force(tmp_path: Path) -> None:
    (deployment,) = (
        each for each in rendered(EVERYTHING, tmp_path) if each["kind"] == "Deployment"
    )
    pod = deployment["spec"]["template"]["spec"]
    (container,), (migration,) = pod["containers"], pod["initContainers"]
    assert container["env"] == migration["env"]
    variables = {
        each["name"]: each.get("value", "smtp://mail.example.com") for each in container["env"]
    }
    variables |= {
        "ORGPLANE_DATABASE_URL": "postgresql://db/orgplane",
        "ORGPLANE_MAIL_FROM": "a@b.example",
    }
    found = gather({}, None, variables)
    assert found.doubts == ()
    assert sorted(found.sources.values()) == sorted(variables)
    assert found.settings.max_request_bytes == 1048576
    assert found.settings.trusted_proxies == "10.0.0.0/8,fd00::1"
    assert found.settings.drain_grace < pod["terminationGracePeriodSeconds"] - 15


@pytest.mark.long
@pytest.mark.parametrize(
    "values",
    [
        {"replica": 2},
        {"settings": {"database-url": "postgresql://ada:secret@db/orgplane"}},
        {"settings": {"logFormat": "json"}},
        {"image": {"digest": "latest"}},
        {"publicUrl": ""},
    ],
)
def test_values_that_mean_nothing_are_refused(values: dict[str, Any], tmp_path: Path) -> None:
    toolchains.need("helm")
    with pytest.raises(AssertionError, match=next(iter(values))):
        rendered(LEAST | values, tmp_path)


@pytest.mark.long
def test_it_is_packaged_whole(tmp_path: Path) -> None:
    toolchains.need("helm")
    toolchains.run("helm", "package", str(CHART), cwd=tmp_path)
    (archive,) = tmp_path.glob("orgplane-*.tgz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    rules = tmp_path / "orgplane/files/prometheus-rules.yaml"
    assert rules.read_bytes() == (CHART / "files/prometheus-rules.yaml").read_bytes()
