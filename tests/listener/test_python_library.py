from __future__ import annotations

import sys
from pathlib import Path

import find_libpython
import pytest
from orgplane_server.listener import python_library


@pytest.mark.parametrize("found", [[], ["/nowhere/libpython3.so"], [sys.executable]])
def test_a_python_without_its_shared_library_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    monkeypatch.setattr(find_libpython, "candidate_paths", lambda: iter(found))
    message = python_library.missing()
    assert message is not None
    assert f"apt-get install libpython{sys.version_info.major}.{sys.version_info.minor}" in message


def test_a_python_with_it_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "libpython3.so.1.0"
    library.touch()
    monkeypatch.setattr(find_libpython, "candidate_paths", lambda: iter([str(library)]))
    assert python_library.missing() is None
