"""The recipes of docs/buf-curl.md, entered one after the other; every RPC that is served has one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import toolchains
from mail_server import mail_server
from name_server import NameServer, challenge
from processes import PATIENCE, Server, create_organization, sqlite_url
from second_member import provision_member

TEXT = (Path(__file__).resolve().parents[2] / "docs/buf-curl.md").read_text()
#: The shell's preparation, of which readers fill the variables in.
RPC = next(line for line in TEXT.splitlines() if line.startswith("rpc() {"))
LIST = next(line for line in TEXT.splitlines() if "--list-methods" in line).removeprefix("$ ")


@dataclass(frozen=True)
class Recipe:
    rpc: str
    command: str

    @property
    def is_cut(self) -> bool:
        """Whether it is a stream that the recipe itself ends."""
        return "--timeout" in self.command


def recipes() -> Iterator[Recipe]:
    for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE):
            if command.startswith("rpc "):
                yield Recipe(command.split()[1], command.strip())


RECIPES = tuple(recipes())
#: What a service account calls, with the token of the call before.
BY_SERVICE_ACCOUNTS = {"gitpod.v1.ServiceAccountService/CreateServiceAccountToken"}


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory, name_server_process: NameServer
) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each recipe did, by its RPC; and what `--list-methods` said, by itself."""
    folder = tmp_path_factory.mktemp("buf-curl")
    url = sqlite_url(folder)
    dns = f"127.0.0.1:{name_server_process.port}"
    with (
        mail_server() as mail,
        Server(
            *("--database-url", url, "--dns-resolvers", dns),
            *("--smtp-url", mail.url(), "--mail-from", "id@acme.example"),
            *("--allow-organization-creation", "--public-url", "https://id.acme.test"),
        ) as server,
    ):
        organization = create_organization(url)
        variables = {
            "URL": server.url,
            "TOKEN": organization.token,
            "ORGANIZATION_ID": organization.organization_id,
            "USER_ID": organization.user_id,
            "EXCHANGE_TOKEN": "orgplane_exchange_...",
            "CODE": "orgplane_code_...",
            "VERIFIER": "v" * 43,
            "SIGN_IN_ID": organization.user_id,
            "MEMBER_ID": provision_member(server, organization),
        }
        access_token = ""
        done = {LIST: enter(LIST, folder, variables)}
        for recipe in RECIPES:
            own = {"TOKEN": access_token} if recipe.rpc in BY_SERVICE_ACCOUNTS else {}
            done[recipe.rpc] = enter(f"{RPC}\n{recipe.command}", folder, variables | own)
            for message in messages(done[recipe.rpc].stdout):
                variables.update(ids(message))
                if recipe.rpc.endswith("/CreateServiceAccountAccessToken"):
                    access_token = message["token"]
                if recipe.rpc.endswith("/CreateOrganization"):
                    variables["NEW_ORGANIZATION_ID"] = variables["ORGANIZATION_ID"]
                    variables["ORGANIZATION_ID"] = organization.organization_id
                if (invite := message.get("invite")) is not None:
                    variables["INVITE_ID"] = invite["inviteId"]
                if (claim := message.get("domainVerification")) is not None:
                    name_server_process.publish(challenge(claim["verificationToken"]))
    return done


def enter(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env=toolchains.ENVIRONMENT | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def messages(printed: str) -> Iterator[Any]:
    """The JSON values in a text, one after the other."""
    decoder = json.JSONDecoder()
    printed = printed.lstrip()
    while printed:
        value, end = decoder.raw_decode(printed)
        yield value
        printed = printed[end:].lstrip()


def ids(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A variable for everything with an id: `SCIM_CONFIGURATION_ID` for that of a `scimConfiguration`."""
    if isinstance(value, list):
        for item in value:
            yield from ids(item, re.sub(r"ies$", "y", name).removesuffix("s"))
    elif isinstance(value, dict):
        if name and isinstance(value.get("id"), str):
            yield re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_ID", value["id"]
        for key, item in value.items():
            yield from ids(item, key)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.rpc)
def test_the_recipe_works(
    done: dict[str, subprocess.CompletedProcess[str]], recipe: Recipe
) -> None:
    result = done[recipe.rpc]
    if recipe.rpc.endswith("/ExchangeToken") or recipe.rpc.startswith(
        "orgplane.v1.SignInService/"
    ):  # there is no browser
        assert "unauthenticated" in result.stderr
    elif recipe.rpc.startswith("orgplane.v1.OperatorService/"):  # it is a member's token
        assert "permission_denied" in result.stderr
    elif recipe.is_cut:
        assert list(messages(result.stdout)), result.stderr
        assert "deadline_exceeded" in result.stderr
    elif recipe.rpc.endswith("Deprovisioning") or recipe.rpc.startswith(
        "orgplane.v1.SessionService/"
    ):  # nothing is paused
        assert "failed_precondition" in result.stderr
    else:
        assert result.returncode == 0, result.stderr
        assert len(list(messages(result.stdout))) == 1


def test_every_rpc_that_is_served_has_one_recipe(
    done: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    served = {name for name in done[LIST].stdout.split() if not name.startswith("grpc.reflection.")}
    assert len(served) > 20
    assert sorted(recipe.rpc for recipe in RECIPES) == sorted(served)
