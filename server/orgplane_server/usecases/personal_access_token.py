from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from ..domain import personal_access_token, personal_access_token_policy
from ..domain.audit import Subject
from ..domain.caller import Caller, Permission
from ..domain.errors import PermissionDenied
from ..domain.identifier import PersonalAccessTokenId, UserId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.personal_access_token import PersonalAccessToken, unknown
from ..domain.token import Token, TokenKind
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.personal_access_token import among, page_of_users, personal_access_tokens
from ..store.personal_access_token_policy import held
from . import saving
from .administration import keep_a_token, keep_founded
from .authentication import keep_caller
from .deprovisioning import carry_out
from .minting import new_id, new_token
from .paging import PageTokens

_SUBJECT = Subject.PERSONAL_ACCESS_TOKEN


class PersonalAccessTokens:
    """Everybody's own tokens; an administrator also sees and revokes those of other members."""

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def create(
        self,
        caller: Caller,
        user_id: UserId,
        *,
        description: str = "",
        lifetime: timedelta | None = None,
        read_only: bool = False,
    ) -> Token:
        """A new token of the caller's own, valid for `lifetime`, or as long as may be; nobody can ask for it again.

        Raises InvalidArgument for a lifetime beyond what the organization lets a token live, and Unauthenticated if the caller was suspended, left or was deleted meanwhile, and if what they came with has ended.
        """
        caller.require(Permission.CREATE_TOKENS)
        if user_id != caller.user_id:
            raise PermissionDenied("a personal access token can only be created for yourself")
        token, now = new_token(TokenKind.PERSONAL_ACCESS), self._clock()

        def change(unit: UnitOfWork) -> None:
            keep_caller(unit, caller)
            policy = held(unit.connection, caller.organization_id)
            if policy is None:  # the organization was deleted meanwhile
                raise unknown()
            access = PersonalAccessToken(
                id=PersonalAccessTokenId(new_id()),
                organization_id=caller.organization_id,
                user_id=user_id,
                creator_id=caller.user_id,
                description=description,
                read_only=read_only,
                digest=token.digest,
                created_at=now,
                expires_at=now + personal_access_token_policy.lifetime(policy, lifetime),
                signed_in_through=caller.signed_in_through,
            )
            saving.create(unit, caller, personal_access_tokens, _SUBJECT, access)
            if not read_only:
                carry_out(unit, caller.organization_id, now)

        await self._database.write(change)
        return token

    async def get(self, caller: Caller, id: PersonalAccessTokenId) -> PersonalAccessToken:
        caller.require(Permission.READ_TOKENS)
        found = await self._database.read(
            lambda connection: personal_access_tokens.find(connection, caller.organization_id, id)
        )
        return _visible(caller, found)

    async def among(
        self, caller: Caller, ids: Collection[PersonalAccessTokenId]
    ) -> Sequence[tuple[PersonalAccessToken, datetime | None]]:
        """Those of these tokens that the caller may see, oldest first, and from when on each rests unless its user signs in before."""
        caller.require(Permission.READ_TOKENS)
        found = await self._database.read(
            lambda connection: among(connection, caller.organization_id, set(ids))
        )
        return [each for each in found if _sees(caller, each[0])]

    async def list(
        self, caller: Caller, request: PageRequest, user_ids: Sequence[UserId] = ()
    ) -> Page[PersonalAccessToken]:
        """The tokens of these users, the caller's own without any, oldest first."""
        caller.require(Permission.READ_TOKENS)
        whose = sorted(set(user_ids) or {caller.user_id})
        if whose != [caller.user_id]:
            caller.require(Permission.ADMINISTER_TOKENS)
        listing = f"personal_access_tokens/{caller.organization_id}/{','.join(map(str, whose))}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: page_of_users(
                connection, caller.organization_id, whose, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def delete(self, caller: Caller, id: PersonalAccessTokenId) -> None:
        """Revokes a token: refused everywhere when this answers.

        Raises PermissionDenied for the last token that somebody can act with for the organization, or one's own for one
        that they have created.
        """
        caller.require(Permission.DELETE_TOKENS)

        def change(unit: UnitOfWork) -> None:
            found = personal_access_tokens.lock(unit.connection, caller.organization_id, id)
            before, now = _visible(caller, found), self._clock()
            keep_founded(unit, caller, before.user_id, now, token=before)
            keep_a_token(unit, before, now)
            saving.delete(unit, caller, personal_access_tokens, _SUBJECT, before, now)

        await self._database.write(change)


def _visible(caller: Caller, found: PersonalAccessToken | None) -> PersonalAccessToken:
    """To a member, a token of somebody else's is not there."""
    if found is None or not _sees(caller, found):
        raise personal_access_token.not_found()
    return found


def _sees(caller: Caller, token: PersonalAccessToken) -> bool:
    return token.user_id == caller.id or caller.may(Permission.ADMINISTER_TOKENS)
