"""Servers killed, drained and their database crashed under load: what was answered holds, everywhere."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import shutil
import signal
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import orgplane
import postgres
import pytest
import sqlalchemy as sa
from orgplane._core.options import Protocol
from orgplane_server.store import audit, scim_configuration, sso_configuration
from processes import PATIENCE, Organization, Server, children, create_organization, sqlite_url

#: All that a client may meet: trying again is right.
RETRYABLE = (orgplane.UnavailableError, orgplane.DeadlineExceededError)


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A database server that this test alone may crash."""
    cluster = postgres.new_cluster()
    cluster.start()
    yield cluster
    cluster.stop("immediate")
    shutil.rmtree(cluster.folder)


class Fleet:
    """The servers there are; whoever asks for one gets the next, as from a load balancer."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._servers: list[Server] = []
        self._turn = itertools.count()
        self.all: list[Server] = []

    def start(self, *more: str) -> Server:
        server = Server(*self._arguments, *more)
        self.all.append(server)
        self._servers = [*self._servers, server]
        return server

    def forget(self, server: Server) -> None:
        self._servers = [other for other in self._servers if other is not server]

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self._servers]

    def next_url(self) -> str:
        urls = self.urls
        return urls[next(self._turn) % len(urls)]

    def end(self) -> None:
        for server in self.all:
            server.kill()


class Load(ABC):
    """Does one thing over and over, until the test has seen enough; counts what became of it."""

    protocols = itertools.cycle(get_args(Protocol))

    def __init__(self, fleet: Fleet, organization: Organization) -> None:
        self.protocol: Protocol = next(self.protocols)
        self.fleet = fleet
        self.organization = organization
        self.counts: Counter[str] = Counter()
        self.unexpected: list[Exception] = []
        self._clients: dict[str, orgplane.Client] = {}

    @abstractmethod
    def step(self) -> None:
        """One round; an error that is to be repeated may end it."""

    @abstractmethod
    def check(self, database: sa.Connection) -> None:
        """Whether all that was answered is true in the end."""

    def client(self) -> orgplane.Client:
        """Of the next server. One for each thread, which is this load's own."""
        url = self.fleet.next_url()
        if url not in self._clients:
            self._clients[url] = self.client_with(self.organization.token, url)
        return self._clients[url]

    def client_with(self, token: str, url: str) -> orgplane.Client:
        return orgplane.Client(
            url=url, token=token, protocol=self.protocol, max_retries=0, timeout=5
        )

    def pause(self, error: Exception) -> None:
        """Before trying again."""
        self.counts[type(error).__name__] += 1
        time.sleep(0.02)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.step()
                self.counts["rounds"] += 1
            except RETRYABLE as error:
                self.pause(error)
            except Exception as error:
                self.unexpected.append(error)
        for client in self._clients.values():
            client.close()


class FieldUpdates(Load):
    """The only writer of one field of a configuration whose other fields others write."""

    def __init__(
        self,
        fleet: Fleet,
        organization: Organization,
        configuration_id: str,
        field: str,
        values: Iterator[Any],
    ) -> None:
        super().__init__(fleet, organization)
        self.configuration_id = configuration_id
        self.field = field
        self.values = values
        self.next = next(values)
        self.answered: list[Any] = []

    def step(self) -> None:
        """After an error the same value again: it may have been written, and is then not written twice."""
        changed = self.client().organizations.scim_configurations.update(
            scim_configuration_id=self.configuration_id, **{self.field: self.next}
        )
        self.answered.append(getattr(changed.scim_configuration, self.field))
        assert self.answered[-1] == self.next
        self.next = next(self.values)

    def check(self, database: sa.Connection) -> None:
        """Each update is on the audit trail once, made upon the one before, and the last one is the row."""
        trail = audit.table.c
        told = database.scalars(
            sa.select(trail.changes)
            .where(trail.action == "update", trail.subject_id == UUID(self.configuration_id))
            .order_by(trail.sequence)
        )
        changes = [each[self.field] for each in told if self.field in each]
        written = [after for _, after in changes]
        assert written[: len(self.answered)] == self.answered
        assert written[len(self.answered) :] in ([], [self.next])
        assert [before for before, _ in changes[1:]] == written[:-1]
        row = scim_configuration.table.c
        (kept,) = database.scalars(
            sa.select(row[self.field]).where(row.id == UUID(self.configuration_id))
        )
        assert (kept if isinstance(kept, bool) else str(kept)) == written[-1]
        self.counts["updates answered"] += len(self.answered)
        self.counts["updates kept"] += len(written)


class Creations(Load):
    def __init__(self, fleet: Fleet, organization: Organization) -> None:
        super().__init__(fleet, organization)
        self.answered: list[str] = []

    def step(self) -> None:
        self.answered.append(create_sso_configuration(self.client(), self.organization))

    def check(self, database: sa.Connection) -> None:
        rows = database.scalars(sa.select(sso_configuration.table.c.id))
        assert set(map(str, rows)) >= set(self.answered)
        self.counts["creations answered"] += len(self.answered)


class Gate(Load):
    """Lets somebody in until it is closed; whoever comes after the answer of the closing is not let in."""

    @abstractmethod
    def open(self) -> None:
        """Lets somebody in from now on."""

    @abstractmethod
    def enter(self, url: str) -> bool:
        """Whether they are let in by this server."""

    @abstractmethod
    def close(self) -> None:
        """May be repeated after an error."""

    def step(self) -> None:
        self.open()
        assert self.enter(self.fleet.next_url())
        self._close()
        for url in self.fleet.urls:
            with contextlib.suppress(*RETRYABLE):
                self.counts["let in after all" if self.enter(url) else "kept out"] += 1

    def _close(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.close()
            except RETRYABLE as error:
                assert time.monotonic() < deadline
                self.pause(error)

    def check(self, database: sa.Connection) -> None:
        assert self.counts["let in after all"] == 0
        assert self.counts["kept out"] > 0


class RevokedTokens(Gate):
    numbers = itertools.count()

    def open(self) -> None:
        description = f"gate {next(self.numbers)}"
        tokens = self.client().users.pats
        self.token = tokens.create(user_id=self.organization.user_id, description=description).token
        self.id = next(
            pat.id for pat in self.client().users.pats.list() if pat.description == description
        )

    def enter(self, url: str) -> bool:
        with self.client_with(self.token, url) as client:
            try:
                client.users.get_authenticated_user()
            except orgplane.UnauthenticatedError:
                return False
            return True

    def close(self) -> None:
        with contextlib.suppress(orgplane.NotFoundError):  # it was done the time before
            self.client().users.pats.delete(personal_access_token_id=self.id)


class DisabledConfigurations(Gate):
    """The identity provider provisions users, until an administrator disables its configuration."""

    users = itertools.count()

    def __init__(self, fleet: Fleet, organization: Organization) -> None:
        super().__init__(fleet, organization)
        issued = self.client().organizations.scim_configurations.create(
            organization_id=organization.organization_id,
            sso_configuration_id=create_sso_configuration(self.client(), organization),
        )
        self.id = issued.scim_configuration.id
        self.token = issued.token

    def open(self) -> None:
        self._enable(True)

    def close(self) -> None:
        self._enable(False)

    def _enable(self, enabled: bool) -> None:
        self.client().organizations.scim_configurations.update(
            scim_configuration_id=self.id, enabled=enabled
        )

    def enter(self, url: str) -> bool:
        user = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": f"user{next(self.users)}@acme.example",
        }
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/scim+json",
        }
        connection = http.client.HTTPConnection(url.partition("://")[2], timeout=5)
        try:
            connection.request("POST", "/scim/v2/Users", json.dumps(user), headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise orgplane.AnswerLostError(str(error)) from error
        finally:
            connection.close()
        if status == 503:
            raise orgplane.UnavailableError("the SCIM door says so")
        assert status in (201, 403), status
        return status == 201


#: What is closed for good when the closing is answered, on every server.
GATES: tuple[type[Gate], ...] = (RevokedTokens, DisabledConfigurations)


def create_sso_configuration(client: orgplane.Client, organization: Organization) -> str:
    return client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    ).sso_configuration.id


def loads(fleet: Fleet, organization: Organization) -> list[Load]:
    with orgplane.Client(url=fleet.next_url(), token=organization.token) as client:
        links = [create_sso_configuration(client, organization) for _ in range(3)]
        id = client.organizations.scim_configurations.create(
            organization_id=organization.organization_id, sso_configuration_id=links[0]
        ).scim_configuration.id
    fields: dict[str, Iterator[Any]] = {
        "name": (f"name {number}" for number in itertools.count()),
        "enabled": itertools.cycle((False, True)),
        "sso_configuration_id": itertools.cycle((*links[1:], links[0])),
        "allow_unverified_email_account_linking": itertools.cycle((True, False)),
    }
    return [
        *(FieldUpdates(fleet, organization, id, *field) for field in fields.items()),
        *(Creations(fleet, organization) for _ in range(2)),
        *(gate(fleet, organization) for gate in GATES),
    ]


def test_nothing_answered_is_lost_whatever_dies(
    cluster: postgres.Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.new_database(cluster.url)
    with _under_load(url, tmp_path, capsys) as (fleet, all_loads):
        _servers_die(fleet, all_loads)
        for end in (cluster.kill, lambda: cluster.stop("fast")):
            end()
            failing(all_loads)
            cluster.start()
            progress(all_loads)


def test_nothing_answered_is_lost_of_a_file_that_processes_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _under_load(sqlite_url(tmp_path), tmp_path, capsys) as (fleet, all_loads):
        _servers_die(fleet, all_loads)
    with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextlib.contextmanager
def _under_load(
    url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Fleet, list[Load]]]:
    """A server of two processes and two of one; in the end all that was answered is there."""
    fleet = Fleet(
        *("--database-url", url, "--secret-key-file", str(folder / "secret.key")),
        *("--database-connections", "6", "--log-format", "json"),
    )
    organization = create_organization(url)
    stop = threading.Event()
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.callback(fleet.end)
        with ThreadPoolExecutor() as starting:
            options = (("--workers", "2"), (), ())
            list(starting.map(lambda more: fleet.start(*more), options))
        all_loads = loads(fleet, organization)
        threads = [threading.Thread(target=load.run, args=(stop,)) for load in all_loads]
        stack.callback(lambda: [thread.join(PATIENCE) for thread in threads])
        stack.callback(stop.set)
        for thread in threads:
            thread.start()

        yield fleet, all_loads

        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        running = [server for server in fleet.all if server.process.poll() is None]
        assert [server.stop() for server in running] == [0] * len(running)
    seconds = time.monotonic() - begun
    for server in fleet.all:
        assert [line for line in server.stderr.rest() if "unhandled error" in line] == []
    assert [repr(error) for load in all_loads for error in load.unexpected] == []
    engine = sa.create_engine(url)
    with contextlib.closing(engine.connect()) as database:
        for load in all_loads:
            load.check(database)
    engine.dispose()
    total = sum((load.counts for load in all_loads), Counter[str]())
    with capsys.disabled():
        told = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
        print(f"\nunder faults, in {seconds:.0f} s: {told}")


def _servers_die(fleet: Fleet, all_loads: list[Load]) -> None:
    """One of the two processes, one server whole, and one that drains; others take their place."""
    pair = next(server for server in fleet.all if len(children(server.process.pid)) == 2)
    lost, drained = (server for server in fleet.all if server is not pair)
    progress(all_loads)
    os.kill(children(pair.process.pid)[0], signal.SIGKILL)
    lost.kill()
    progress(all_loads)
    fleet.forget(lost)
    fleet.start()
    assert drained.stop() == 0
    fleet.forget(drained)
    fleet.start()
    progress(all_loads)


def progress(loads: list[Load]) -> None:
    """Comes back when every load has got on."""
    _until_each_has(loads, lambda load: load.counts["rounds"])


def failing(loads: list[Load]) -> None:
    """Comes back when every load has met an error that it may repeat."""
    _until_each_has(loads, lambda load: sum(load.counts[kind.__name__] for kind in _KINDS))


_KINDS = (*RETRYABLE, orgplane.NotReachedError, orgplane.AnswerLostError)


def _until_each_has(loads: list[Load], count: Callable[[Load], int], more: int = 5) -> None:
    deadline = time.monotonic() + PATIENCE
    before = [count(load) for load in loads]
    while any(count(load) < seen + more for load, seen in zip(loads, before, strict=True)):
        stuck = [
            (type(load).__name__, load.counts, load.unexpected[-3:])
            for load, seen in zip(loads, before, strict=True)
            if count(load) < seen + more
        ]
        assert time.monotonic() < deadline, stuck
        time.sleep(0.02)


def test_a_lost_database_is_unavailable_while_it_lasts_and_no_longer(
    cluster: postgres.Cluster, tmp_path: Path
) -> None:
    url = postgres.new_database(cluster.url)
    token = create_organization(url).token
    key = str(tmp_path / "secret.key")
    with (
        Server("--database-url", url, "--secret-key-file", key) as server,
        orgplane.Client(url=server.url, token=token, max_retries=0) as client,
    ):
        workers = children(server.process.pid)
        for end in (cluster.kill, lambda: cluster.stop("fast")):
            client.users.get_authenticated_user()
            assert server.status("/readyz") == 200
            end()
            with pytest.raises(orgplane.UnavailableError, match="the database is unavailable"):
                client.users.get_authenticated_user()
            assert server.status("/readyz") == 503
            assert server.status("/healthz") == 200
            cluster.start()
        client.users.get_authenticated_user()
        assert children(server.process.pid) == workers


def test_a_worker_that_dies_while_the_database_is_lost_comes_back_with_it(
    cluster: postgres.Cluster, tmp_path: Path
) -> None:
    url = postgres.new_database(cluster.url)
    key = str(tmp_path / "secret.key")
    arguments = ("--database-url", url, "--secret-key-file", key, "--workers", "2")
    with Server(*arguments, "--log-format", "json") as server:
        one, other = children(server.process.pid)
        cluster.kill()
        os.kill(one, signal.SIGKILL)
        while "a serving process cannot start" not in (server.stderr.next() or ""):
            pass
        cluster.start()
        while "a serving process was started anew" not in (server.stderr.next() or ""):
            pass
        assert other in children(server.process.pid)
        assert len(children(server.process.pid)) == 2
        assert server.stop() == 0
