from __future__ import annotations

from ..domain import organization, session
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Origin, Permission
from ..domain.errors import Reason, Unauthenticated
from ..domain.instant import Clock
from ..domain.session import Session
from ..domain.token import Token, TokenKind
from ..store import session as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.session import sessions
from . import saving
from .address_limit import UNLIMITED, AddressLimit
from .minting import new_token


class Sessions:
    """The session that a caller acts with; other members' end by what `domain.sign_in` tells.

    A token for one that does not work is counted against the address that it came from, in `unknown`.
    """

    def __init__(self, database: Database, clock: Clock, unknown: AddressLimit = UNLIMITED) -> None:
        self._database = database
        self._clock = clock
        self._unknown = unknown

    async def get(self, caller: Caller) -> Session:
        """Raises FailedPrecondition for who has not signed in."""
        caller.require(Permission.READ_ACCOUNT)
        if not caller.session:
            raise session.none()
        return _there(
            await self._database.read(
                lambda connection: sessions.find(
                    connection, caller.organization_id, caller.token_id
                )
            )
        )

    async def end(self, caller: Caller) -> None:
        """Its token is refused everywhere when this answers. Raises FailedPrecondition for who has not signed in."""
        caller.require(Permission.END_SESSION)
        if not caller.session:
            raise session.none()

        def change(unit: UnitOfWork) -> None:
            old = _there(sessions.lock(unit.connection, caller.organization_id, caller.token_id))
            sessions.delete(unit.connection, caller.organization_id, old.id)
            told = session.told(old.configuration_id, ended=True)
            now = self._clock()
            saving.note(unit, caller, Action.UPDATE, Subject.USER, old.user_id, now, told)

        await self._database.write(change)

    async def exchange(self, origin: Origin, text: str) -> Token:
        """The token of a session, for what the browser brought from a sign-in. Works once. Raises Unauthenticated, and FailedPrecondition while the
        organization is suspended."""
        try:
            return await self._exchange(Token.of_kind(TokenKind.EXCHANGE, text))
        except Unauthenticated:
            self._unknown.count(origin.peer)
            raise

    async def _exchange(self, given: Token) -> Token:
        token = new_token(TokenKind.SESSION)

        def change(unit: UnitOfWork) -> Token:
            before = store.lock_by_exchange(unit.connection, given.digest)
            if before is None:
                raise session.unknown_exchange()
            id = before.organization_id
            held = organizations.find(unit.connection, id, id)
            if held is not None and held.suspended:
                raise organization.is_suspended()
            after = before.exchanged(token.digest, self._clock())
            unit.write(sessions.updating(before.organization_id, before, after))
            return token

        return await self._database.write(change)


def _there(found: Session | None) -> Session:
    """It may have ended since the call began."""
    if found is None:
        raise Unauthenticated("the session has ended", reason=Reason.TOKEN_UNKNOWN)
    return found
