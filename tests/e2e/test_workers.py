"""Several processes on one port: none is missed when it dies, all end together."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orgplane
import postgres
import psycopg
import pytest
from processes import (
    PATIENCE,
    Server,
    call_without_end,
    children,
    create_organization,
    eventually,
    run,
    sqlite_url,
)

WORKERS = 3


@pytest.fixture(scope="module", params=["postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path_factory.mktemp("workers"))
    return postgres.new_database(request.getfixturevalue("postgresql_server"))


on_both = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def key(url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The key that all servers of the database are given."""
    return str(tmp_path_factory.mktemp("key") / "secret.key")


@pytest.fixture
def server(url: str, key: str) -> Iterator[Server]:
    with Server(*arguments(url, key), "--log-format", "json") as server:
        yield server


def arguments(url: str, key: str) -> tuple[str, ...]:
    return ("--workers", str(WORKERS), "--database-url", url, "--secret-key-file", key)


def listening(server: Server) -> set[int]:
    """The processes that take connections on the server's port."""
    told = subprocess.run(
        ["ss", "-Hltnp", f"sport = :{server.port}"], capture_output=True, text=True, check=True
    ).stdout
    return {pid for pid in children(server.process.pid) if f"pid={pid}," in told}


@on_both
def test_all_of_them_serve_when_the_server_says_that_it_is_ready(server: Server) -> None:
    assert len(listening(server)) == WORKERS
    assert server.stop() == 0
    assert len(server.stdout.rest()) == 1
    assert server.stderr.rest() == []


@on_both
def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(server: Server, url: str) -> None:
    token = create_organization(url).token
    stop = threading.Event()
    answered: list[int] = []
    failures: list[Exception] = []

    def work() -> None:
        with orgplane.Client(url=server.url, token=token, max_retries=0) as client:
            while not stop.is_set():
                try:
                    client.users.get_authenticated_user()
                    answered.append(1)
                except Exception as error:
                    failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    before = listening(server)
    victim = min(before)
    try:
        eventually(lambda: len(answered) > 50)
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len(listening(server) - before) == 1)
        seen = len(answered)
        eventually(lambda: len(answered) > seen + 50)
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert listening(server) > before - {victim}
    assert {type(error) for error in failures} <= {
        orgplane.NotReachedError,
        orgplane.AnswerLostError,
    }
    assert server.stop() == 0
    events = [line for line in server.stderr.rest() if '"event": "call"' not in line]
    died, again = events
    assert "a serving process died" in died
    assert "SIGKILL" in died
    assert "a serving process was started anew" in again


def test_a_single_worker_is_replaced_too_on_the_same_port(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    token = create_organization(url).token
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=token, max_retries=0) as client,
    ):
        (victim,) = children(server.process.pid)
        client.users.get_authenticated_user()
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: victim not in children(server.process.pid) and still_ready(server))
        client.users.get_authenticated_user()
        assert server.stop() == 0


def test_a_worker_that_served_is_started_at_once_one_that_dies_in_vain_later_and_later(
    tmp_path: Path,
) -> None:
    with Server("--database-url", sqlite_url(tmp_path), "--log-format", "json") as server:
        waits = [killed(server, served) for served in (*[True] * 5, *[False] * 6, True, False)]
    assert waits == [0, 0, 0, 0, 0, 0, 0, 0, 0.5, 1, 2, 0, 0]


def killed(server: Server, served: bool) -> float:
    """Kills the one worker, after an answer or before any; how long its successor was made to wait."""
    for _ in range(2 * served):  # the second answer shows that the first was noted
        assert still_ready(server)
    (victim,) = children(server.process.pid)
    os.kill(victim, signal.SIGKILL)
    waited = None
    while True:
        event = json.loads(server.stderr.next() or "{}")
        if event["event"] == "a serving process died":
            waited = event["again_in"]
        if event["event"] == "a serving process was started anew":
            assert waited is not None
            return float(waited)


def test_a_worker_whose_database_died_with_it_is_not_replaced() -> None:
    with Server("--database-url", "sqlite://") as server:
        (victim,) = children(server.process.pid)
        os.kill(victim, signal.SIGKILL)
        assert server.process.wait(PATIENCE) == 1
        assert "orgplane-server: the serving process died" in server.stderr.rest()[-1]


def test_the_port_is_never_shared_with_another_server_even_when_all_workers_are_dead(
    server: Server, url: str, key: str, tmp_path: Path
) -> None:
    for pid in listening(server):
        os.kill(pid, signal.SIGKILL)
    for more in (arguments(url, key), ("--database-url", sqlite_url(tmp_path))):
        done = run("serve", "--listen", server.address, *more)
        assert done.returncode == 1
        assert done.stderr.startswith(f"orgplane-server: {server.address} is already in use: ")
    eventually(lambda: len(listening(server)) == WORKERS)


def test_killing_the_command_leaves_nothing_behind(server: Server) -> None:
    assert len(children(server.process.pid)) == WORKERS
    server.process.kill()
    server.process.wait(PATIENCE)
    server.stderr.rest()  # the last writer of its stderr is ending; its sockets are closed after that
    eventually(lambda: is_free(server.port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        probe.listen()
        return True


@on_both
def test_a_second_signal_cuts_what_runs_in_any_of_them(url: str, key: str) -> None:
    with (
        Server(*arguments(url, key), "--drain-grace", "3600") as server,
        contextlib.ExitStack() as calls,
    ):
        for _ in range(8):
            calls.enter_context(call_without_end(server.port))
        server.signal(signal.SIGTERM)
        eventually(lambda: not still_ready(server))
        server.signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 1
        assert "orgplane-server: stopped with 8 calls running" in server.stderr.rest()


def test_a_hangup_gives_all_of_them_the_new_certificate(
    url: str, key: str, tmp_path: Path, certificates: Path
) -> None:
    cert, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes((certificates / "server.pem").read_bytes())
    private.write_bytes((certificates / "server.key").read_bytes())
    trusting = ssl.create_default_context(cafile=certificates / "ca.pem")
    with Server(
        *(*arguments(url, key), "--tls-cert", str(cert), "--tls-key", str(private)),
    ) as server:
        cert.write_bytes((certificates / "renewed.pem").read_bytes())
        private.write_bytes((certificates / "renewed.key").read_bytes())
        os.killpg(server.process.pid, signal.SIGHUP)
        assert "the certificates are read anew" in (server.stderr.next() or "")
        served = set()
        for _ in range(10 * WORKERS):  # the kernel spreads them
            with (
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as plain,
                trusting.wrap_socket(plain, server_hostname="localhost") as secure,
            ):
                served.add(secure.getpeercert(binary_form=True))
        assert served == {ssl.PEM_cert_to_DER_cert((certificates / "renewed.pem").read_text())}
        assert len(listening(server)) == WORKERS


def still_ready(server: Server) -> bool:
    probe = ["curl", "-sf", "-m", "5", f"{server.url}/readyz"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def test_one_demo_is_created(postgresql_server: str, tmp_path: Path) -> None:
    url = postgres.new_database(postgresql_server)
    with (
        Server("--demo", *arguments(url, str(tmp_path / "demo.key"))) as server,
        psycopg.connect(url) as connection,
    ):
        assert (server.stdout.next() or "").startswith("organization_id: ")
        assert connection.execute("SELECT count(*) FROM organization").fetchone() == (1,)


def test_of_two_servers_that_start_at_once_one_creates_the_demo(
    postgresql_server: str, tmp_path: Path
) -> None:
    url = postgres.new_database(postgresql_server)
    arguments = ("--demo", "--database-url", url, "--secret-key-file", str(tmp_path / "demo.key"))
    with (
        ThreadPoolExecutor() as threads,
        contextlib.ExitStack() as running,
        psycopg.connect(url) as connection,
    ):
        starting = [threads.submit(Server, *arguments) for _ in range(2)]
        servers = [running.enter_context(started.result()) for started in starting]
        said = sorted((server.stdout.next() or "").partition(":")[0] for server in servers)
        assert said == ["organization_id", "organization_id"]  # the other one gets a new token
        assert connection.execute("SELECT count(*) FROM organization").fetchone() == (1,)


def test_when_one_of_them_cannot_start_at_the_beginning_all_end(
    postgresql_server: str, tmp_path: Path
) -> None:
    """A role with too few connections lets some workers start, not all."""
    url = postgres.new_database(postgresql_server)
    with psycopg.connect(url, autocommit=True) as connection:
        role, host, owner = connection.execute(
            "SELECT current_database() || '_few', current_database(), current_user"
        ).fetchone() or ("", "", "")
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'few' CONNECTION LIMIT 2")  # type: ignore[arg-type]
        connection.execute(f"ALTER DATABASE {host} OWNER TO {role}")  # type: ignore[arg-type]
        connection.execute(f"ALTER SCHEMA public OWNER TO {role}")  # type: ignore[arg-type]
    few = url.replace(f"{owner}@", f"{role}:few@")
    done = run("serve", "--listen", "127.0.0.1:0", *arguments(few, str(tmp_path / "few.key")))
    assert done.returncode == 1
    assert done.stdout == ""
    *_, last = done.stderr.splitlines()
    assert last == "orgplane-server: could not start; the reason is above"
    assert "too many connections for role" in done.stderr


def test_a_database_in_memory_is_served_by_one_process() -> None:
    done = run("serve", "--listen", "127.0.0.1:0", "--workers", "2", "--database-url", "sqlite://")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("orgplane-server: workers: more than 1 cannot share a database")
