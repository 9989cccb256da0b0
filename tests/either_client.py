"""Tests that are the same for the client and for the one for asyncio."""

from __future__ import annotations

import inspect
from typing import Any


async def settled(answer: Any) -> Any:
    """What a call of either answers."""
    return await answer if inspect.isawaitable(answer) else answer
