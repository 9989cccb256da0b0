"""A consumer of events, which keeps its place in a store."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import orgplane
import pytest
from orgplane.cursors import AsyncFileCursorStore, FileCursorStore
from orgplane.testing import Organization


def rename(organization: Organization, name: str) -> None:
    organization.client.organizations.update(
        organization_id=organization.organization_id, name=name
    )


class Kept:
    """A store of one's own, in memory; it tells what it is given."""

    def __init__(self, saved: Callable[[str], None] = lambda _cursor: None) -> None:
        self.cursor = ""
        self._saved = saved

    def load(self) -> str:
        return self.cursor

    def save(self, cursor: str) -> None:
        self.cursor = cursor
        self._saved(cursor)


def test_without_a_place_it_begins_now_or_with_the_oldest(
    orgplane_organization: Organization,
) -> None:
    rename(orgplane_organization, "before")
    told: list[str] = []

    def consume(store: Kept, **options: bool) -> list[str]:
        told.clear()
        with orgplane.Client(
            url=orgplane_organization.url, token=orgplane_organization.token
        ) as client:

            def handle(event: orgplane.types.Event) -> None:
                told.append(event.id)
                if event.changes[0].after == "meanwhile":
                    client.close()

            client.events.consume(handle, cursor_store=store, **options)
        return [*told]

    connected = Kept(
        lambda cursor: rename(orgplane_organization, "meanwhile") if cursor and not told else None
    )
    (last,) = consume(connected)
    listed = [event.id for event in orgplane_organization.client.events.list()]
    assert consume(Kept(), from_oldest=True) == listed
    assert listed[-1] == last


def test_its_place_moves_past_what_the_filter_keeps_back(
    orgplane_organization: Organization,
) -> None:
    """Or it would be too old one day, although it has missed nothing."""
    store = Kept()
    with orgplane.Client(
        url=orgplane_organization.url, token=orgplane_organization.token
    ) as client:
        store._saved = lambda cursor: client.close() if cursor else None
        client.events.consume(
            print, cursor_store=store, from_oldest=True, resource_types=["RESOURCE_TYPE_GROUP"]
        )
    assert list(orgplane_organization.client.events.list())
    assert not list(orgplane_organization.client.events.list(after=store.cursor))


def test_a_store_that_cannot_save_is_told_before_anything_is_dealt_with(
    orgplane_organization: Organization, tmp_path: Path
) -> None:
    told: list[object] = []
    with pytest.raises(FileNotFoundError):
        orgplane_organization.client.events.consume(
            told.append,
            cursor_store=FileCursorStore(tmp_path / "missing" / "events.cursor"),
            from_oldest=True,
        )
    assert not told


def test_a_file_keeps_one_cursor_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    store = FileCursorStore(tmp_path / "events.cursor")
    assert store.load() == ""
    for cursor in ("a", "b", ""):
        store.save(cursor)
        assert FileCursorStore(store.path).load() == cursor
    assert [*tmp_path.iterdir()] == [store.path]


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="signals are for the main thread",
)
def test_a_signal_ends_it_while_it_waits(orgplane_organization: Organization) -> None:
    def interrupt(cursor: str) -> None:
        if cursor:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            orgplane_organization.client.events.consume(print, cursor_store=Kept(interrupt))
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("what", ["client", "watch"])
def test_closing_ends_a_watch_that_another_thread_waits_for(
    orgplane_organization: Organization, what: str
) -> None:
    client = orgplane.Client(url=orgplane_organization.url, token=orgplane_organization.token)
    told: list[orgplane.types.Event] = []
    with client.events.watch() as watch:
        waiting = threading.Thread(target=lambda: told.extend(watch))
        waiting.start()
        while not watch._receiving:
            pass
        (client if what == "client" else watch).close()
        waiting.join()
    assert not told
    client.close()


async def test_the_async_client_consumes_too(
    orgplane_organization: Organization, tmp_path: Path
) -> None:
    store = AsyncFileCursorStore(tmp_path / "events.cursor")
    told: list[str] = []
    gone = asyncio.Event()

    async def handle(event: orgplane.types.Event) -> None:
        if len(told) == 1:
            gone.set()
            await asyncio.Event().wait()
        told.append(event.id)

    async with orgplane_organization.async_client() as client:
        consuming = asyncio.create_task(
            client.events.consume(handle, cursor_store=store, from_oldest=True)
        )
        await gone.wait()
        consuming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consuming
        first, second, *_ = [event async for event in client.events.list()]
        assert told == [first.id]

        async def last(event: orgplane.types.Event) -> None:
            told.append(event.id)
            await client.close()

        await client.events.consume(last, cursor_store=store)
    assert told == [first.id, second.id]
