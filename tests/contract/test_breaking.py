"""A change that breaks clients is noticed: `generate.py --breaking` in a repository of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCIM = "proto/gitpod/v1/scim_configuration.proto"
SERVICE = "proto/gitpod/v1/organization_service.proto"
REASONS = "proto/orgplane/v1/error_reason.proto"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The protos and what judges them, committed."""
    for name in ("buf.yaml", "buf.lock", "gen/generate.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    commit(tmp_path)
    return tmp_path


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True)


def commit(repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "x")


def judge(repository: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, repository / "gen/generate.py", "--breaking"],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SCIM, "optional bool enabled = 3;", "optional string enabled = 3;"),
        (SCIM, "optional bool enabled = 3;", "optional bool enabled = 30;"),
        (SCIM, "optional bool enabled = 3;", "optional bool active = 3;"),
        (SCIM, "  optional bool enabled = 3;\n", ""),
        (SERVICE, "rpc RegenerateSCIMToken(", "rpc RenewSCIMToken("),
        (REASONS, "ERROR_REASON_INTERNAL = 24", "ERROR_REASON_INTERNAL = 2400"),
    ],
    ids=["type", "number", "name", "gone", "an RPC", "an enumeration"],
)
def test_what_breaks_clients_is_refused(repository: Path, file: str, old: str, new: str) -> None:
    text = (repository / file).read_text()
    assert text.count(old) == 1
    (repository / file).write_text(text.replace(old, new))
    judged = judge(repository)
    assert judged.returncode != 0
    assert file.removeprefix("proto/") in judged.stdout + judged.stderr


def test_what_only_adds_is_fine(repository: Path) -> None:
    text = (repository / SCIM).read_text()
    old = "optional bool enabled = 3;"
    (repository / SCIM).write_text(text.replace(old, f"{old}\n  optional string note = 77;"))
    judged = judge(repository)
    assert judged.returncode == 0, judged.stdout + judged.stderr
