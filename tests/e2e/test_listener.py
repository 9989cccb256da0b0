"""The listener on a real port: what is limited, refused, and finished before it stops."""

from __future__ import annotations

import collections
import contextlib
import fcntl
import http.client
import itertools
import json
import os
import resource
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import orgplane
import pytest
from command_line import CommandLine
from grpc_health.v1 import health_pb2, health_pb2_grpc
from processes import (
    HTTP_2_PREFACE,
    PATIENCE,
    Organization,
    Server,
    call_without_end,
    children,
    create_organization,
    environment,
    frame,
    sqlite_url,
)

#: Streams of a client of HTTP/2 that gives them up, and how: RST_STREAM with CANCEL.
STREAMS, CANCEL = range(1, 400, 2), b"\0\0\0\x08"
UPDATE = "/gitpod.v1.OrganizationService/UpdateSCIMConfiguration"


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def ask(server: Server, request: bytes) -> bytes:
    with connect(server) as connection:
        connection.sendall(request)
        return answer(connection)


def still_serves(server: Server) -> bool:
    request = b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    return ask(server, request).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "path", [b"/%ff", b"/%c3", b"/%ed%a0%80", b"/%f8%88%80%80%80", b"/scim/v2/%ff?x=%ff"]
)
def test_a_path_that_is_not_utf8_is_refused_at_once(server: Server, path: bytes) -> None:
    request = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert ask(server, request).startswith(b"HTTP/1.1 403")
    assert still_serves(server)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/scim/v2/Users", UPDATE])
def test_an_answer_to_head_is_its_headers(server: Server, path: str, version: str) -> None:
    """What came after them would be taken for the next answer of the connection."""
    request = f"HEAD {path} {version}\r\nhost: x\r\nconnection: close\r\n\r\n"
    head, _, rest = ask(server, request.encode()).partition(b"\r\n\r\n")
    assert head.startswith(version.encode())
    assert rest == b""


def test_and_the_next_answer_follows_it_over_the_same_connection(server: Server) -> None:
    with contextlib.closing(
        http.client.HTTPConnection(server.address, timeout=PATIENCE)
    ) as connection:
        for path in ("/healthz", "/nothing", "/scim/v2/Users", UPDATE):
            connection.request("HEAD", path)
            assert connection.getresponse().read() == b""
        connection.request("GET", "/healthz")
        assert json.loads(connection.getresponse().read()) == {"status": "ok"}


@pytest.mark.parametrize("path", ["/nothing", "/scim/v2/Users", UPDATE])
def test_http_2_has_no_body_after_head_either(server: Server, path: str) -> None:
    """curl takes one for an error of the protocol."""
    done = subprocess.run(
        ["curl", "-sS", "-I", "--http2-prior-knowledge", server.url + path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("HTTP/2 4")


@pytest.mark.parametrize("head", ["", "host: x\r\n"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_http_1_0_is_answered_with_and_without_a_host(
    server: Server, method: str, head: str
) -> None:
    """Simple health checks speak it, such as HAProxy's."""
    received = ask(server, f"{method} /readyz HTTP/1.0\r\n{head}\r\n".encode())
    assert received.startswith(b"HTTP/1.0 200 OK\r\n" if method == "GET" else b"HTTP/1.0 4")


def test_many_and_large_headers_get_through(server: Server) -> None:
    headers = [(f"x-{number}", "y" * 655) for number in range(200)]
    assert sum(len(name) + len(value) for name, value in headers) > 128 * 1024
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    request = f"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n"
    assert ask(server, request.encode()).startswith(b"HTTP/1.1 200")
    with grpc.insecure_channel(server.address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        told = check(health_pb2.HealthCheckRequest(), metadata=headers, timeout=PATIENCE)
        assert told.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("path", [b"/%C3%A9", b"/%E2%82%AC", b"/%F0%9F%A6%84", b"/a%20b%2Fc"])
def test_a_path_that_is_utf8_gets_through(server: Server, path: bytes) -> None:
    request = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert ask(server, request).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 170_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 400_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 257 + b"\r\n", b"431"),
        (b"GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 257 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 600 + b"\r\n", b"431"),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n"
            b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (
            b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: caf\xc3\xa9\r\nconnection: close\r\n\r\n",
            b"400",
        ),
        (
            b"POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n"
            b"connection: close\r\n\r\n",
            b"413",
        ),
    ],
)
def test_what_is_no_good_request_is_refused(server: Server, request_: bytes, status: bytes) -> None:
    with connect(server) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(request_)
        assert connection.recv(65536).startswith(b"HTTP/1.1 " + status)
    assert still_serves(server)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-X", "POST", "-H", "content-type: application/proto"],
        ["-X", "POST", "-H", "content-type: application/json", "-H", "content-length: 0"],
        ["--http2-prior-knowledge", "-X", "POST", "-H", "content-type: application/proto"],
    ],
)
def test_requests_without_a_body_leave_the_server_free_for_others(
    server: Server, organization: Organization, arguments: list[str]
) -> None:
    bearer = f"authorization: Bearer {organization.token}"
    url = f"{server.url}/gitpod.v1.UserService/GetAuthenticatedUser"
    commands = [["curl", "-sS", "-m", "30", "-H", bearer, *arguments, url] for _ in range(5)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for command in commands]
    assert still_serves(server)
    for process in running:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert output


def peer(server: Server, id: str, forwarded: str) -> str:
    """What the log says of where a request came from."""
    request = (
        f"GET /nothing HTTP/1.1\r\nhost: x\r\nx-request-id: {id}\r\nx-forwarded-client-cert: Hash=1\r\n"
        f"x-forwarded-for: {forwarded}\r\nforwarded: for={forwarded}\r\nconnection: close\r\n\r\n"
    )
    assert ask(server, request.encode()).startswith(b"HTTP/1.1 404")
    line = next(line for line in iter(server.stderr.next, None) if line and id in line)
    return line.partition(" peer=")[2].split()[0]


def test_forwarding_headers_of_who_is_no_proxy_of_ours_are_not_believed(server: Server) -> None:
    assert peer(server, "forged", "192.0.2.7").startswith("127.0.0.1:")


def test_a_proxy_of_ours_says_where_a_request_comes_from(tmp_path: Path) -> None:
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--trusted-proxies", "127.0.0.0/8")
    ) as server:
        assert peer(server, "one", "198.51.100.1, 192.0.2.7") == "192.0.2.7"
        assert peer(server, "two", "192.0.2.7, unknown").startswith("127.0.0.1")


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = sqlite_url(tmp_path_factory.mktemp("impatient"))
    with Server("--database-url", url, "--request-timeout", "1") as server:
        yield server


class TestSlowClients:
    @pytest.mark.parametrize(
        "beginning",
        [
            b"POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
            b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-half: ",
        ],
    )
    def test_half_a_request_is_given_up(self, impatient: Server, beginning: bytes) -> None:
        with connect(impatient) as connection:
            connection.sendall(beginning)
            received = answer(connection)
        assert received.startswith(b"HTTP/1.1 408")
        assert still_serves(impatient)


def test_a_listener_out_of_its_memory_closes_new_connections(tmp_path: Path) -> None:
    """It has far more than a kilobyte, so it is over the bound from the first look on."""
    options = f"ListenerOptions('127.0.0.1', 0, max_heap=1024, environment={{'ORGPLANE_DATABASE_URL': {sqlite_url(tmp_path)!r}}})"
    program = (
        "import asyncio; from orgplane_server.listener import ListenerOptions, serve;"
        f"asyncio.run(serve('orgplane_server.app.asgi:application', {options},"
        " on_ready=lambda url, _: print(url, flush=True)))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            until = time.monotonic() + PATIENCE
            turned_away = False
            while not turned_away and time.monotonic() < until:
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as caller:
                    try:
                        caller.request("GET", "/healthz")
                        caller.getresponse().read()
                    except OSError:
                        turned_away = True
            assert turned_away
        finally:
            process.terminate()


def test_streams_that_are_given_up_at_once_are_not_begun(tmp_path: Path) -> None:
    """Or whoever opens them would keep everybody else waiting (RFC 9113, section 10.5)."""
    path = b"/given-up"
    get = b"\x82\x86\x04" + bytes([len(path)]) + path + b"\x41\x01x"
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        with connect(server) as connection:
            connection.sendall(
                HTTP_2_PREFACE
                + frame(4, 0, 0, b"")
                + b"".join(frame(1, 5, n, get) + frame(3, 0, n, CANCEL) for n in STREAMS)
            )
            with contextlib.suppress(ConnectionResetError):
                answer(connection)  # the server ends the connection
        assert still_serves(server)
        assert server.stop() == 0
        begun = sum("/given-up" in line for line in server.stderr.rest())
    assert begun < len(STREAMS) / 4


class TestDrain:
    def test_health_watchers_are_told_and_let_go(self, tmp_path: Path) -> None:
        with (
            Server("--database-url", sqlite_url(tmp_path)) as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            stream = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=PATIENCE
            )
            assert next(stream).status == health_pb2.HealthCheckResponse.SERVING
            server.signal(signal.SIGTERM)
            assert [response.status for response in stream] == [
                health_pb2.HealthCheckResponse.NOT_SERVING
            ]
            assert server.process.wait(PATIENCE) == 0

    @pytest.mark.parametrize("protocol", ["connect", "grpc"])
    def test_no_accepted_call_is_lost(
        self, tmp_path: Path, protocol: orgplane._core.options.Protocol
    ) -> None:
        url = sqlite_url(tmp_path)
        organization = create_organization(url)
        answered, turned_away = itertools.count(), itertools.count()
        with Server("--database-url", url, "--log-format", "json") as server:
            begun = threading.Barrier(5)

            def work() -> None:
                with orgplane.Client(
                    url=server.url, token=organization.token, protocol=protocol, max_retries=0
                ) as client:
                    client.users.get_authenticated_user()
                    next(answered)
                    begun.wait(PATIENCE)
                    try:
                        while True:
                            client.users.get_authenticated_user()
                            next(answered)
                    except orgplane.UnavailableError as error:
                        if error.reason == "SERVER_STOPPING":
                            next(turned_away)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            begun.wait(PATIENCE)
            server.signal(signal.SIGTERM)
            status = server.process.wait(PATIENCE)
            for thread in threads:
                thread.join(PATIENCE)
            logged = [json.loads(line) for line in server.stderr.rest() if line.startswith("{")]
        # Whatever was begun was finished, and whoever was turned away instead was told so.
        calls = collections.Counter((entry["event"], entry.get("code")) for entry in logged)
        assert calls.pop(("call", "ok")) == next(answered)
        assert calls.pop(("call", "unavailable"), 0) == next(turned_away)
        assert not calls
        assert status == 0, server.stderr.seen[-1]

    def test_clients_that_never_pause_cannot_keep_it_from_stopping(self, tmp_path: Path) -> None:
        """The next call begins before the one that runs has ended, so one always runs."""

        def begin() -> socket.socket | None:
            """None when nobody is let in any more."""
            with contextlib.suppress(ConnectionError):
                connection = connect(server)
                connection.sendall(
                    b"POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
                    b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{"
                )
                return connection
            return None

        with Server("--database-url", sqlite_url(tmp_path)) as server:
            running = begin()
            server.signal(signal.SIGTERM)
            statuses = [b"200"]
            while running is not None and statuses[-1] == b"200":
                following = begin()
                with (
                    running,
                    contextlib.suppress(ConnectionError),
                ):  # who is refused is not listened to
                    running.sendall(b"}")
                    statuses.append(answer(running)[9:12])
                running = following
            if running is not None:
                running.close()
            assert server.process.wait(PATIENCE) == 0, server.stderr.rest()[-1]
        assert set(statuses) <= {b"200", b"503"}

    def test_half_an_upload_does_not_hold_it_up(self, tmp_path: Path) -> None:
        """Nothing was done for it yet, so it is turned away as a new one is."""
        halves = {
            ("Check", "application/json"): b"{",
            ("Check", "application/grpc-web"): b"\0\0\0\0\x64",
            ("Watch", "application/connect+json"): b"\0\0\0\0\x64{",
        }
        url = sqlite_url(tmp_path)
        with (
            Server("--database-url", url, "--drain-grace", "3600") as server,
            contextlib.ExitStack() as connections,
        ):
            calls = []
            for (method, content_type), body in halves.items():
                calls.append(connections.enter_context(connect(server)))
                calls[-1].sendall(
                    f"POST /grpc.health.v1.Health/{method} HTTP/1.1\r\nhost: x\r\n"
                    f"content-type: {content_type}\r\ncontent-length: 100\r\n"
                    "expect: 100-continue\r\n\r\n".encode()
                )
                assert calls[-1].recv(65536).startswith(b"HTTP/1.1 100")  # it runs
                calls[-1].sendall(body)
            server.signal(signal.SIGTERM)
            answers = [answer(call) for call in calls]
            assert server.process.wait(PATIENCE) == 0, server.stderr.rest()[-1]
        assert all(b"the server is stopping; ask another one" in told for told in answers), answers

    def test_a_call_over_the_grace_is_cut_and_said_so(self, tmp_path: Path) -> None:
        with (
            Server("--database-url", sqlite_url(tmp_path), "--drain-grace", "1.5") as server,
            call_without_end(server.port),
        ):
            server.signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE) == 1
            assert "orgplane-server: stopped with 1 call running" in server.stderr.rest()

    def test_a_second_signal_stops_at_once(self, tmp_path: Path) -> None:
        with (
            Server("--database-url", sqlite_url(tmp_path), "--drain-grace", "3600") as server,
            call_without_end(server.port),
        ):
            server.signal(signal.SIGTERM)
            with contextlib.suppress(ConnectionError):
                while still_serves(server):
                    pass
            server.signal(signal.SIGINT)
            assert server.process.wait(PATIENCE) == 1

    def test_a_signal_to_the_whole_group_drains_too(self, tmp_path: Path) -> None:
        with (
            Server("--database-url", sqlite_url(tmp_path)) as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            stream = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=PATIENCE
            )
            next(stream)
            os.killpg(server.process.pid, signal.SIGINT)
            assert [response.status for response in stream] == [
                health_pb2.HealthCheckResponse.NOT_SERVING
            ]
            assert server.process.wait(PATIENCE) == 0


def test_killing_the_command_leaves_nothing_behind(tmp_path: Path) -> None:
    with Server("--database-url", sqlite_url(tmp_path)) as server:
        with contextlib.closing(
            http.client.HTTPConnection(server.address, timeout=PATIENCE)
        ) as connection:
            # Answered, and so taken by the listener: one that still queues is reset instead of closed.
            connection.request("GET", "/readyz")
            assert connection.getresponse().read()
            server.process.kill()
            server.process.wait(PATIENCE)
            assert answer(connection.sock) == b""
        # The last writer of its stderr is gone.
        server.stderr.rest()


class TestTLS:
    def serve(self, folder: Path, certificates: Path, *more: str) -> Server:
        return Server(
            *("--database-url", sqlite_url(folder)),
            *("--tls-cert", str(certificates / "server.pem")),
            *("--tls-key", str(certificates / "server.key"), *more),
        )

    def test_our_client_trusts_the_ca_it_is_given(self, tmp_path: Path, certificates: Path) -> None:
        organization = create_organization(sqlite_url(tmp_path))
        with self.serve(tmp_path, certificates) as server:
            assert server.url.startswith("https://")

            def ask(protocol: orgplane._core.options.Protocol, ca: str) -> str:
                with orgplane.Client(
                    url=server.url,
                    token=organization.token,
                    protocol=protocol,
                    ca=certificates / ca,
                    max_retries=0,
                ) as client:
                    return client.identity.get_authenticated_identity().organization_id

            for protocol in ("connect", "grpc", "grpc-web"):
                assert ask(protocol, "ca.pem") == organization.organization_id
                with pytest.raises(orgplane.APIConnectionError):
                    ask(protocol, "rogue.pem")

    def test_our_client_and_the_command_show_a_certificate(
        self, tmp_path: Path, certificates: Path
    ) -> None:
        organization = create_organization(sqlite_url(tmp_path))
        ca, cert, key = (certificates / name for name in ("ca.pem", "client.pem", "client.key"))
        run = CommandLine(
            environment(HOME=str(tmp_path), ORGPLANE_TOKEN=organization.token), tmp_path
        )
        with self.serve(tmp_path, certificates, "--client-ca", str(ca)) as server:

            def ask(protocol: orgplane._core.options.Protocol, tls: orgplane.TLS) -> str:
                with orgplane.Client(
                    url=server.url, token=organization.token, protocol=protocol, tls=tls
                ) as client:
                    return client.identity.get_authenticated_identity().organization_id

            for protocol in ("connect", "grpc", "grpc-web"):
                assert ask(protocol, orgplane.TLS(ca, cert, key)) == organization.organization_id
                with pytest.raises(orgplane.APIConnectionError, match="and none was given"):
                    ask(protocol, orgplane.TLS(ca))
                stranger = orgplane.TLS(
                    ca, certificates / "stranger.pem", certificates / "stranger.key"
                )
                with pytest.raises(
                    orgplane.APIConnectionError, match=r"client certificate \(tls\.cert"
                ):
                    ask(protocol, stranger)

            trusting = ("--url", server.url, "--ca", str(ca))
            showing = (*trusting, "--client-cert", str(cert), "--client-key", str(key))
            assert organization.organization_id in run.ok("whoami", *showing)
            variables = run.having(ORGPLANE_CLIENT_CERT=str(cert), ORGPLANE_CLIENT_KEY=str(key))
            assert organization.organization_id in variables.ok("whoami", *trusting)
            run.ok("login", *showing, stdin=organization.token)
            assert organization.organization_id in run.ok("whoami")
            for options, status, told in (
                ((), 5, "its issuer is none of the trusted authorities"),
                (trusting[2:], 5, "ask for a client certificate, and none was given"),
                (
                    (*showing[2:-1], str(certificates / "stranger.key")),
                    2,
                    f"is not the key of the certificate in --client-cert: {cert}",
                ),
                ((*trusting[2:], *showing[4:6]), 2, f"--client-cert: {cert} holds no private key"),
            ):
                bare = run.having(HOME=str(tmp_path / "other"))
                done = bare("whoami", "--url", server.url, *options)
                assert done.returncode == status, done.stderr
                assert told in done.stderr

    def test_there_is_no_way_around_the_client_certificate(
        self, tmp_path: Path, certificates: Path
    ) -> None:
        ca = str(certificates / "ca.pem")
        with self.serve(tmp_path, certificates, "--client-ca", ca) as server:

            def handshake(name: str | None) -> bytes:
                """What a client with this certificate is answered; nothing if it is turned away."""
                context = ssl.create_default_context(cafile=ca)
                if name is not None:
                    chain = certificates / f"{name}.pem"
                    context.load_cert_chain(chain, certificates / f"{name}.key")
                with (
                    contextlib.suppress(ssl.SSLError, ConnectionError),
                    connect(server) as plain,
                    context.wrap_socket(plain, server_hostname="localhost") as secure,
                ):
                    secure.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                    return secure.recv(65536)
                return b""

            assert handshake("client").startswith(b"HTTP/1.1 200")
            assert handshake(None) == b""
            assert handshake("stranger") == b""
            listening = subprocess.run(["ss", "-Hlun"], capture_output=True, text=True)
            assert f":{server.port} " not in listening.stdout


def locked_by_another(folder: Path) -> None:
    """Raises BlockingIOError if somebody has it locked already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


class TestHangup:
    """SIGHUP, which a terminal sends as well when it is closed."""

    def heard(self, server: Server) -> str:
        """What the server's log says about it."""
        while (line := server.stderr.next()) is not None:
            if "SIGHUP" in line:
                return line
        raise AssertionError("the server has ended")

    def certificate(self, server: Server, certificates: Path) -> tuple[ssl.SSLSocket, bytes | None]:
        """A new connection, and the certificate that it got."""
        context = ssl.create_default_context(cafile=certificates / "ca.pem")
        secure = context.wrap_socket(connect(server), server_hostname="localhost")
        return secure, secure.getpeercert(binary_form=True)

    def test_new_connections_get_the_new_certificate_and_none_is_dropped(
        self, tmp_path: Path, certificates: Path
    ) -> None:
        cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

        def renew(name: str, key_of: str = "") -> None:
            shutil.copy(certificates / f"{name}.pem", cert)
            shutil.copy(certificates / f"{key_of or name}.key", key)
            server.signal(signal.SIGHUP)

        shutil.copy(certificates / "server.pem", cert)
        shutil.copy(certificates / "server.key", key)
        ca = str(certificates / "ca.pem")
        with (
            Server(
                *("--database-url", sqlite_url(tmp_path)),
                *("--tls-cert", str(cert), "--tls-key", str(key)),
            ) as server,
            grpc.secure_channel(
                f"localhost:{server.port}", grpc.ssl_channel_credentials(Path(ca).read_bytes())
            ) as channel,
            contextlib.ExitStack() as connections,
        ):
            stream = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=PATIENCE
            )
            assert next(stream).status == health_pb2.HealthCheckResponse.SERVING

            def served() -> bytes | None:
                connection, certificate = self.certificate(server, certificates)
                connections.enter_context(connection)
                return certificate

            first = served()
            renew("renewed")
            assert "the certificates are read anew" in self.heard(server)
            renewed = served()
            assert renewed != first
            for broken, at_fault in (
                (lambda: renew("server", key_of="renewed"), key),
                (lambda: (cert.write_text("nonsense"), server.signal(signal.SIGHUP)), cert),
                (lambda: (cert.unlink(), server.signal(signal.SIGHUP)), cert),
                (lambda: renew("ended"), cert),
            ):
                broken()
                said = self.heard(server)
                assert "the certificates served before are kept" in said
                assert str(at_fault) in said
                assert served() == renewed
            server.signal(signal.SIGTERM)
            assert [response.status for response in stream] == [
                health_pb2.HealthCheckResponse.NOT_SERVING
            ]
            assert server.process.wait(PATIENCE) == 0

    def test_they_are_served_also_when_temporary_files_were_removed(
        self, tmp_path: Path, certificates: Path
    ) -> None:
        cert, key, temporary = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "tmp"
        temporary.mkdir()
        shutil.copy(certificates / "server.pem", cert)
        shutil.copy(certificates / "server.key", key)
        with Server(
            *("--database-url", sqlite_url(tmp_path)),
            *("--tls-cert", str(cert), "--tls-key", str(key)),
            TMPDIR=str(temporary),
        ) as server:
            (copies,) = (each.parent for each in temporary.glob("*/server.json"))
            with pytest.raises(BlockingIOError):  # so systemd-tmpfiles leaves them alone
                locked_by_another(copies)
            connection, first = self.certificate(server, certificates)
            connection.close()
            shutil.rmtree(copies)
            (worker,) = children(server.process.pid)
            os.kill(worker, signal.SIGKILL)
            while "was started anew" not in str(server.stderr.next()):
                pass
            assert stat.S_IMODE(copies.stat().st_mode) == 0o700
            with pytest.raises(BlockingIOError):
                locked_by_another(copies)
            connection, again = self.certificate(server, certificates)
            connection.close()
            assert again == first
            shutil.copy(certificates / "renewed.pem", cert)
            shutil.copy(certificates / "renewed.key", key)
            server.signal(signal.SIGHUP)
            assert "the certificates are read anew" in self.heard(server)
            shutil.rmtree(copies)
            copies.symlink_to(tmp_path)  # as whoever may write to /tmp could
            server.signal(signal.SIGHUP)
            assert "is not this server's any more" in self.heard(server)
            assert not (tmp_path / "server.json").exists()

    def test_without_tls_nothing_happens(self, tmp_path: Path) -> None:
        with Server("--database-url", sqlite_url(tmp_path)) as server:
            os.killpg(server.process.pid, signal.SIGHUP)
            assert "there are no certificates" in self.heard(server)
            assert still_serves(server)
            assert server.stop() == 0


@pytest.mark.parametrize(("hard", "connections"), [(400, 144), (20_000, None)])
def test_open_files_are_raised_and_too_few_are_warned_of(
    tmp_path: Path, hard: int, connections: int | None
) -> None:
    """The command, not this process, gets the limits of a shell that is stingy."""
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--log-format", "json"), open_files=(256, hard)
    ) as server:
        (worker,) = children(server.process.pid)
        assert resource.prlimit(worker, resource.RLIMIT_NOFILE) == (hard, hard)
        assert still_serves(server)
        assert server.stop() == 0
        warned = [line for line in server.stderr.rest() if "open files" in line]
    if connections is None:
        assert warned == []
    else:
        (warning,) = map(json.loads, warned)
        assert (warning["limit"], warning["connections"]) == (hard, connections)
        assert "LimitNOFILE=10256" in warning["remedy"]
        assert "ulimit -n 10256" in warning["remedy"]


def test_ipv6(tmp_path: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with Server("--listen", "[::1]:0", "--database-url", sqlite_url(tmp_path)) as server:
        assert server.url.startswith("http://[::1]:")
        done = subprocess.run(
            ["curl", "-sSf", f"{server.url}/readyz"], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == {"status": "ok"}
