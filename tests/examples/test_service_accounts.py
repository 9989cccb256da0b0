"""The examples of docs/service-accounts.md: as a pipeline, a cluster and Terraform take them, against a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orgplane
import pytest
import toolchains
import yaml
from processes import Organization, Server

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/service-accounts.md"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def blocks(section: str, language: str) -> list[str]:
    """What is shown in a section."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", DOCUMENT.read_text(), re.M | re.S)
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


@pytest.fixture
def machine(client: orgplane.Client) -> str:
    """The id of a service account."""
    until = datetime.now(UTC) + timedelta(days=1)
    return client.service_accounts.create(name="deploy", valid_until=until).service_account.id


@pytest.fixture
def token(client: orgplane.Client, machine: str) -> str:
    """Of the service account, for an hour."""
    return client.service_accounts.create_access_token(service_account_id=machine).token


def members(printed: str) -> list[str]:
    return [each["email"] for each in json.loads(printed)]


def test_each_step_of_the_workflow_does_what_it_is_there_for(
    server: Server, token: str, tmp_path: Path
) -> None:
    (job,) = yaml.safe_load(blocks("GitHub Actions", "yaml")[0])["jobs"].values()
    secret = "${{ secrets.ORGPLANE_TOKEN }}"
    assert job["env"]["ORGPLANE_TOKEN"] == secret
    install, *steps = (each["run"] for each in job["steps"])
    assert install == "pip install orgplane"  # which has been done
    for step in steps:
        (tmp_path / "step.sh").write_text(step)
        printed = toolchains.run(
            *("bash", "-e", tmp_path / "step.sh"),
            cwd=tmp_path,
            **{**job["env"], "ORGPLANE_URL": server.url, "ORGPLANE_TOKEN": token},
        )
        assert members(printed) == ["ada@acme.example"]


@pytest.mark.long
def test_the_workflow_is_one(tmp_path: Path) -> None:
    toolchains.need("go")
    toolchains.fetch("go", "install", ACTIONLINT, cwd=tmp_path, GOBIN=str(tmp_path / "bin"))
    (tmp_path / "workflow.yaml").write_text(blocks("GitHub Actions", "yaml")[0])
    assert toolchains.run(tmp_path / "bin/actionlint", "workflow.yaml", cwd=tmp_path) == ""


def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(blocks("Kubernetes", "yaml")[0]))


def test_the_container_calls_with_what_the_manifests_give_it(
    server: Server, token: str, tmp_path: Path
) -> None:
    secret, job = documents()
    kept = {(secret["metadata"]["name"], key): token for key in secret["stringData"]}
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    environment = {}
    for each in container["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        environment[each["name"]] = (
            kept[reference["name"], reference["key"]] if reference else each["value"]
        )
    assert environment["ORGPLANE_TOKEN"] == token
    environment["ORGPLANE_URL"] = server.url
    assert members(toolchains.run(*container["command"], cwd=tmp_path, **environment)) == [
        "ada@acme.example"
    ]


@pytest.mark.long
def test_the_manifests_are_what_kubernetes_takes() -> None:
    try:
        import kubernetes_validate
    except ImportError:
        toolchains.missing("kubernetes-validate is not installed")
    assert [each["kind"] for each in documents()] == ["Secret", "CronJob"]
    for each in documents():
        kubernetes_validate.validate(each, "1.37", strict=True)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform, which no registry has")
def test_terraform_applies_it_with_a_token_that_is_kept_nowhere(
    server: Server,
    organization: Organization,
    client: orgplane.Client,
    machine: str,
    tmp_path: Path,
) -> None:
    (configuration,) = blocks("Terraform", "terraform")
    (tmp_path / "main.tf").write_text(configuration)
    lines = [line[2:] for line in blocks("Terraform", "console")[0].splitlines()]
    assert lines[-1].endswith("terraform apply")
    variables = {
        "ORGPLANE_URL": server.url,
        "ORGPLANE_TOKEN": organization.token,
        "SERVICE_ACCOUNT_ID": machine,
        "TF_CLI_CONFIG_FILE": "",
        "CHECKPOINT_DISABLE": "1",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=toolchains.ENVIRONMENT | variables,
        input="yes\n",
        capture_output=True,
        text=True,
        timeout=toolchains.PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert client.groups.retrieve(name="Platform").group.name == "Platform"
    state = (tmp_path / "terraform.tfstate").read_text()
    assert "orgplane_service_" not in state + done.stdout + done.stderr
    event = next(iter(client.events.list(resource_types=["RESOURCE_TYPE_GROUP"])))
    assert event.actor.id == machine
