"""Waking whoever follows a trail, when it has grown by a commit of any process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa
import structlog

from ... import fairness
from ...domain.errors import OrgplaneError
from .dialect import Dialect, Ear
from .trail import Trail

T = TypeVar("T", covariant=True)

#: Commits are announced to other processes, and looked at here, at most this often.
_ANNOUNCE_SECONDS = 0.02
_LOOK_SECONDS = 0.01
#: How long to leave a database alone that gave trouble.
_REST_SECONDS = 1.0

log = structlog.get_logger(__name__)


class _Read(Protocol):
    """`Database.read`."""

    async def __call__(self, query: Callable[[sa.Connection], T], /) -> T: ...


class Follower:
    """Who waits for one owner's rows in a trail, or for anybody's.

    `grown` is the greatest sequence so far up to which there are new ones; every row up to
    `settled` can be seen by queries begun from now on.
    """

    def __init__(self, followed: _Followed) -> None:
        self._followed = followed
        self._woken = asyncio.Event()
        self.grown = 0

    @property
    def settled(self) -> int:
        return self._followed.settled or 0

    async def wait(self, seconds: float) -> bool:
        """Waits for `wake`, that long at most; whether it came."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def wake(self) -> None:
        """Ends a wait, or the next one."""
        self._woken.set()

    def grew(self, followed: _Followed, settled: int) -> None:
        """Wakes, as a trail got rows of those for which it is followed."""
        if followed is self._followed:
            self.grown = settled
        self.wake()


class _Followed:
    """A trail with all who are woken when it grows for an owner; `settled` is known while there are any."""

    def __init__(self, trail: Trail, read: _Read) -> None:
        self._trail = trail
        self._read = read
        self._looking = asyncio.Lock()
        #: By owner; under None those who follow whoever's rows.
        self.followers: dict[UUID | None, set[Follower]] = {}
        self.settled: int | None = None

    @contextlib.contextmanager
    def waking(self, follower: Follower, owner: UUID | None) -> Iterator[None]:
        followers = self.followers.setdefault(owner, set())
        followers.add(follower)
        try:
            yield
        finally:
            followers.discard(follower)
            if not followers:
                del self.followers[owner]

    async def look(self) -> None:
        """Finds how far the trail is complete, and wakes those whose owner has something new."""
        async with self._looking:
            if not self.followers:
                self.settled = None
                return
            before, settled = self.settled, await self._read(self._trail.settled)
            if before is None:
                self.settled = settled
            elif settled > before:
                grown = await self._read(lambda c: self._trail.grown(c, before, settled))
                self.settled = settled
                if not grown:
                    return
                for owner in {None, *grown} & self.followers.keys():
                    for follower in self.followers[owner]:
                        follower.grew(self, settled)


class Wakeups:
    """One task that looks at the ends of trails for all who follow them in this process.

    It looks when a change committed here, at once, and when another process is heard to have committed;
    threads of its own announce the former and hear the latter. All of it begins with the first
    follower, but for the announcing, and goes on until the end.
    """

    def __init__(self, dialect: Dialect, read: _Read) -> None:
        self._read = read
        self._followed: dict[Trail, _Followed] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hearing = _Hearing(dialect, self._wake)
        self._announcing = _Announcing(dialect)

    def announce(self) -> None:
        """A change that made a trail grow has been committed here. For any thread."""
        self._wake()
        self._announcing.announce()

    @contextlib.asynccontextmanager
    async def following(
        self, trail: Trail, owner: UUID | None, *others: tuple[Trail, UUID]
    ) -> AsyncIterator[Follower]:
        """A follower of an owner's rows in a trail, or of all without one, woken from now on; its `settled` is current.

        It is woken too when one of the `others` grows for the owner named with it.
        """
        follower = Follower(self._of(trail))
        wakers = {(self._of(each), whose) for each, whose in ((trail, owner), *others)}
        with contextlib.ExitStack() as stack:
            for followed, whose in wakers:
                stack.enter_context(followed.waking(follower, whose))
            if self._task is None:
                self._loop = asyncio.get_running_loop()
                self._task = asyncio.create_task(self._run())
                self._hearing.start()
            for followed, _ in wakers:
                await followed.look()
            yield follower

    def wake_all(self) -> None:
        for followed in self._followed.values():
            for followers in followed.followers.values():
                for follower in followers:
                    follower.wake()

    def wake_all_soon(self) -> None:
        """`wake_all`, for any thread."""
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self.wake_all)

    async def aclose(self) -> None:
        """Ends the task; `close` ends the rest."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def close(self) -> None:
        """Announces what is still to be announced. Closing twice is fine."""
        self._loop = None
        self._hearing.close()
        self._announcing.close()

    def _of(self, trail: Trail) -> _Followed:
        return self._followed.setdefault(trail, _Followed(trail, self._read))

    def _wake(self) -> None:
        """For any thread."""
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._changed.set)

    async def _run(self) -> None:
        fairness.whose.set(fairness.Party())  # and not who followed first
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                for followed in list(self._followed.values()):
                    await followed.look()
                await asyncio.sleep(_LOOK_SECONDS)
            except Exception as error:
                if not isinstance(error, OrgplaneError):  # those are logged where they arise
                    log.error("cannot look at what is followed", exc_info=error)
                await asyncio.sleep(_REST_SECONDS)
                self._changed.set()


class _Hearing:
    """A thread that calls `wake` when another process may have committed; nothing it meets ends it."""

    def __init__(self, dialect: Dialect, wake: Callable[[], None]) -> None:
        self._dialect = dialect
        self._wake = wake
        self._thread: threading.Thread | None = None
        self._stopped, self._stop = -1, -1

    def start(self) -> None:
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, name="store-hear", daemon=True)
        self._thread.start()

    def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            os.close(self._stop)
            thread.join()
            os.close(self._stopped)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stopped, selectors.EVENT_READ, "stopped")
            deaf = False
            while True:
                try:
                    with self._dialect.ear() as ear:
                        if deaf:
                            log.info("hearing of other processes' changes again")
                            deaf = False
                        if self._hear(ear, selector):
                            return
                except Exception as error:
                    if not deaf:
                        log.warning("cannot hear of other processes' changes", error=_line(error))
                        deaf = True
                self._wake()
                if selector.select(_REST_SECONDS):
                    return

    def _hear(self, ear: Ear, selector: selectors.BaseSelector) -> bool:
        """True when stopped; raises when the ear fails."""
        self._wake()  # whatever was while nobody heard
        if ear.file is not None:
            selector.register(ear.file, selectors.EVENT_READ)
        try:
            while True:
                ready = selector.select(ear.interval)
                if any(key.data == "stopped" for key, _ in ready):
                    return True
                if ear.heard():
                    self._wake()
        finally:
            if ear.file is not None:
                selector.unregister(ear.file)


class _Announcing:
    """A thread that tells other processes, once for all the commits of a moment."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._pending = False
        self._due = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def announce(self) -> None:
        if not self._dialect.shared:
            return
        self._pending = True
        self._due.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._closing.is_set():
                    self._thread = threading.Thread(
                        target=self._run, name="store-announce", daemon=True
                    )
                    self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._dialect.voice() as announce:
            while True:
                self._due.wait()
                self._due.clear()
                rest = _ANNOUNCE_SECONDS
                if self._pending:
                    self._pending = False
                    try:
                        announce()
                    except Exception as error:  # others look by themselves after a while
                        log.warning("cannot announce a change", error=_line(error))
                        rest = _REST_SECONDS
                if self._closing.wait(rest) and not self._pending:
                    return


def _line(error: Any) -> str:
    """What an error of the driver says, without the statement."""
    return str(getattr(error, "orig", error)).strip()
