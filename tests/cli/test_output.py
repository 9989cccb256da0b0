"""What is printed: the API's own JSON for scripts, safe and lazy tables for people."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orgplane
import pytest
import yaml
from command_line import COMMAND, CommandLine
from orgplane.testing import Organization

SCIM = orgplane.types.SCIMConfiguration


def answered(organization: Organization, rpc: str, **request: Any) -> Any:
    """What the server's own JSON says."""
    call = urllib.request.Request(
        f"{organization.url}/gitpod.v1.OrganizationService/{rpc}",
        json.dumps(request).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {organization.token}"},
    )
    with urllib.request.urlopen(call) as response:
        return json.load(response)


@pytest.mark.parametrize("load", [json.loads, yaml.safe_load], ids=["json", "yaml"])
class TestForScripts:
    def output(self, load: Any) -> tuple[str, str]:
        return "--output", "json" if load is json.loads else "yaml"

    def test_an_object_is_what_the_server_answers(
        self, run: CommandLine, organization: Organization, scim: SCIM, load: Any
    ) -> None:
        text = run.ok("scim-configurations", "get", scim.id, *self.output(load))
        answer = answered(organization, "GetSCIMConfiguration", scimConfigurationId=scim.id)
        assert load(text) == answer["scimConfiguration"]
        assert list(load(text)) == list(answer["scimConfiguration"])

    def test_a_list_is_what_the_server_answers(
        self, run: CommandLine, organization: Organization, scim: SCIM, load: Any
    ) -> None:
        text = run.ok("sso-configurations", "list", *self.output(load))
        answer = answered(
            organization,
            "ListSSOConfigurations",
            organizationId=organization.organization_id,
            pagination={"pageSize": 100},
        )
        assert load(text) == answer["ssoConfigurations"]

    def test_an_empty_list_is_a_list(self, run_afresh: CommandLine, load: Any) -> None:
        assert load(run_afresh.ok("scim-configurations", "list", *self.output(load))) == []

    def test_a_name_of_any_characters_survives(
        self, run: CommandLine, scim: SCIM, load: Any
    ) -> None:
        name = "\x1b[31mred\x9b \u202e 日本 é 'quoted' \"double\" # no: comment"
        run.ok("scim-configurations", "update", scim.id, "--name", name)
        text = run.ok("scim-configurations", "get", scim.id, *self.output(load))
        assert load(text)["name"] == name
        assert not {"\x1b", "\x9b"} & set(text)

    def test_options_may_come_first(self, run: CommandLine, scim: SCIM, load: Any) -> None:
        text = run.ok(*self.output(load), "scim-configurations", "get", scim.id)
        assert load(text)["id"] == scim.id


class TestForPeople:
    def test_a_name_cannot_give_orders_to_the_terminal(self, run: CommandLine, scim: SCIM) -> None:
        run.ok("scim-configurations", "update", scim.id, "--name", "\x1b[2J\nforged  row\u202e")
        for command in (("get", scim.id), ("list",)):
            text = run.ok("scim-configurations", *command)
            assert r"\x1b[2J\nforged  row\u202e" in text
            assert "\x1b" not in text

    def test_wide_characters_keep_columns_aligned(self, run_afresh: CommandLine) -> None:
        for name in ("日本", "plain"):
            run_afresh.ok(
                *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
                *("--client-id", "x", "--display-name", name),
                stdin="secret",
            )
        _, wide, plain = run_afresh.ok("sso-configurations", "list").splitlines()
        assert wide.index("inactive") + 2 == plain.index("inactive")

    def test_no_line_ends_in_blanks(self, run: CommandLine, scim: SCIM) -> None:
        for line in run.ok("scim-configurations", "list").splitlines():
            assert line == line.rstrip()


def test_a_limit_stops_asking(run: CommandLine, scim: SCIM, sso: object) -> None:
    done = run("sso-configurations", "list", "--limit", "1", "--output", "json", "--debug")
    assert len(json.loads(done.stdout)) == 1
    assert done.stderr.count("ListSSOConfigurations") == 1


def test_more_than_a_page_is_asked_for_page_by_page(run_afresh: CommandLine) -> None:
    with orgplane.Client(
        url=run_afresh.environment["ORGPLANE_URL"], token=run_afresh.environment["ORGPLANE_TOKEN"]
    ) as client:
        organization_id = client.identity.get_authenticated_identity().organization_id
        for number in range(101):
            client.organizations.sso_configurations.create(
                organization_id=organization_id,
                client_id=str(number),
                client_secret="secret",
                issuer_url="https://idp.example",
            )
    done = run_afresh("sso-configurations", "list", "--debug")
    _, *rows = done.stdout.splitlines()
    assert len(rows) == 101
    assert done.stderr.count("ListSSOConfigurations") == 2
    assert len(run_afresh.json("sso-configurations", "list", "--limit", "101")) == 101


class SlowList:
    """A server whose second page waits until it may be seen. It speaks Connect's JSON errors and protobuf answers."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        slow = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["content-length"]))
                second = b"second" in request
                if second:
                    slow.may_go_on.wait(60)
                answer = page("2", "") if second else page("1", "second")
                self.send_response(200)
                self.send_header("content-type", "application/proto")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.may_go_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def page(name: str, next_token: str) -> bytes:
    from orgplane_api.gitpod.v1.pagination_pb import PaginationResponse
    from orgplane_api.gitpod.v1.scim_configuration_pb import (
        ListSCIMConfigurationsResponse,
        SCIMConfiguration,
    )
    from protobuf.wkt import Timestamp

    now = Timestamp.from_datetime(datetime.now(UTC))
    return ListSCIMConfigurationsResponse(
        pagination=PaginationResponse(next_token=next_token),
        scim_configurations=[
            SCIMConfiguration(
                id=name, name=name, created_at=now, updated_at=now, token_expires_at=now
            )
        ],
    ).to_binary()


@pytest.fixture
def slow_list() -> Iterator[SlowList]:
    server = SlowList()
    yield server
    server.close()


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_a_page_is_printed_when_it_arrives(
    lonely: CommandLine, slow_list: SlowList, output: str
) -> None:
    with subprocess.Popen(
        [COMMAND, "scim-configurations", "list", "--output", output],
        env={
            **lonely.environment,
            "ORGPLANE_URL": slow_list.url,
            "ORGPLANE_TOKEN": "orgplane_pat_x",
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        seen = ""
        while "1" not in seen:
            letter = process.stdout.read(1)
            assert letter, seen
            seen += letter
        slow_list.may_go_on.set()
        assert "2" in process.stdout.read()
        assert process.wait() == 0


def test_a_reader_that_has_seen_enough_is_no_error(run: CommandLine, scim: SCIM) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {COMMAND} sso-configurations list | true"],
        env=run.environment,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.returncode in (0, 141)
