from __future__ import annotations

from dataclasses import dataclass

from ..domain import operator
from ..domain.caller import Origin
from ..domain.identifier import OperatorTokenId
from ..domain.instant import Clock
from ..domain.last_use import is_stale
from ..domain.operator import OperatorCaller, OperatorToken
from ..domain.personal_access_token import unknown
from ..domain.text import storable
from ..domain.token import Token, TokenKind
from ..store import operator_token as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.operator_token import operator_tokens
from .minting import new_id, new_token


@dataclass(frozen=True, slots=True)
class Minted:
    """The `token` cannot be asked for again."""

    kept: OperatorToken
    token: Token


class OperatorTokens:
    """What the operator does with their tokens, on the machine; no door leads here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, name: str, *, read_only: bool, by: str = "") -> Minted:
        """One that works until it is revoked, made `by` whoever is at the machine. Raises InvalidArgument for a name that cannot be one."""
        operator.check_token_name(name)
        storable(name=name)
        token = new_token(TokenKind.OPERATOR)
        new = OperatorToken(
            OperatorTokenId(new_id()),
            *(name, read_only, token.digest, token.hint, self._clock()),
            created_by=by,
        )
        await self._database.write(lambda unit: unit.write(operator_tokens.inserting(new)))
        return Minted(new, token)

    async def list(self, *, revoked: bool = False) -> list[OperatorToken]:
        """Those that work, oldest first, and the `revoked` ones if they are asked for."""
        found = await self._database.read(store.every)
        return [each for each in found if revoked or each.revoked_at is None]

    async def revoke(self, id: OperatorTokenId, *, by: str = "") -> None:
        """Works no more with the return, but is kept on record. Raises NotFound."""

        def change(unit: UnitOfWork) -> None:
            before = operator_tokens.lock(unit.connection, id, id)
            if before is None or before.revoked_at is not None:
                raise operator.no_such_token()
            after = before.revoked(by, self._clock())
            operator_tokens.update(unit.connection, id, before, after)

        await self._database.write(change)


class OperatorAuthentication:
    """From an operator token to the operator: the database's current truth, asked anew for every call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def authenticate(self, text: str, origin: Origin) -> OperatorCaller:
        """Raises Unauthenticated for a token that is malformed, unknown or revoked."""
        digest = Token.of_kind(TokenKind.OPERATOR, text).digest
        found = await self._find(digest)
        now = self._clock()
        if is_stale(found.last_used_at, now):
            self._database.write_later(lambda unit: store.touch(unit.connection, found.id, now))
        return OperatorCaller(found, origin)

    async def renew(self, caller: OperatorCaller) -> OperatorCaller:
        """The caller as the database knows it now, for a call that lasts; raises as `authenticate`."""
        return OperatorCaller(await self._find(caller.token.digest), caller.origin)

    async def _find(self, digest: bytes) -> OperatorToken:
        found = await self._database.read(
            lambda connection: store.find_by_digest(connection, digest), same=("operator", digest)
        )
        if found is None:
            raise unknown()
        return found
