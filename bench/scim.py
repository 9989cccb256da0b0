"""SCIM as an identity provider uses it: Orgplane, which keeps what it answers, beside scim2-server, which does not.

scim2-server (PyPI) holds its resources in memory, without permissions, audit trail or disk.
"""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import load
import orgplane
import results
import subjects
from build import PYTHON
from load import Http, Target
from results import Cell, Results
from servers import serving

USERS = 1_000
GROUPS = (10, 1_000, 10_000)
#: Users who are put into groups, one at a time.
POOL = 2_000

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def _body(schema: str, **fields: Any) -> str:
    return json.dumps({"schemas": [schema], **fields})


CREATE = Http(
    "POST",
    "/Users",
    _body(
        _USER,
        userName="{name}",
        externalId="{name}",
        active=True,
        name={"givenName": "Ada", "familyName": "Lovelace"},
        emails=[{"value": "ada@acme.example", "type": "work", "primary": True}],
    ),
    "{name}",
)
REQUESTS = {
    "SCIM create": CREATE,
    "SCIM get": Http("GET", "/Users/{id}", "", "{id}"),
    "SCIM patch": Http(
        "PATCH",
        "/Users/{id}",
        _body(_PATCH, Operations=[{"op": "replace", "path": "displayName", "value": "{name}"}]),
        "",
    ),
    "SCIM page": Http("GET", "/Users?count=100", "", '"totalResults"'),
}
FILTER = Http("GET", "/Users?filter=userName%20eq%20%22{id}%22", "", "{id}")


@dataclass(frozen=True)
class Provider:
    """A SCIM server, called at `base`, with its users' ids and names in files."""

    target: Target
    base: str

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        request = urllib.request.Request(
            self.target.server.url + self.base + path,
            method=method,
            data=None if body is None else body.encode(),
            headers={
                "Authorization": f"Bearer {self.target.token}",
                "Content-Type": "application/scim+json",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def run(self, request: Http, callers: int, seconds: float, requests: int = 0) -> load.Measured:
        asked = replace(request, path=self.base + request.path)
        return load.run(self.target, asked, "http", callers, seconds, requests)

    def users(self, count: int) -> list[tuple[str, str]]:
        """Ids and names of the first ones."""
        found: list[tuple[str, str]] = []
        while len(found) < count:
            page = self.ask(
                "GET", f"/Users?count=100&startIndex={len(found) + 1}&attributes=userName"
            )
            found += [(user["id"], user["userName"]) for user in page["Resources"]]
        return found[:count]


def measure(folder: Path, seconds: float, rounds: int, found: Results) -> None:
    with ExitStack() as stack:
        nobody = folder / "nobody"
        nobody.write_text("nobody")
        url = f"sqlite:///{folder}/scim.db"
        organization = subjects.seeded(url, folder, 1_001)
        server = stack.enter_context(subjects.orgplane(url, folder))
        id = organization.ids.read_text().split()[0]
        with orgplane.Client(url=server.url, token=organization.token) as client:
            token = client.organizations.scim_configurations.regenerate_token(
                scim_configuration_id=id
            ).token
        providers = {
            subjects.ORGPLANE: Provider(Target(server, token, nobody, http1=True), "/scim/v2")
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(PYTHON.parent / "scim2-server"), "--port", str(port), "--bearer-token", "x"]
        peer = stack.enter_context(serving(command, folder / "scim2.log", PYTHONUNBUFFERED="1"))
        peer = replace(peer, url=f"http://127.0.0.1:{port}")
        providers[subjects.SCIM2_SERVER] = Provider(Target(peer, "x", nobody, http1=True), "/v2")
        named: dict[str, Provider] = {}
        for name, provider in providers.items():
            provider.run(CREATE, 8, 0, USERS)
            users = provider.users(USERS)
            ids, names = (
                folder / f"{provider.base[1:3]}-ids",
                folder / f"{provider.base[1:3]}-names",
            )
            ids.write_text("\n".join(user[0] for user in users))
            names.write_text("\n".join(user[1] for user in users))
            providers[name] = replace(provider, target=replace(provider.target, ids=ids))
            named[name] = replace(provider, target=replace(provider.target, ids=names))
        for _ in range(rounds):
            for operation, request in (*REQUESTS.items(), ("SCIM filter", FILTER)):
                for name, provider in (named if request is FILTER else providers).items():
                    measured = provider.run(request, 32, seconds)
                    found.cells.setdefault(Cell(name, operation, "http/1.1", 32), []).append(
                        measured
                    )
        members(providers[subjects.ORGPLANE], folder, seconds, rounds, found)


def members(provider: Provider, folder: Path, seconds: float, rounds: int, found: Results) -> None:
    """Adds one member at a time to groups of different sizes, in turns."""
    provider.run(CREATE, 32, 0, max(GROUPS) + POOL)
    users = [id for id, _ in provider.users(max(GROUPS) + POOL)]
    pool = folder / "pool"
    pool.write_text("\n".join(users[-POOL:]))
    adding = replace(provider, target=replace(provider.target, ids=pool))
    groups = {
        size: provider.ask(
            "POST",
            "/Groups",
            _body(_GROUP, displayName=f"Of {size}", members=[{"value": id} for id in users[:size]]),
        )["id"]
        for size in GROUPS
    }
    operation = {"op": "add", "path": "members", "value": [{"value": "{id}"}]}
    body = _body(_PATCH, Operations=[operation])
    for _ in range(rounds):
        p50 = {
            size: adding.run(Http("PATCH", f"/Groups/{id}", body, ""), 1, seconds / 2).p50
            for size, id in groups.items()
        }
        for size in GROUPS:
            found.note(f"SCIM member add p50, a group of {size:,}", p50[size])
        found.note(results.MEMBERS, p50[GROUPS[-1]] / p50[GROUPS[0]])
