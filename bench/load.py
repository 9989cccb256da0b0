"""Runs the load driver against a server, and adds what the server spent meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import servers
from build import LOAD
from servers import Server


@dataclass(frozen=True)
class Target:
    """A server, what serves it (PostgreSQL's first process), and whom its callers ask for what."""

    server: Server
    token: str
    ids: Path
    database_pid: int | None = None
    http1: bool = False
    constant: bool = False


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds, CPU in microseconds a request, `rss` in bytes."""

    per_second: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    rss: int
    requests: int


def run(
    target: Target, operation: str, protocol: str, callers: int, seconds: float, requests: int = 0
) -> Measured:
    """So many callers for so long, or until there were so many requests. Every call must succeed."""
    flags = [
        *("-url", target.server.url, "-ids", str(target.ids)),
        *("-operation", operation, "-protocol", protocol, "-callers", str(callers)),
        *("-duration", f"{seconds}s", "-requests", str(requests)),
        *(["-http1"] if target.http1 else []),
        *(["-constant"] if target.constant else []),
    ]
    database = target.database_pid
    before = servers.cpu_seconds(target.server.pid)
    database_before = servers.cpu_seconds(database) if database else 0.0
    done = subprocess.run(
        [str(LOAD), *flags],
        env={**os.environ, "LOAD_TOKEN": target.token},
        check=True,
        stdout=subprocess.PIPE,
    )
    spent = servers.cpu_seconds(target.server.pid) - before
    database_spent = servers.cpu_seconds(database) - database_before if database else 0.0
    seen = json.loads(done.stdout)
    if seen["failures"]:
        raise SystemExit(
            f"{operation} by {protocol}: {seen['failures']} calls failed: {seen['failure']}"
        )
    return Measured(
        per_second=seen["per_second"],
        p50=seen["p50"],
        p99=seen["p99"],
        cpu=spent * 1e6 / seen["requests"],
        database_cpu=database_spent * 1e6 / seen["requests"],
        rss=servers.largest_rss(target.server.pid),
        requests=seen["requests"],
    )
