"""Telling callers what a trail holds behind a place, and then what comes, for as long as they may know it.

Nothing is kept for whoever watches: a watch is a place, and reads on from there when it was woken and its
reader has taken what it was given. However slow the reader, it holds one page.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from ..domain.caller import Caller, Permission
from ..domain.errors import Reason, ResourceExhausted, Unavailable
from ..store import audit
from ..store.engine.database import Database
from ..store.engine.trail import Trail
from .authentication import Authentication

#: Seconds after which a watch that has nothing to tell says so.
DEFAULT_HEARTBEAT = 30.0
#: Watches at once, of one process and of one caller in it, be it a user, a service account, an application or an operator token.
MAX_WATCHERS = 1000
MAX_WATCHERS_OF_ONE = 50

_PAGE = 100


class Placed(Protocol):
    @property
    def sequence(self) -> int: ...


T = TypeVar("T", bound=Placed)
#: Up to `limit` of an owner's rows after a sequence and not after another: `read(after, until, limit)`.
Read = Callable[[int, int, int], Awaitable[Sequence[T]]]


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who watches: `id` is whose watches are counted, `require` raises as soon as they may not any more.

    That is asked before anything is told, and when one of the trails `rights` grows for the owner named with it.
    """

    id: UUID
    what: str
    require: Callable[[], Awaitable[None]]
    rights: Sequence[tuple[Trail, UUID]] = ()


class Watches:
    """All watches of this process."""

    def __init__(
        self,
        database: Database,
        authentication: Authentication,
        *,
        heartbeat: float = DEFAULT_HEARTBEAT,
        max_watchers: int = MAX_WATCHERS,
        max_watchers_of_one: int = MAX_WATCHERS_OF_ONE,
    ) -> None:
        self._database = database
        self._authentication = authentication
        self._heartbeat = heartbeat
        self._max_watchers = max_watchers
        self._max_watchers_of_one = max_watchers_of_one
        self._watchers: Counter[UUID] = Counter()
        self._stopping = False

    @property
    def watchers(self) -> int:
        """How many watches there are."""
        return self._watchers.total()

    def drain(self) -> None:
        """The server stops: watches end, and no new one begins."""
        self._stopping = True
        self._database.wake_followers()

    def tell(
        self,
        caller: Caller,
        permission: Permission,
        trail: Trail,
        owner: UUID,
        begin: int | None,
        read: Read[T],
        wanted: Callable[[T], bool] = lambda _: True,
    ) -> AsyncGenerator[tuple[int, T | None], None]:
        """`tell_watcher`, to whom `member` says."""
        watcher = self.member(caller, permission)
        return self.tell_watcher(watcher, trail, owner, begin, read, wanted)

    def member(self, caller: Caller, permission: Permission) -> Watcher:
        """A member, or a service account, who has this permission. Raises PermissionDenied.

        Their watch raises what `Authentication` does, or PermissionDenied, as soon as they may no longer watch.
        """
        caller.require(permission)

        async def require() -> None:
            (await self._authentication.renew(caller)).require(permission)

        # What a caller may changes with the organization's events.
        rights = [(audit.TRAIL, caller.organization_id)]
        what = "service account" if caller.service_account else "user"
        return Watcher(caller.id, what, require, rights)

    async def tell_watcher(
        self,
        watcher: Watcher,
        trail: Trail,
        owner: UUID | None,
        begin: int | None,
        read: Read[T],
        wanted: Callable[[T], bool] = lambda _: True,
    ) -> AsyncGenerator[tuple[int, T | None], None]:
        """What is behind a place (None: now) and wanted, of an owner or of all, for ever, each with the place that is reached then.

        None with a place is a heartbeat: it comes first, and when nothing else was told for a while.
        Raises ResourceExhausted when there are too many watches, Unavailable when the server stops, and
        what `watcher.require` or `read` raises, which is asked as often.
        """
        with self._counted(watcher):
            async with self._database.following(trail, owner, *watcher.rights) as follower:
                place = follower.settled if begin is None else begin
                behind = begin is not None
                due = 0.0
                while True:
                    if self._stopping:
                        raise Unavailable(
                            "the server is stopping; watch again", reason=Reason.SERVER_STOPPING
                        )
                    await watcher.require()
                    settled = follower.settled
                    if not behind and follower.grown <= place:
                        place = max(place, settled)
                    found = await read(place, settled, _PAGE)
                    if _now() >= due:
                        yield place, None
                        due = _now() + self._heartbeat
                    for item in found:
                        place = item.sequence
                        if wanted(item):
                            yield place, item
                            due = _now() + self._heartbeat
                    behind = len(found) == _PAGE
                    if not behind:
                        place = max(place, settled)
                        await follower.wait(due - _now())

    @contextlib.contextmanager
    def _counted(self, watcher: Watcher) -> Iterator[None]:
        if self.watchers >= self._max_watchers:
            raise ResourceExhausted(
                "the server has too many watches", reason=Reason.TOO_MANY_WATCHERS
            )
        if self._watchers[watcher.id] >= self._max_watchers_of_one:
            raise ResourceExhausted(
                f"the {watcher.what} has too many watches already", reason=Reason.TOO_MANY_WATCHERS
            )
        self._watchers[watcher.id] += 1
        try:
            yield
        finally:
            self._watchers[watcher.id] -= 1
            if not self._watchers[watcher.id]:
                del self._watchers[watcher.id]


def _now() -> float:
    return asyncio.get_running_loop().time()
