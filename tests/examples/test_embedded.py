"""docs/embedded.md: a server for somebody's tests, in each language as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import toolchains

DOCUMENT = Path(__file__).parents[2] / "docs/embedded.md"


def written(language: str, folder: Path) -> Path:
    """The file that the first block of a language is, by its first line."""
    found = re.search(rf"^```{language}\n// (\S+)\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    assert found, language
    file = folder / found[1]
    file.write_text(found[2])
    return file


def test_in_go(tmp_path: Path) -> None:
    toolchains.need("go")
    written("go", tmp_path)
    (tmp_path / "go.mod").write_text("module example.com/tests\n\ngo 1.24\n")
    assert toolchains.run("go", "test", "./...", cwd=tmp_path).startswith("ok")


def test_in_typescript(tmp_path: Path) -> None:
    toolchains.need("node", "npm")
    file = written("ts", tmp_path)
    toolchains.fetch("npm", "install", "--no-save", "tsx", cwd=tmp_path)
    told = toolchains.run("node", "--import", "tsx", "--test", file.name, cwd=tmp_path)
    assert "# pass 1" in told or "pass 1" in told


@pytest.mark.long
def test_in_java(tmp_path: Path) -> None:
    toolchains.need("java")
    toolchains.run("java", written("java", tmp_path).name, cwd=tmp_path)
