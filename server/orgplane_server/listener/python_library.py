"""Envoy loads Python as a shared library; not every installation of Python comes with one."""

from __future__ import annotations

import sys
from pathlib import Path

import find_libpython


def missing() -> str | None:
    """What to install so that there is a shared libpython; None when there is one."""
    if any(Path(path).name.startswith("libpython") for path in _existing()):
        return None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"this Python ({sys.executable}) comes without its shared library, libpython{version}; "
        f"on Debian or Ubuntu: apt-get install libpython{version}; "
        "with pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install"
    )


def _existing() -> list[str]:
    return [path for path in find_libpython.candidate_paths() if Path(path).exists()]
