from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ..domain.application import ApplicationCaller
from ..domain.sign_out import SignOut
from ..store import sign_out as store
from ..store.engine.database import Database
from .application_authentication import ApplicationAuthentication
from .cursors import Cursors
from .watch import Watcher, Watches


@dataclass(frozen=True, slots=True)
class Told:
    """What a watch tells: a sign-out, or without one that it lives, and the place it has reached."""

    sign_out: SignOut | None
    cursor: str


class SignOuts:
    """Which sign-ins to the calling application are over; of no other."""

    def __init__(
        self,
        database: Database,
        cursors: Cursors,
        watches: Watches,
        authentication: ApplicationAuthentication,
    ) -> None:
        self._database = database
        self._cursors = cursors
        self._watches = watches
        self._authentication = authentication

    async def watch(self, caller: ApplicationCaller, cursor: str) -> AsyncIterator[Told]:
        """The sign-outs behind a cursor (without one: from now on), for ever.

        A sign of life first, and whenever nothing else was told for a while. Raises what `Watches.tell_watcher` does, and
        Unauthenticated once the secret is removed that the caller has shown: nothing is told after that.
        """
        application = caller.application.id
        watched = f"sign_outs/{application}"

        async def require() -> None:
            await self._authentication.renew(caller)

        async def following(after: int, until: int, limit: int) -> Sequence[SignOut]:
            return await self._database.read(
                lambda connection: store.following(connection, application, after, until, limit)
            )

        told = self._watches.tell_watcher(
            Watcher(application, "application", require),
            store.TRAIL,
            application,
            self._cursors.place(watched, cursor),
            following,
        )
        async with contextlib.aclosing(told):
            async for place, sign_out in told:
                yield Told(sign_out, self._cursors.of(watched, place))
