"""What this process tells of itself to the one that adds up."""

from __future__ import annotations

from ..telemetry.call_counts import call_counts
from ..telemetry.numbers import Numbers
from .build import Server


class Measures:
    """Numbers of a running server, and of what it stands on."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def numbers(self, also_stored: bool) -> Numbers:
        """With `also_stored`, those that are asked of the database are among them."""
        return call_counts.numbers()
