"""Live events between real processes: told at once, never lost, and let go when the time has come."""

from __future__ import annotations

import contextlib
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orgplane
import pytest
from orgplane.cursors import FileCursorStore
from processes import PATIENCE, Lines, Organization, Server, create_organization, sqlite_url

PROTOCOLS: tuple[orgplane._core.options.Protocol, ...] = ("connect", "grpc", "grpc-web")
#: As `buf curl` calls them.
BUF_PROTOCOLS = ("connect", "grpc", "grpcweb")
BUF = Path(sys.executable).with_name("buf")


@contextlib.contextmanager
def clients(server: Server, organization: Organization) -> Iterator[list[orgplane.Client]]:
    """One of each protocol."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                orgplane.Client(url=server.url, token=organization.token, protocol=protocol)
            )
            for protocol in PROTOCOLS
        ]


def rename(client: orgplane.Client, organization: Organization, name: str) -> None:
    client.organizations.update(organization_id=organization.organization_id, name=name)


def new_name(event: orgplane.types.Event) -> object:
    (change,) = event.changes
    assert change.field == "name"
    return change.after


def test_a_change_through_any_process_is_told_by_any_other(
    server: Server, other: Server, client: orgplane.Client, organization: Organization
) -> None:
    with (
        orgplane.Client(url=other.url, token=organization.token) as elsewhere,
        clients(server, organization) as watchers,
        contextlib.ExitStack() as stack,
    ):
        watches = [
            stack.enter_context(watcher.events.watch()) for watcher in (*watchers, elsewhere)
        ]
        for number in range(5):
            rename(elsewhere if number % 2 else client, organization, f"{number}")
            for watch in watches:
                assert new_name(next(watch)) == f"{number}"


def test_writers_on_two_processes_leave_no_gap(
    server: Server, other: Server, client: orgplane.Client, organization: Organization
) -> None:
    each = 15

    def write(url: str, worker: int) -> None:
        with orgplane.Client(url=url, token=organization.token) as client:
            for number in range(each):
                rename(client, organization, f"{worker}/{number}")

    with clients(server, organization) as watchers, contextlib.ExitStack() as stack:
        watches = [stack.enter_context(watcher.events.watch()) for watcher in watchers]
        with ThreadPoolExecutor() as writing:
            written = [
                writing.submit(write, where.url, worker)
                for worker, where in enumerate((server, other, server, other))
            ]
            seen = [[next(watch) for _ in range(4 * each)] for watch in watches]
        for done in written:
            done.result()
    events = seen[0]
    assert {new_name(e) for e in events} == {f"{w}/{n}" for w in range(4) for n in range(each)}
    listed = [event.id for event in client.events.list(page_size=100)][-4 * each :]
    for told in seen:
        assert [event.id for event in told] == listed
    # Each starts from what the one before it left.
    chain = [event.changes[0] for event in events]
    assert all(one.after == two.before for one, two in itertools.pairwise(chain))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_watch_outlives_its_server(
    database_url: str,
    secret_key_file: Path,
    client: orgplane.Client,
    organization: Organization,
    end: signal.Signals,
) -> None:
    """What changes while nobody is there to be asked is told afterwards; nothing is told twice."""
    arguments = ("--database-url", database_url, "--secret-key-file", str(secret_key_file))
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(PROTOCOLS)) as waiting:
        with Server(*arguments) as first:
            address = first.address
            watchers = stack.enter_context(clients(first, organization))
            watches = [stack.enter_context(watcher.events.watch()) for watcher in watchers]
            rename(client, organization, "before")
            for watch in watches:
                assert new_name(next(watch)) == "before"
            if end == signal.SIGTERM:
                collected = [waiting.submit(next, watch) for watch in watches]
                assert first.stop() == 0
            else:
                first.kill()
        rename(client, organization, "meanwhile")
        with Server(*arguments, "--listen", address):
            rename(client, organization, "after")
            if end == signal.SIGKILL:
                collected = [waiting.submit(next, watch) for watch in watches]
            for event, watch in zip(collected, watches, strict=True):
                assert new_name(event.result(PATIENCE)) == "meanwhile"
                assert new_name(next(watch)) == "after"
            stack.close()


def test_a_consumer_keeps_its_place_whatever_is_killed(
    database_url: str,
    secret_key_file: Path,
    client: orgplane.Client,
    organization: Organization,
    tmp_path: Path,
) -> None:
    """Every event in order, once each, but the one whose handler failed once more."""
    arguments = ("--database-url", database_url, "--secret-key-file", str(secret_key_file))
    store = FileCursorStore(tmp_path / "events.cursor")
    told: list[object] = []
    failing = ["3"]

    with Server(*arguments) as first, ThreadPoolExecutor(1) as elsewhere:
        address = first.address

        def consume(first: Server | None = None) -> None:
            with orgplane.Client(url=f"http://{address}", token=organization.token) as consumer:

                def handle(event: orgplane.types.Event) -> None:
                    told.append(new_name(event))
                    if told[-1] in failing:
                        failing.pop()
                        raise RuntimeError("the handler has failed")
                    if told[-1] == "1" and first is not None:
                        first.kill()
                        rename(client, organization, "2")
                        rename(client, organization, "3")
                    if told[-1] == "5":
                        consumer.close()

                consumer.events.consume(
                    handle, cursor_store=store, resource_types=["RESOURCE_TYPE_ORGANIZATION"]
                )

        # The place is there as soon as it is connected, before anything has happened.
        with (
            orgplane.Client(url=first.url, token=organization.token) as now,
            now.events.watch() as w,
        ):
            store.save(w.cursor)
        rename(client, organization, "1")
        ended = elsewhere.submit(consume, first)
        first.process.wait(PATIENCE)
        with Server(*arguments, "--listen", address):
            with pytest.raises(RuntimeError, match="the handler has failed"):
                ended.result(PATIENCE)
            rename(client, organization, "4")
            rename(client, organization, "5")
            consume()
    assert told == ["1", "2", "3", "3", "4", "5"]


async def test_the_async_client_watches_too(
    server: Server, client: orgplane.Client, organization: Organization
) -> None:
    async with (
        orgplane.AsyncClient(url=server.url, token=organization.token) as watcher,
        watcher.events.watch(resource_types=["RESOURCE_TYPE_ORGANIZATION"]) as watch,
    ):
        client.users.pats.create(user_id=organization.user_id)
        rename(client, organization, "New")
        async for event in watch:
            assert event.resource_type == "RESOURCE_TYPE_ORGANIZATION"
            assert event.actor.kind == "ACTOR_KIND_USER"
            assert event.actor.id == organization.user_id
            assert new_name(event) == "New"
            break
        assert watch.cursor == event.cursor
        found = await watcher.events.get(event_id=event.id)
        assert found.event.changes == event.changes
        entry = await watcher.audit_logs.get(audit_log_entry_id=event.id)
        assert entry.entry.action == "update"
        newest = await watcher.audit_logs.list(page_size=1).first_page()
        assert newest.items == [entry.entry]


def test_a_revoked_token_ends_its_watch(
    server: Server, client: orgplane.Client, organization: Organization
) -> None:
    token = client.users.pats.create(user_id=organization.user_id, description="short").token
    (made,) = [pat for pat in client.users.pats.list() if pat.description == "short"]
    with (
        orgplane.Client(url=server.url, token=token) as watcher,
        watcher.events.watch() as watch,
    ):
        client.users.pats.delete(personal_access_token_id=made.id)
        with pytest.raises(orgplane.UnauthenticatedError):
            next(watch)


@pytest.mark.parametrize("service", ["orgplane.v1", "gitpod.v1"])
@pytest.mark.parametrize("protocol_", BUF_PROTOCOLS)
def test_buf_curl_watches(
    server: Server,
    client: orgplane.Client,
    organization: Organization,
    root: Path,
    service: str,
    protocol_: str,
) -> None:
    command = [
        *(BUF, "curl", "--http2-prior-knowledge", "--protocol", protocol_, "-d", "{}"),
        *("-H", f"Authorization: Bearer {organization.token}"),
        f"{server.url}/{service}.EventService/WatchEvents",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = Lines(process.stdout)
        assert lines.next() is not None  # the first heartbeat
        rename(client, organization, "New")
        while "RESOURCE_OPERATION_UPDATE" not in str(lines.next()):
            pass
        process.terminate()
        lines.rest()


@pytest.mark.parametrize("service", ["orgplane.v1", "gitpod.v1"])
def test_curl_watches_line_by_line(
    server: Server, client: orgplane.Client, organization: Organization, service: str
) -> None:
    command = [
        *("curl", "-sSN", "--json", "{}", "-H", f"Authorization: Bearer {organization.token}"),
        f"{server.url}/api/{service}.EventService/WatchEvents",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = Lines(process.stdout)
        assert json.loads(str(lines.next()))  # the first heartbeat
        rename(client, organization, "New")
        line = str(lines.next())
        assert (len(line) + 1) % 64 == 0  # or the vendor's SDK would wait for more
        told = json.loads(line)
        event = told.get("event", told)
        assert event["operation"] == "RESOURCE_OPERATION_UPDATE"
        assert event["resourceType"] == "RESOURCE_TYPE_ORGANIZATION"
        assert event["resourceId"] == organization.organization_id
        process.terminate()
        lines.rest()


def test_the_last_line_tells_why_there_are_no_more(
    server: Server, client: orgplane.Client, organization: Organization
) -> None:
    token = client.users.pats.create(user_id=organization.user_id, description="short").token
    (made,) = [pat for pat in client.users.pats.list() if pat.description == "short"]
    command = [
        *("curl", "-sSN", "--json", "{}", "-H", f"Authorization: Bearer {token}"),
        f"{server.url}/orgplane.v1.EventService/WatchEvents",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = Lines(process.stdout)
        assert "heartbeat" in str(lines.next())
        client.users.pats.delete(personal_access_token_id=made.id)
        error = json.loads(lines.rest()[-1])["error"]
        assert error["code"] == "unauthenticated"
        assert error["message"] == "the token is unknown or revoked"
        assert error["details"]
    assert process.returncode == 0


class TestOneServer:
    """Servers with settings of their own, on SQLite: what the listener does, whatever the database."""

    def test_idle_streams_live_and_clients_that_went_are_noticed(self, tmp_path: Path) -> None:
        url = sqlite_url(tmp_path)
        organization = create_organization(url)
        with Server(
            *("--database-url", url, "--watch-heartbeat", "0.05", "--log-format", "json")
        ) as server:
            with clients(server, organization) as watchers:
                for watcher in watchers:
                    with watcher.events.watch() as watch:
                        assert watch.cursor
                        for _ in range(3):
                            before = watch.cursor
                            watch._next()
                            assert watch.cursor != before  # a heartbeat, with a cursor of its own
                    line = json.loads(str(server.stderr.next()))
                    assert line["method"] == "orgplane.v1.EventService/WatchEvents"
                    assert line["code"] == "canceled"
            assert server.stop() == 0
            assert all(json.loads(each)["event"] == "call" for each in server.stderr.rest())

    def test_watches_do_not_delay_the_end_of_a_server(self, tmp_path: Path) -> None:
        url = sqlite_url(tmp_path)
        organization = create_organization(url)
        with Server("--database-url", url, "--drain-grace", "3600") as server:
            clients = [
                orgplane.Client(
                    url=server.url, token=organization.token, protocol=protocol, max_retries=0
                )
                for protocol in PROTOCOLS
            ]
            for client in clients:
                client.events.watch().__enter__()
            assert server.stop() == 0
            for client in clients:
                client.close()

    def test_old_events_are_purged_and_who_comes_too_late_is_told(self, tmp_path: Path) -> None:
        url = sqlite_url(tmp_path)
        organization = create_organization(url)
        with (
            Server("--database-url", url) as keeping,
            orgplane.Client(url=keeping.url, token=organization.token) as client,
        ):
            cursor = next(iter(client.events.list())).cursor
        with (
            Server("--database-url", url, "--audit-retention", "1s") as server,
            orgplane.Client(url=server.url, token=organization.token) as client,
        ):
            while list(client.audit_logs.list()):
                pass
            with pytest.raises(orgplane.EventsPurgedError) as caught:
                list(client.events.list(after=cursor))
            assert caught.value.reason == "EVENTS_PURGED"
            with pytest.raises(orgplane.EventsPurgedError):
                next(client.events.watch(after=cursor))
            store = FileCursorStore(tmp_path / "events.cursor")
            store.save(cursor)
            with pytest.raises(orgplane.EventsPurgedError, match="take stock of what is there"):
                client.events.consume(print, cursor_store=store)
            assert store.load() == cursor
            with client.events.watch() as watch:
                rename(client, organization, "Newer")
                assert new_name(next(watch)) == "Newer"
