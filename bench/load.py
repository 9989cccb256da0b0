"""Runs the load driver against a server, and adds what the server spent meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import servers
from build import LOAD
from operations import SCIM, Operation
from servers import Server


class Failed(Exception):
    """A call was not answered as it must be: nothing that was measured counts."""


@dataclass(frozen=True)
class Organization:
    """Whom callers pose as, and files of what they ask for; `groups` are ids by number of members."""

    token: str
    scim_token: str
    rows: Mapping[str, Path]
    groups: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """A server, what serves it (PostgreSQL's first process), and the organization it has.

    A `constant` one does not look at requests. `scim` is where its /Users is.
    """

    server: Server
    organization: Organization
    database_pid: int | None = None
    http1: bool = False
    constant: bool = False
    scim: str = "/scim/v2"


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
    target: Target,
    operation: Operation,
    protocol: str,
    callers: int,
    seconds: float,
    *,
    warmup: float = 0.2,
    requests: int = 0,
) -> Measured:
    """So many callers for so long, or until there were so many requests. Raises Failed."""
    organization, database = target.organization, target.database_pid
    token = organization.scim_token if protocol == SCIM else organization.token
    before = servers.cpu_seconds(target.server.pid)
    database_before = servers.cpu_seconds(database) if database else 0.0
    done = subprocess.run(
        [str(LOAD), *flags(target, operation, protocol, callers, seconds, warmup, requests)],
        env=environment(token),
        stdout=subprocess.PIPE,
    )
    if done.returncode:
        raise Failed(f"{operation.name} by {protocol}: the driver ended with {done.returncode}")
    spent = servers.cpu_seconds(target.server.pid) - before
    database_spent = servers.cpu_seconds(database) - database_before if database else 0.0
    seen = json.loads(done.stdout)
    if seen["failures"] or not seen["measured"]:
        raise Failed(f"{operation.name} by {protocol}: {seen['failure'] or 'nothing was measured'}")
    return Measured(
        per_second=seen["per_second"],
        p50=seen["p50"],
        p99=seen["p99"],
        cpu=spent * 1e6 / seen["requests"],
        database_cpu=database_spent * 1e6 / seen["requests"],
        rss=servers.largest_rss(target.server.pid),
        requests=seen["requests"],
    )


def flags(
    target: Target,
    operation: Operation,
    protocol: str,
    callers: int,
    seconds: float,
    warmup: float = 0.2,
    requests: int = 0,
) -> list[str]:
    """What the driver is told, beside the token in its environment."""
    organization = target.organization
    return [
        *("-url", target.server.url + (target.scim if protocol == SCIM else "")),
        *("-operation", operation.asked, "-rows", str(organization.rows[operation.rows])),
        *("-group", organization.groups.get(operation.group, "")),
        *("-protocol", protocol, "-callers", str(callers)),
        *("-warmup", f"{warmup}s", "-duration", f"{seconds}s", "-requests", str(requests)),
        *(["-http1"] if target.http1 else []),
        *(["-constant"] if target.constant else []),
    ]


def environment(token: str) -> dict[str, str]:
    return {**os.environ, "LOAD_TOKEN": token}
