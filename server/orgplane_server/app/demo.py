"""Something to try the server with: an organization with one configuration of each kind."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from ..domain.errors import FailedPrecondition
from ..domain.instant import Clock, system_clock
from ..domain.page import PageRequest
from ..scim.address import base_url
from ..store.engine.database import Database
from ..usecases.domain_verification import Vouching
from ..usecases.operator import Operations
from ..usecases.organization import Foundation
from ..usecases.paging import PageTokens
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.sealing import Sealer
from ..usecases.sso_configuration import SsoConfigurations


@dataclass(frozen=True, slots=True)
class Demo:
    """Ids of what is there to try, and the tokens that nobody can ask for again; empty what is not there (any more)."""

    organization_id: str
    user_id: str
    sso_configuration_id: str
    scim_configuration_id: str
    token: str
    scim_token: str = ""


async def create(database: Database, key: bytes, clock: Clock = system_clock) -> Demo | None:
    """Fills an empty database; one that was filled so before gets a new token.

    None, and nothing changed, for a database with anybody else's organizations.
    """
    sealer = Sealer(key)
    pages = PageTokens(sealer)
    try:
        founded = await Foundation(database, clock).create(
            "Demo", "admin@example.com", "Demo Admin", demo=True
        )
    except FailedPrecondition:
        return await _again(database, pages, sealer, clock)
    sso = await SsoConfigurations(database, clock, pages, sealer).create(
        founded.caller,
        founded.organization.id,
        client_id="orgplane-demo",
        client_secret="not-a-real-secret",
        issuer_url="https://idp.example.com",
        email_domains=("example.com",),
        display_name="Example identity provider",
    )
    await Vouching(database, clock).vouch(founded.organization.id, "example.com")
    issued = await ScimConfigurations(database, clock, pages).create(
        founded.caller, founded.organization.id, sso.id, name="Example provisioning"
    )
    return Demo(
        organization_id=str(founded.organization.id),
        user_id=str(founded.administrator.id),
        sso_configuration_id=str(sso.id),
        scim_configuration_id=str(issued.configuration.id),
        token=founded.token.reveal(),
        scim_token=issued.token.reveal(),
    )


async def _again(
    database: Database, pages: PageTokens, sealer: Sealer, clock: Clock
) -> Demo | None:
    let_in = await Operations(database, clock).create_demo_token()
    if let_in is None:
        return None
    caller, first = let_in.caller, PageRequest(size=1)
    sso = await SsoConfigurations(database, clock, pages, sealer).list(
        caller, caller.organization_id, first
    )
    scim = await ScimConfigurations(database, clock, pages).list(caller, first)
    return Demo(
        organization_id=str(caller.organization_id),
        user_id=str(caller.user_id),
        sso_configuration_id="".join(str(each.id) for each in sso.items),
        scim_configuration_id="".join(str(each.id) for each in scim.items),
        token=let_in.token.reveal(),
    )


def report(demo: Demo | None, path: Path) -> None:
    """Leaves the result where only this user can read it, for the process that prints it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(demo and asdict(demo), file)


def read_report(path: Path) -> Demo | None:
    values = json.loads(path.read_text())
    return values and Demo(**values)


def instructions(demo: Demo | None, url: str, public_url: str = "") -> str:
    """What to print: ids, tokens, what an identity provider is to be given, and three commands to try."""
    if demo is None:
        return (
            "The database already holds an organization: nothing was created for the demo.\n"
            "Another organization, with a token: orgplane-server create-organization --help\n"
            "A token for one that is there: orgplane-server create-token --help"
        )
    lines = [f"{name}: {value}" for name, value in asdict(demo).items() if value]
    lines.append(f"scim_base_url: {base_url(public_url or url)}")
    if demo.scim_configuration_id:
        if not demo.scim_token:
            lines += [
                "",
                "The SCIM token was shown when it was made. A new one, after which the old is dead:",
            ]
            lines.append(_orgplane(demo, url, "regenerate-token", demo.scim_configuration_id))
        lines += ["", "Try:", *_commands(demo, url)]
    return "\n".join(lines)


def in_one_line(demo: Demo | None, url: str, public_url: str = "") -> str:
    """The same for programs: one line of JSON, of which all values are strings."""
    told = {name: value for name, value in asdict(demo).items() if value} if demo else {}
    return json.dumps({"address": url, **told, "scim_base_url": base_url(public_url or url)})


def _commands(demo: Demo, url: str) -> list[str]:
    update = json.dumps({"scimConfigurationId": demo.scim_configuration_id, "enabled": False})
    method = f"{url}/gitpod.v1.OrganizationService/UpdateSCIMConfiguration"
    bearer = f"Authorization: Bearer {demo.token}"
    commands = (
        ["curl", "-sS", "-H", bearer, "--json", update, method],
        [
            *(_program("buf"), "curl", "--http2-prior-knowledge", "--protocol", "grpc"),
            *("-H", bearer, "-d", update, method),
        ],
    )
    return [
        *map(shlex.join, commands),
        _orgplane(demo, url, "update", demo.scim_configuration_id, "--enable"),
    ]


def _orgplane(demo: Demo, url: str, *arguments: str) -> str:
    environment = (f"ORGPLANE_URL={url}", f"ORGPLANE_TOKEN={demo.token}")
    return shlex.join(
        ["env", *environment, _program("orgplane"), "scim-configurations", *arguments]
    )


def _program(name: str) -> str:
    """Where it is installed beside the server; otherwise where the shell finds it."""
    path = Path(sys.executable).with_name(name)
    return str(path) if path.exists() else name
