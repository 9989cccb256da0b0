"""What `make dist` makes, once for all tests of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import toolchains
from distributions import build, checkout


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toolchains.need("git", "make")
    return checkout(tmp_path_factory.mktemp("builder"), 0o022)


@pytest.fixture(scope="session")
def built(builder: Path) -> dict[str, Path]:
    return build(builder)
