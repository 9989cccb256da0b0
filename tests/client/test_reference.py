"""The reference: every public name explains itself, and a reference is made of that."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: `orgplane.types` comes along with `orgplane`, which names it.
MODULES = (
    "orgplane",
    "orgplane.cursors",
    "orgplane.errors",
    "orgplane.resources",
    "orgplane.testing",
)


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """What a module offers: its `__all__`, or what it defines itself."""
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]
    for name in names:
        yield f"{module.__name__}.{name}", getattr(module, name)


def undocumented(path: str, thing: object) -> Iterator[str]:
    if not inspect.getdoc(thing):
        yield path
    if not inspect.isclass(thing):
        return
    if dataclasses.is_dataclass(thing) and (thing.__doc__ or "").startswith(f"{thing.__name__}("):
        yield path  # made by dataclasses, and says nothing
    if "__doc__" not in vars(thing):
        yield path  # inherited
    for name, member in vars(thing).items():
        member = getattr(member, "__func__", getattr(member, "fget", member))
        if not name.startswith("_") and inspect.isfunction(member) and not member.__doc__:
            yield f"{path}.{name}"


@pytest.mark.parametrize("name", [*MODULES, "orgplane.types"])
def test_every_public_name_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    things = dict(public(module))
    assert things
    missing = {
        found
        for path, thing in things.items()
        if inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)
        for found in undocumented(path, thing)
    }
    assert not missing, sorted(missing)


def test_the_reference_is_made_of_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pdoc", "--output-directory", tmp_path, *MODULES],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    pages = {
        file.relative_to(tmp_path).as_posix(): re.sub("<[^>]*>", "", file.read_text())
        for file in tmp_path.rglob("*.html")
    }
    assert "class Client:" in pages["orgplane.html"]
    assert "regenerate_token" in pages["orgplane/resources.html"]
    assert "class SCIMConfiguration(" in pages["orgplane/types.html"]
    assert "def create_organization" in pages["orgplane/testing.html"]


def test_make_documents_the_same_modules() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert f"build/docs {' '.join(MODULES)}\n" in makefile
