"""The vendor's own clients, unchanged, each in an environment of its own, against the real server.

Each runs a program of tests/vendor that tries what Orgplane serves and says what came of it. The table in
docs/compatibility.md is what they said: `make compatibility` writes it, and a test compares it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import threading
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import toolchains
from installation import Installation, installation
from processes import PATIENCE, Server, create_organization, run
from second_member import provision_member

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests/vendor"
PAGE = ROOT / "docs/compatibility.md"
BEGIN, END = "<!-- written by make compatibility -->\n", "<!-- end -->\n"
#: Set by `make compatibility`.
WRITE = "ORGPLANE_WRITE_COMPATIBILITY"


@dataclass(frozen=True)
class Tool:
    """A client: the package it comes in, what calls it, how it is shown."""

    title: str
    package: str
    program: str
    arguments: tuple[str, ...] = ()

    def command(self) -> list[str | Path]:
        """What starts the program; installs the package first, once, into a folder of the checkout."""
        folder = ROOT / ".vendor" / self.package.replace("/", "-")
        stamp = folder / "installed"
        if self.program.endswith(".mjs"):
            toolchains.need("node", "npm")
            if not stamp.exists():
                folder.mkdir(parents=True, exist_ok=True)
                toolchains.fetch("npm", "install", "--prefix", folder, self.package, cwd=folder)
                stamp.touch()
            # Node looks for packages beside the program.
            return ["node", shutil.copy(PROGRAMS / self.program, folder)]
        if not stamp.exists():
            venv.create(folder, with_pip=True, clear=True)
            pip = (folder / "bin/python", "-m", "pip", "install", "--quiet")
            toolchains.fetch(*pip, self.package, cwd=folder)
            stamp.touch()
        return [folder / "bin/python", PROGRAMS / self.program]


TOOLS = (
    Tool("Python SDK 0.11, sync", "gitpod-sdk==0.11.0", "gitpod_sdk_0_11.py", ("sync",)),
    Tool("Python SDK 0.11, async", "gitpod-sdk==0.11.0", "gitpod_sdk_0_11.py", ("async",)),
    Tool("Python SDK 1.2", "gitpod-sdk==1.2.0", "gitpod_sdk_1_2.py"),
    Tool("TypeScript SDK 0.6", "@gitpod/sdk@0.6.0", "gitpod_sdk_npm.mjs"),
)


@pytest.fixture(params=TOOLS, ids=lambda tool: tool.title)
def tool(request: pytest.FixtureRequest) -> Tool:
    tool: Tool = request.param
    return tool


@pytest.fixture(scope="session")
def results() -> dict[str, Mapping[str, str]]:
    """What each tool said, by its title."""
    return {}


@contextlib.contextmanager
def refusing_once(server: Server) -> Iterator[str]:
    """The URL of a server that answers its first connection with 503, as one that stops does."""
    body = b'{"code":"unavailable","message":"the server is stopping; ask another one"}'
    refusal = (
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)
    )

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):  # a tool that has no second try
            refuse_once()

    def refuse_once() -> None:
        with listener.accept()[0] as refused:
            refused.recv(65536)
            refused.sendall(refusal)
        with (
            listener.accept()[0] as caller,
            socket.create_connection(("127.0.0.1", server.port)) as called,
        ):
            answers = threading.Thread(target=pump, args=(called, caller))
            answers.start()
            pump(caller, called)
            answers.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server that signs people in."""
    with installation(tmp_path_factory.mktemp("sign-in")) as installed:
        yield installed


def signed_in(installed: Installation) -> str:
    """What a tool is told of Bea, who is on her way back from the provider."""
    login = f"{installed.url}/login/sso/{installed.sso_configuration_id}"
    page = installed.browser().open(f"{login}?return_to={installed.url}/healthz")
    told = {
        "baseUrl": f"{installed.url}/api",
        "publicUrl": installed.url,
        "ssoConfigurationId": installed.sso_configuration_id,
        "email": "bea@acme.example",
        "userId": installed.bea,
        "exchangeToken": page.url.partition("#exchange_token=")[2],
    }
    return json.dumps(told)


def test_the_tool_works(
    tool: Tool,
    server: Server,
    database_url: str,
    installed: Installation,
    results: dict[str, Mapping[str, str]],
) -> None:
    command = tool.command()
    organization = create_organization(database_url)
    member_id = provision_member(server, organization)
    # Where no DNS would prove it.
    vouched = run(
        *("verify-domain", "--organization", organization.organization_id),
        *("--domain", "acme.internal", "--private", "--shared-domains"),
        *("--database-url", database_url),
    )
    assert vouched.returncode == 0, vouched.stderr
    with refusing_once(server) as flaky_url:
        printed = toolchains.run(
            *(*command, f"{server.url}/api", flaky_url, organization.token),
            *(organization.organization_id, organization.user_id, member_id),
            *(signed_in(installed), *tool.arguments),
            cwd=PROGRAMS,
        )
    results[tool.title] = json.loads(printed)
    failed = {what: said for what, said in results[tool.title].items() if said != "works"}
    assert not failed
    assert len(results[tool.title]) > 20


def test_the_table_is_what_they_said(results: dict[str, Mapping[str, str]]) -> None:
    if missing := [tool.title for tool in TOOLS if tool.title not in results]:
        pytest.skip(f"these did not run: {', '.join(missing)}")
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    committed, _, after = rest.partition(END)
    said = table(results)
    if WRITE in os.environ:
        PAGE.write_text(f"{before}{BEGIN}{said}{END}{after}")
    else:
        assert committed == said, "run: make compatibility"


def table(results: Mapping[str, Mapping[str, str]]) -> str:
    titles = [tool.title for tool in TOOLS]
    tried = dict.fromkeys(what for title in titles for what in results[title])
    # RPCs by their names, then what goes beyond a single call
    rows = sorted(tried, key=lambda what: (not what[0].isupper(), what))
    cells = [
        ["what", *titles],
        ["---"] * (len(titles) + 1),
        *([row, *(results[title].get(row, "-") for title in titles)] for row in rows),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)
