"""The image's description, as far as it can be looked at without building it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import toolchains
import yaml
from orgplane_server.setting_sources import gather

CONTAINER = Path(__file__).resolve().parents[2] / "docs" / "container"


def variables_of_the_image() -> dict[str, str]:
    return dict(re.findall(r"(ORGPLANE_[A-Z_]+)=(\S+)", (CONTAINER / "Dockerfile").read_text()))


def variables_of_compose() -> dict[str, str]:
    """As they are without a file .env, but for the password."""
    composed = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    given: dict[str, str] = composed["services"]["orgplane"]["environment"]
    return {
        name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", re.sub(r"\$\{\w+:\?[^}]+\}", "secret", value))
        for name, value in given.items()
    }


@pytest.mark.parametrize("variables", [variables_of_the_image, variables_of_compose])
def test_what_is_set_in_a_container_is_a_setting(variables: Callable[[], dict[str, str]]) -> None:
    given = variables()
    assert given
    found = gather({}, None, given)
    assert found.doubts == ()
    assert sorted(found.sources.values()) == sorted(given)


@pytest.mark.long
def test_compose_takes_it(tmp_path: Path) -> None:
    """By the library that `docker compose` reads it with; it leaves the variables of .env alone."""
    toolchains.need("compose-go")
    file = shutil.copy(CONTAINER / "compose.yaml", tmp_path)
    toolchains.run("compose-go", "-no-interpolation", file, cwd=tmp_path)


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="no hadolint")
def test_hadolint_has_nothing_against_it() -> None:
    done = subprocess.run(
        ["hadolint", str(CONTAINER / "Dockerfile")], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
