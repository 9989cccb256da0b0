from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: Every deviation, for documentation and tests.
DEVIATIONS: list[Callable[..., Any]] = []


def deviation(function: _Function) -> _Function:
    """Marks one."""
    DEVIATIONS.append(function)
    return function
