"""The checkout as somebody else has it, and what `make dist` makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import toolchains

ROOT = Path(__file__).resolve().parents[1]


def checkout(folder: Path, umask: int) -> Path:
    """The files of the checkout in another folder, as somebody with this umask has them."""
    before = os.umask(umask)
    try:
        for name in tracked():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    finally:
        os.umask(before)
    return folder


def tracked(*paths: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def build(folder: Path) -> dict[str, Path]:
    """What `make dist` puts into `dist`, by name."""
    toolchains.fetch(
        "make", "dist", f"VENV={sys.prefix}", cwd=folder, SOURCE_DATE_EPOCH="1767225600"
    )
    return {file.name: file for file in (folder / "dist").iterdir()}
