"""A process that was forked from one with a client has none of the HTTP library's threads: its calls would never end."""

from __future__ import annotations

import os

from ..errors import ConfigurationError

_started = False
_cut_off = False


def start() -> None:
    """Before connections are made. Raises ConfigurationError where none can be."""
    global _started
    check()
    _started = True


def check() -> None:
    """Before a call. Raises ConfigurationError where none can be made."""
    if _cut_off:
        raise ConfigurationError(
            "this process was forked from one that had a client already, so its calls would never end: make "
            "clients after the fork only, or start processes by `spawn`"
        )


def _forked() -> None:
    global _cut_off
    _cut_off = _started


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
