"""Programs of other languages: tests that need one say so, and are skipped where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Set where a missing program, or a package that cannot be fetched, is a failure and no reason to skip.
REQUIRED = "ORGPLANE_TEST_TOOLCHAINS_REQUIRED"
#: Builds fetch and compile; only a failure waits so long.
PATIENCE = 300.0
#: Every package is kept by its own package manager, outside of the checkout.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("ORGPLANE_")},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
}


def need(*programs: str) -> None:
    """Skips the test where one of these is not installed."""
    for program in programs:
        if shutil.which(program, path=ENVIRONMENT["PATH"]) is None:
            missing(f"{program} is not installed")


def missing(reason: str) -> None:
    if REQUIRED in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a command prints; fails the test if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=ENVIRONMENT | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def fetch(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a command that fetches packages prints; skips the test where they cannot be had."""
    try:
        return run(*command, cwd=cwd, **variables)
    except AssertionError as error:
        missing(str(error))
        raise
