"""The server that users of the client test with, and retries that take no time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from orgplane._core import retry
from orgplane.testing import orgplane_organization, orgplane_server

__all__ = ["orgplane_organization", "orgplane_server"]


@pytest.fixture
def jitter() -> float:
    """What chance adds to a delay, of 0 to 1."""
    return 0.5


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch, jitter: float) -> list[float]:
    """The delays that were asked for, without the waiting."""
    asked: list[float] = []
    original: Callable[..., float | None] = retry.delay

    def delay(error: BaseException, attempt: int, read_only: bool) -> float | None:
        wanted = original(error, attempt, read_only, jitter=lambda: jitter)
        if wanted is None:
            return None
        asked.append(wanted)
        return 0.0

    monkeypatch.setattr(retry, "delay", delay)
    return asked
