"""What a proven domain and a policy cost a SCIM creation and UpdateSCIMConfiguration: CPU of a request, with and without them.

    PYTHONPATH=tests python bench/licenses.py [--requests 200] [--rounds 10] [--calls]

All in one process, on SQLite, by turns; of the rounds the least counts, as what disturbs one only ever adds. What the same costs
in another organization without them tells how far two such figures may be apart for no reason. On a busy machine that is more
than is looked for: `--calls` counts the functions that are called, on all threads, instead of microseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import math
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from types import FrameType

import structlog
from clock import SettableClock
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Foundation
from orgplane_server.usecases.organization_policies import Policies
from provisioning import administration, serving
from pyqwest import Client
from scim_client import Scim

#: What the requests may cost with a domain and a policy, of what they cost without.
LIMIT = 1.02
KINDS = ("without", "again", "with")
UPDATE = "http://orgplane.test/gitpod.v1.OrganizationService/UpdateSCIMConfiguration"

Request = Callable[[int], Awaitable[None]]


async def organization(
    database: Database, clock: SettableClock, http: Client, domain: str, *, licensed: bool
) -> dict[str, Request]:
    """Both requests, in an organization of its own; the number makes each another."""
    owner = await Foundation(database, clock).create("Acme", f"ada@{domain}")
    admin, id = administration(database, clock, owner), owner.organization.id
    configuration, token = await admin.create(email_domains=(domain,) if licensed else ())
    if licensed:
        await admin.vouch(domain)
        policies = Policies(database, clock)
        await policies.update(owner.caller, id, {"restrict_account_creation_to_scim": True})
    scim = Scim(http, token)
    headers = {
        "authorization": f"Bearer {owner.token.reveal()}",
        "content-type": "application/json",
    }

    async def create(number: int) -> None:
        name = f"user{number:06}@{domain}"
        await scim.create_user(name, emails=[{"value": name, "type": "work"}])

    async def update(number: int) -> None:
        body = {"scimConfigurationId": str(configuration.id), "name": f"name {number:06}"}
        answer = await http.post(UPDATE, headers=headers, content=json.dumps(body).encode())
        assert answer.status == 200, answer.text()

    return {"SCIM create": create, "UpdateSCIMConfiguration": update}


Cost = Callable[[], float]


def microseconds() -> float:
    """Of CPU, of all threads."""
    return time.process_time() * 1e6


def counting() -> Cost:
    """How many functions were called since, by this thread and those that begin from now on."""
    calls = itertools.count()

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        if event in ("call", "c_call"):
            next(calls)

    threading.setprofile(note)
    sys.setprofile(note)
    return lambda: next(calls)


async def taken(cost: Cost, request: Request, first: int, requests: int) -> float:
    """What a request costs, of so many."""
    begun = cost()
    for number in range(first, first + requests):
        await request(number)
    return (cost() - begun) / requests


async def compare(
    name: str, what: str, rounds: int, cost: Callable[[str, int], Awaitable[float]]
) -> None:
    """Prints the least that a request costs of each kind, by turns; `cost` is asked with a kind and the round, `what` is said of the last."""
    least = dict.fromkeys(KINDS, math.inf)
    for each in range(rounds + 1):  # the first warms up
        for kind in KINDS if each % 2 else reversed(KINDS):
            found = await cost(kind, each)
            if each:
                least[kind] = min(least[kind], found)
    _, again, ratio = (least[kind] / least["without"] for kind in KINDS)
    print(
        f"{name:26}{least['without']:6.0f} without, as often again {again:.3f} of that; {what} {ratio:.3f} "
        f"(at most {LIMIT}: {'met' if ratio <= LIMIT else 'not met'})"
    )


async def measure(folder: str, requests: int, rounds: int, cost: Cost) -> None:
    database, clock = Database.open(f"sqlite:///{folder}/orgplane.db"), SettableClock()
    async with serving(database, clock) as http:
        kinds = {
            kind: await organization(database, clock, http, domain, licensed=kind == "with")
            for kind, domain in (
                ("without", "globex.example"),
                ("again", "hooli.example"),
                ("with", "acme.example"),
            )
        }
        for name in kinds["with"]:
            await compare(
                name,
                "with",
                rounds,
                lambda kind, each, name=name: taken(
                    cost, kinds[kind][name], each * requests, requests
                ),
            )
    await database.aclose()


def main() -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--calls", action="store_true")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="orgplane-bench-") as folder:
        cost = counting() if arguments.calls else microseconds
        asyncio.run(measure(folder, arguments.requests, arguments.rounds, cost))


if __name__ == "__main__":
    main()
