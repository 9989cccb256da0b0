from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..domain import service_account
from ..domain.audit import Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import ServiceAccountId, ServiceAccountTokenId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.service_account import ServiceAccountToken
from ..domain.token import Token, TokenKind
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.service_account import service_accounts
from ..store.service_account_token import page, service_account_tokens
from . import saving
from .authentication import keep_caller
from .minting import new_id, new_token
from .paging import PageTokens
from .service_account import there

_SUBJECT = Subject.SERVICE_ACCOUNT_TOKEN


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token, which nobody can ask for again."""

    token: Token
    kept: ServiceAccountToken


class ServiceAccountTokens:
    """A service account's own tokens; an administrator makes brief ones for each, and sees and revokes all."""

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def create_brief(self, caller: Caller, id: ServiceAccountId) -> Token:
        """A token for an hour, or until the account ends.

        Raises FailedPrecondition for an account that is suspended or over, and Unauthenticated if the caller cannot act any more.
        """
        caller.require(_changing(own=id == caller.id))
        return (await self._create(caller, id, "", None, brief=True)).token

    async def create(
        self, caller: Caller, description: str = "", lifetime: timedelta | None = None
    ) -> Minted:
        """A token of the service account that calls, valid for `lifetime`, or as long as itself.

        Raises PermissionDenied for a member, InvalidArgument for a lifetime beyond the account's end, and Unauthenticated if the
        account is not there any more, or was suspended, and if the token that it came with has ended.
        """
        caller.require(Permission.CHANGE_OWN_TOKENS)
        id = caller.service_account_id
        return await self._create(caller, id, description, lifetime, brief=False)

    async def get(self, caller: Caller, id: ServiceAccountTokenId) -> ServiceAccountToken:
        caller.require(_reading(caller))
        found = await self._database.read(
            lambda connection: service_account_tokens.find(connection, caller.organization_id, id)
        )
        return _visible(caller, found)

    async def list(self, caller: Caller, request: PageRequest) -> Page[ServiceAccountToken]:
        """A service account's own, to an administrator those of all; oldest first, and no brief ones."""
        caller.require(_reading(caller))
        account = caller.service_account_id if caller.service_account else None
        listing = f"service_account_tokens/{caller.organization_id}/{account}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: page(
                connection, caller.organization_id, account, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def delete(self, caller: Caller, id: ServiceAccountTokenId) -> None:
        """Revokes a token, which may be the one that the call is made with: refused everywhere when this answers."""
        caller.require(_changing(own=caller.service_account))

        def change(unit: UnitOfWork) -> None:
            found = service_account_tokens.lock(unit.connection, caller.organization_id, id)
            before = _visible(caller, found)
            if before.service_account_id != caller.id:
                caller.require(Permission.CHANGE_SERVICE_ACCOUNTS)
            saving.delete(unit, caller, service_account_tokens, _SUBJECT, before, self._clock())

        await self._database.write(change)

    async def _create(
        self,
        caller: Caller,
        id: ServiceAccountId,
        description: str,
        lifetime: timedelta | None,
        *,
        brief: bool,
    ) -> Minted:
        token, now = new_token(TokenKind.SERVICE_ACCOUNT), self._clock()

        def change(unit: UnitOfWork) -> Minted:
            keep_caller(unit, caller)
            account = there(service_accounts.hold(unit.connection, caller.organization_id, id))
            service_account.check_acts(account, now)
            ends_at = service_account.end_of_token(account, lifetime, now)
            kept = ServiceAccountToken(
                id=ServiceAccountTokenId(new_id()),
                organization_id=account.organization_id,
                service_account_id=account.id,
                creator_id=caller.id,
                made_by_service_account=caller.service_account,
                description=description,
                brief=brief,
                digest=token.digest,
                created_at=now,
                expires_at=min(ends_at, now + service_account.BRIEF) if brief else ends_at,
            )
            saving.create(unit, caller, service_account_tokens, _SUBJECT, kept)
            return Minted(token, kept)

        return await self._database.write(change)


def _reading(caller: Caller) -> Permission:
    own = caller.service_account
    return Permission.READ_IDENTITY if own else Permission.READ_SERVICE_ACCOUNTS


def _changing(*, own: bool) -> Permission:
    return Permission.CHANGE_OWN_TOKENS if own else Permission.CHANGE_SERVICE_ACCOUNTS


def _visible(caller: Caller, found: ServiceAccountToken | None) -> ServiceAccountToken:
    """To a service account that is no administrator, a token of another is not there."""
    if found is None or not (
        found.service_account_id == caller.id or caller.may(Permission.READ_SERVICE_ACCOUNTS)
    ):
        raise service_account.token_not_found()
    return found
