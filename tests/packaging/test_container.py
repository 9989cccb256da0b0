"""The image's description, as far as it can be looked at without building it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from orgplane_server.setting_sources import gather

CONTAINER = Path(__file__).resolve().parents[2] / "docs" / "container"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
def test_what_is_set_in_a_container_is_a_setting(name: str) -> None:
    text = (CONTAINER / name).read_text()
    variables = dict(re.findall(r"(ORGPLANE_[A-Z_]+)(?:=|: )(\S+)", text))
    assert variables
    found = gather({}, None, variables)
    assert found.doubts == ()
    assert sorted(found.sources.values()) == sorted(variables)


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="no hadolint")
def test_hadolint_has_nothing_against_it() -> None:
    done = subprocess.run(
        ["hadolint", str(CONTAINER / "Dockerfile")], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
