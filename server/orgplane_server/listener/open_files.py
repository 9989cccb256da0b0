"""How many files the server's processes may have open: each connection is one."""

from __future__ import annotations

import resource

import structlog

#: What a process has open besides its clients' connections: the database, the log, Envoy's own.
RESERVED = 256

log = structlog.get_logger(__name__)


def allowed() -> int | None:
    """How many this process may have at most; None for any number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def connections(wanted: int) -> int:
    """As many as are wanted, or as there can be: warns if that is fewer.

    First this process's own limit, which those that it starts inherit, is raised as far as it may be.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):  # macOS has a lower limit than it says
            pass
    if soft == resource.RLIM_INFINITY or soft >= wanted + RESERVED:
        return wanted
    fitting = max(1, soft - RESERVED)
    log.warning(
        "too few open files are allowed for all connections",
        limit=soft,
        connections=fitting,
        remedy=f"LimitNOFILE={wanted + RESERVED} in the systemd unit, or ulimit -n {wanted + RESERVED}",
    )
    return fitting
