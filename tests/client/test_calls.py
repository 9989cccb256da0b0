"""How the client calls: options, deadlines, retries and errors; sync and async alike."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orgplane
import pytest
from either_client import settled
from fake_gateway import nobody
from orgplane._core import retry

Client = orgplane.Client | orgplane.AsyncClient
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
CONFIGURATION = {
    "id": ID,
    "createdAt": "2026-03-01T12:00:00.123456Z",
    "updatedAt": "2026-03-01T12:00:00.123456Z",
    "tokenExpiresAt": "2027-03-01T12:00:00Z",
}


#: Status and body, as JSON or as it is.
Answer = tuple[int, dict[str, Any] | bytes]
#: The server takes the request in, and is gone.
LOST: Answer = (0, b"")


class Script:
    """A real HTTP server that answers Connect JSON as scripted, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                read = self.rfile.read(length)
                body = json.loads(read or b"{}") if "json" in self.headers["content-type"] else {}
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.asked.append((self.path, headers, body))
                status, answer = script.answers.pop(0)
                if status == LOST[0]:
                    self.close_connection = True
                    return
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.send_header("x-request-id", f"request-{len(script.asked)}")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def will_answer(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


PROTOCOLS = (
    {"protocol": "connect", "codec": "json"},
    {"protocol": "connect", "codec": "proto"},
    {"protocol": "grpc", "codec": "proto"},
    {"protocol": "grpc-web", "codec": "proto"},
)


@contextmanager
def leaving() -> Iterator[str]:
    """An address where a connection is accepted, read from once, and closed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


UNAVAILABLE: Answer = (503, {"code": "unavailable", "message": "try again later"})
FOUND: Answer = (200, {"scimConfiguration": CONFIGURATION})


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.close()


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Callable[..., Client]:
    kind = orgplane.Client if request.param == "sync" else orgplane.AsyncClient

    def make(**options: Any) -> Client:
        return kind(**{"token": "orgplane_pat_x", "codec": "json", **options})

    return make


async def close(client: Client) -> None:
    await settled(client.close())


async def retrieve(client: Client, **options: Any) -> orgplane.types.SCIMConfiguration:
    answer = await settled(
        client.organizations.scim_configurations.retrieve(scim_configuration_id=ID, **options)
    )
    found: orgplane.types.SCIMConfiguration = answer.scim_configuration
    return found


async def update(client: Client, **fields: Any) -> Any:
    return await settled(
        client.organizations.scim_configurations.update(scim_configuration_id=ID, **fields)
    )


class TestRetries:
    async def test_a_read_is_tried_again_while_the_server_is_unavailable(
        self, script: Script, make: Callable[..., Client], waits: list[float]
    ) -> None:
        script.will_answer(UNAVAILABLE, UNAVAILABLE, FOUND)
        client = make(url=script.url)
        assert (await retrieve(client)).id == ID
        assert len(script.asked) == 3
        assert waits == [0.05, 0.1]  # doubling, half of it by the jitter
        await close(client)

    async def test_and_only_so_often(
        self, script: Script, make: Callable[..., Client], waits: list[float]
    ) -> None:
        script.will_answer(UNAVAILABLE, UNAVAILABLE)
        client = make(url=script.url, max_retries=1)
        with pytest.raises(orgplane.UnavailableError):
            await retrieve(client)
        assert len(script.asked) == 2
        await close(client)

    async def test_a_read_is_tried_again_when_its_answer_was_lost(
        self, script: Script, make: Callable[..., Client], waits: list[float]
    ) -> None:
        script.will_answer(LOST, FOUND)
        client = make(url=script.url)
        assert (await retrieve(client)).id == ID
        assert len(script.asked) == 2
        await close(client)

    @pytest.mark.parametrize("answer", [UNAVAILABLE, LOST])
    async def test_a_write_that_may_have_arrived_is_never_tried_again(
        self, script: Script, make: Callable[..., Client], waits: list[float], answer: Answer
    ) -> None:
        script.will_answer(answer)
        client = make(url=script.url)
        with pytest.raises(orgplane.UnavailableError):
            await update(client, enabled=False)
        assert len(script.asked) == 1
        assert waits == []
        await close(client)

    async def test_a_write_that_never_left_is_tried_again(
        self, make: Callable[..., Client], waits: list[float]
    ) -> None:
        with nobody() as url:
            client = make(url=url)
            with pytest.raises(orgplane.NotReachedError):
                await update(client, enabled=False)
        assert waits == [0.05, 0.1]
        await close(client)

    async def test_the_servers_delay_is_honoured(
        self, script: Script, make: Callable[..., Client], waits: list[float]
    ) -> None:
        script.will_answer(
            (
                429,
                {
                    "code": "resource_exhausted",
                    "message": "slow down",
                    "details": [{"type": "google.rpc.RetryInfo", "value": "CgIIAw"}],  # 3 s
                },
            ),
            FOUND,
        )
        client = make(url=script.url)
        await retrieve(client)
        assert waits == [3.05]
        await close(client)

    async def test_too_large_is_not_tried_again(
        self, script: Script, make: Callable[..., Client], waits: list[float]
    ) -> None:
        script.will_answer((429, {"code": "resource_exhausted", "message": "too large"}))
        client = make(url=script.url)
        with pytest.raises(orgplane.ResourceExhaustedError):
            await retrieve(client)
        assert len(script.asked) == 1
        await close(client)

    async def test_no_retry_starts_after_the_deadline(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(
            (
                503,
                {
                    "code": "unavailable",
                    "message": "later",
                    "details": [{"type": "google.rpc.RetryInfo", "value": "CgIIHg"}],  # 30 s
                },
            )
        )
        client = make(url=script.url, timeout=5)
        with pytest.raises(orgplane.UnavailableError) as caught:
            await retrieve(client)
        assert caught.value.retry_after == timedelta(seconds=30)
        assert len(script.asked) == 1
        await close(client)


class TestErrors:
    async def test_an_error_carries_all_that_the_server_said_and_its_cause(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer((404, {"code": "not_found", "message": "no such thing"}))
        client = make(url=script.url)
        with pytest.raises(orgplane.NotFoundError, match="no such thing") as caught:
            await retrieve(client)
        assert caught.value.code == "not_found"
        assert caught.value.request_id == "request-1"
        assert type(caught.value.__cause__).__name__ == "ConnectError"
        await close(client)

    @pytest.mark.parametrize("options", PROTOCOLS, ids=lambda o: "-".join(o.values()))
    async def test_a_server_that_is_not_there_was_not_reached(
        self, make: Callable[..., Client], options: dict[str, str]
    ) -> None:
        with nobody() as url:
            client = make(url=url, max_retries=0, **options)
            with pytest.raises(orgplane.NotReachedError) as caught:
                await retrieve(client)
        assert isinstance(caught.value, orgplane.APIConnectionError | orgplane.UnavailableError)
        await close(client)

    @pytest.mark.parametrize("options", PROTOCOLS, ids=lambda o: "-".join(o.values()))
    async def test_an_answer_that_breaks_off_is_lost(
        self, make: Callable[..., Client], options: dict[str, str]
    ) -> None:
        with leaving() as url:
            client = make(url=url, max_retries=0, **options)
            with pytest.raises(orgplane.AnswerLostError) as caught:
                await update(client, enabled=False)
        assert isinstance(caught.value, orgplane.APIConnectionError | orgplane.UnavailableError)
        await close(client)

    @pytest.mark.parametrize(
        "content",
        [
            b"<html>welcome to the hotel</html>",
            b"{",
            b'{"scimConfiguration": 7}',
            b'{"scimConfiguration": {"enabled": "x"}}',
            b"{}",
            b'{"scimConfiguration": {"id": "x"}}',
        ],
    )
    async def test_an_answer_that_cannot_be_read_is_no_fault_of_the_request(
        self, script: Script, make: Callable[..., Client], waits: list[float], content: bytes
    ) -> None:
        script.will_answer((200, content))
        client = make(url=script.url)
        with pytest.raises(orgplane.InternalError, match="the answer cannot be read") as caught:
            await retrieve(client)
        assert caught.value.code == "internal"
        assert "<class" not in str(caught.value)
        assert len(script.asked) == 1
        await close(client)

    @pytest.mark.parametrize(
        ("beside", "complaint"),
        [
            (b"[" * 31 + b"]" * 31, None),
            (b"[" * 32 + b"]" * 32, "nested deeper than 32 levels"),
            (b"1." + b"0" * 398, None),
            (b"1." + b"0" * 399, "a number is longer than 400 characters"),
            (b"[" + b"0," * 1_000_000 + b"0]", "holds more than 1000000 values"),
            (b'"' + b"[{,\\\\" * 1_000 + b'\\" 1"', None),
        ],
        ids=["deep", "too-deep", "long", "too-long", "too-many", "text"],
    )
    async def test_the_shape_of_an_answer_is_bounded(
        self,
        script: Script,
        make: Callable[..., Client],
        beside: bytes,
        complaint: str | None,
    ) -> None:
        content = b'{"newer": %s, "scimConfiguration": %s}'
        script.will_answer((200, content % (beside, json.dumps(CONFIGURATION).encode())))
        client = make(url=script.url)
        if complaint is None:
            assert (await retrieve(client)).id == ID
        else:
            with pytest.raises(orgplane.InternalError, match=complaint):
                await retrieve(client)
        await close(client)

    async def test_nor_is_one_of_another_content_type(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(FOUND)
        client = make(url=script.url, codec="proto")
        with pytest.raises(
            orgplane.InternalError, match="the answer cannot be read: invalid content-type"
        ) as caught:
            await retrieve(client)
        assert caught.value.code == "internal"
        await close(client)

    async def test_a_deadline_of_the_call(self, make: Callable[..., Client]) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            client = make(url=f"http://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(orgplane.DeadlineExceededError):
                await retrieve(client, timeout=timedelta(milliseconds=50))
        await close(client)

    async def test_a_cancelled_task_is_cancelled(self) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            silent.setblocking(False)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            async with orgplane.AsyncClient(url=url, token="x") as client:
                call = asyncio.ensure_future(
                    client.organizations.scim_configurations.retrieve(scim_configuration_id=ID)
                )
                accepted, _ = await asyncio.get_running_loop().sock_accept(silent)
                call.cancel()
                with accepted, pytest.raises(asyncio.CancelledError):
                    await call


class TestRequests:
    async def test_what_is_left_out_is_not_sent_and_what_is_empty_is(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        client = make(url=script.url)
        script.will_answer(FOUND, FOUND)
        await update(client, enabled=False)
        await update(client, name="", sso_configuration_id="", enabled=None)
        (_, _, first), (_, _, second) = script.asked
        assert first == {"scimConfigurationId": ID, "enabled": False}
        assert second == {"scimConfigurationId": ID, "name": "", "ssoConfigurationId": ""}
        await close(client)

    async def test_the_token_and_the_deadline_go_along(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(FOUND)
        client = make(url=f"{script.url}/api/", timeout=7)
        await retrieve(client)
        ((path, headers, _),) = script.asked
        assert path == "/api/gitpod.v1.OrganizationService/GetSCIMConfiguration"
        assert headers["authorization"] == "Bearer orgplane_pat_x"
        assert headers["user-agent"].startswith("orgplane-python/")
        assert 0 < int(headers["connect-timeout-ms"]) <= 7000
        await close(client)

    @pytest.mark.parametrize("duration", [timedelta(days=1), "86400s"])
    async def test_durations_are_timedeltas_or_as_in_json(
        self, script: Script, make: Callable[..., Client], duration: timedelta | str
    ) -> None:
        script.will_answer((200, {"token": "t", "tokenExpiresAt": "2027-03-01T12:00:00Z"}))
        client = make(url=script.url)
        await settled(
            client.organizations.scim_configurations.regenerate_token(
                scim_configuration_id=ID, token_expires_in=duration
            )
        )
        assert script.asked[0][2]["tokenExpiresIn"] == "86400s"
        await close(client)

    async def test_times_are_datetimes_in_utc(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(FOUND)
        client = make(url=script.url)
        found = await retrieve(client)
        assert found.created_at.isoformat() == "2026-03-01T12:00:00.123456+00:00"
        await close(client)


class TestPages:
    def pages(self) -> list[tuple[int, dict[str, Any]]]:
        return [
            (
                200,
                {
                    "pagination": {"nextToken": token},
                    "scimConfigurations": [CONFIGURATION | {"id": id} for id in ids],
                },
            )
            for ids, token in ((("1", "2"), "t1"), (("3", "4"), "t2"), (("5",), ""))
        ]

    async def test_iterating_goes_through_all_pages(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(*self.pages())
        client = make(url=script.url)
        listed = client.organizations.scim_configurations.list(page_size=2)
        if isinstance(listed, orgplane.AsyncPages):
            ids = [item.id async for item in listed]
        else:
            ids = [item.id for item in listed]
        assert ids == ["1", "2", "3", "4", "5"]
        assert [body["pagination"].get("token", "") for _, _, body in script.asked] == [
            "",
            "t1",
            "t2",
        ]
        await close(client)

    async def test_or_page_by_page_and_no_further_than_asked(
        self, script: Script, make: Callable[..., Client]
    ) -> None:
        script.will_answer(*self.pages())
        client = make(url=script.url)
        page = await settled(client.organizations.scim_configurations.list().first_page())
        assert [item.id for item in page.items] == ["1", "2"]
        assert page.has_next_page()
        assert len(script.asked) == 1
        page = await settled(page.get_next_page())
        page = await settled(page.get_next_page())
        assert not page.has_next_page()
        with pytest.raises(ValueError, match="last page"):
            await settled(page.get_next_page())
        await close(client)


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            ({"url": None}, "url: give it, or set ORGPLANE_URL"),
            ({"token": None}, "token: give it, or set ORGPLANE_TOKEN"),
            ({"token": "a b"}, "token: "),
            ({"token": "line\nbreak"}, "token: "),
            ({"url": "localhost:8080"}, "url: expected"),
            ({"url": "http://[::1"}, "url: expected"),
            ({"url": "http://host:99999"}, "url: expected"),
            ({"url": "http://ho st"}, "url: expected"),
            ({"url": "http://[fe80::1%25eth0]:80"}, "url: expected"),
            ({"url": "http://user:hunter2@host"}, "url: has a user or a password"),
            ({"url": "http://host/?a=hunter2"}, "url: has a query"),
            ({"protocol": "soap"}, "protocol: expected one of"),
            ({"codec": "xml"}, "codec: expected"),
            ({"codec": "json", "protocol": "grpc"}, "codec: json goes with"),
            ({"timeout": 0}, "timeout: must be positive"),
            ({"timeout": float("nan")}, "timeout: must be positive"),
            ({"timeout": float("inf")}, "timeout: must be positive, and at most"),
            ({"timeout": timedelta.max}, "timeout: must be positive, and at most"),
            ({"timeout": "soon"}, "timeout: expected seconds"),
            ({"max_retries": -1}, "max_retries: expected"),
            ({"max_retries": 1.5}, "max_retries: expected"),
            ({"ca": "/nowhere.pem"}, "ca: cannot read /nowhere.pem"),
        ],
    )
    def test_what_cannot_work_is_refused_by_name(
        self,
        make: Callable[..., Client],
        monkeypatch: pytest.MonkeyPatch,
        options: dict[str, Any],
        complaint: str,
    ) -> None:
        monkeypatch.delenv("ORGPLANE_URL", raising=False)
        monkeypatch.delenv("ORGPLANE_TOKEN", raising=False)
        with pytest.raises(orgplane.ConfigurationError, match=f"^{complaint}") as caught:
            make(**{"url": "http://localhost:1", "codec": "proto", **options})
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        ("url", "called"),
        [
            ("HTTPS://Host:8443/api//", "https://Host:8443/api"),
            (" http://[::1]:8080/\n", "http://[::1]:8080"),
        ],
    )
    def test_the_url_is_taken_as_people_write_it(
        self, make: Callable[..., Client], url: str, called: str
    ) -> None:
        assert f" {called} " in repr(make(url=url))

    async def test_url_and_token_come_from_the_environment(
        self, make: Callable[..., Client], script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORGPLANE_URL", script.url)
        monkeypatch.setenv("ORGPLANE_TOKEN", "orgplane_pat_env")
        script.will_answer(FOUND)
        client = make(token=None)
        await retrieve(client)
        assert script.asked[0][1]["authorization"] == "Bearer orgplane_pat_env"
        await close(client)

    async def test_closing_twice_is_fine_and_then_nothing_goes_out(
        self, make: Callable[..., Client], script: Script
    ) -> None:
        client = make(url=script.url)
        await close(client)
        await close(client)
        with pytest.raises(orgplane.ClientClosedError):
            await retrieve(client)
        assert script.asked == []

    async def test_clients_are_context_managers(self, script: Script) -> None:
        script.will_answer(FOUND, FOUND)
        with orgplane.Client(url=script.url, token="x", codec="json") as client:
            client.organizations.scim_configurations.retrieve(scim_configuration_id=ID)
        async with orgplane.AsyncClient(url=script.url, token="x", codec="json") as asynchronous:
            await asynchronous.organizations.scim_configurations.retrieve(scim_configuration_id=ID)

    def test_one_client_serves_many_threads(self, script: Script) -> None:
        script.will_answer(*[FOUND] * 40)
        failures: list[BaseException] = []
        with orgplane.Client(url=script.url, token="x", codec="json") as client:

            def work() -> None:
                try:
                    for _ in range(5):
                        client.organizations.scim_configurations.retrieve(scim_configuration_id=ID)
                except BaseException as error:
                    failures.append(error)

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert failures == []
        assert len(script.asked) == 40


FORKED = """
import asyncio, os, sys
import orgplane
made = orgplane.Client(url="http://127.0.0.1:1", token="x"), orgplane.AsyncClient(url="http://127.0.0.1:1", token="x")
if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
async def read():
    await made[1].identity.get_authenticated_identity()
attempts = (
    made[0].identity.get_authenticated_identity,
    lambda: next(made[0].events.watch()),
    lambda: asyncio.run(read()),
    lambda: orgplane.Client(url="http://127.0.0.1:1", token="x"),
)
for attempt in attempts:
    try:
        attempt()
    except orgplane.ConfigurationError as error:
        print(error, flush=True)
made[0].close()
os._exit(7)
"""


def test_a_forked_process_says_that_its_calls_would_never_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 7, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("this process was forked from one that had") for line in lines)


def test_read_only_rpcs_are_those_of_the_contract() -> None:
    assert {
        "getgroup",
        "listgroups",
        "listmembergroups",
        "listmemberships",
        "listroleassignments",
        "listorganizations",
        "listserviceaccounts",
        "listserviceaccounttokens",
        "getaccount",
        "getauditlog",
        "getauthenticatedidentity",
        "getauthenticateduser",
        "getdomainverification",
        "getdomainverificationstatus",
        "geteffectiveroles",
        "getevent",
        "getmembership",
        "getorganization",
        "getorganizationinvitesummary",
        "getorganizationpolicies",
        "getpersonalaccesstoken",
        "getpersonalaccesstokenpolicy",
        "getprovisioningstatus",
        "getscimbreaker",
        "getscimconfiguration",
        "getserviceaccount",
        "getserviceaccounttoken",
        "getsession",
        "getsignin",
        "getssoconfiguration",
        "getssoconfigurationstatus",
        "getssologinurl",
        "getuser",
        "listallevents",
        "listassignedroles",
        "listauditlogs",
        "listdomainverifications",
        "listemailinvites",
        "listevents",
        "listjoinableorganizations",
        "listloginproviders",
        "listmembers",
        "listpersonalaccesstokens",
        "listpersonalaccesstokenstatuses",
        "listscimconfigurations",
        "listscimcredentials",
        "listscimrequests",
        "listsigninattempts",
        "listssoconfigurations",
        "listssologins",
        "getwebhookendpoint",
        "listwebhookendpoints",
        "listwebhookdeliveries",
        "previewscimconfigurationdeletion",
        "watchallevents",
        "watchevents",
        "watchscimrequests",
        "watchsigninattempts",
        "watchsignouts",
    } == retry._READ_ONLY
