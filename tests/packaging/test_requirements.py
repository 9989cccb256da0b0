"""What the distributions ask for, and what the server's lock file has of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import orgplane
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def project(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    return found


def asked(folder: str) -> list[Requirement]:
    found = project(folder)
    groups = (found["dependencies"], *found.get("optional-dependencies", {}).values())
    return [Requirement(each) for group in groups for each in group]


def ours(name: str) -> bool:
    return name == "orgplane" or name.startswith("orgplane-")


@pytest.mark.parametrize("folder", ["gen/api", "gen/grpc", "server", "client"])
def test_our_distributions_have_one_version_and_ask_for_each_other_in_it(folder: str) -> None:
    assert project(folder).get("version", orgplane.__version__) == orgplane.__version__
    for each in asked(folder):
        assert each.url is None
        if ours(each.name):
            assert str(each.specifier) == f"=={orgplane.__version__}"


def test_the_lock_has_a_version_that_fits_of_all_that_the_server_asks_for() -> None:
    text = (ROOT / "server/requirements.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+) .*\\\n +--hash=sha256:", text, re.MULTILINE))
    for each in (*asked("gen/api"), *asked("server")):
        if not ours(each.name):
            version = locked.get(canonicalize_name(each.name))
            assert version, f"{each.name} is not in the lock; run: make lock"
            assert version in each.specifier, f"{each} is not {version}; run: make lock"
