from __future__ import annotations

from datetime import datetime

from ..domain import service_account
from ..domain.audit import Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import ServiceAccountId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.service_account import ServiceAccount, ServiceAccountChanges, ServiceAccountFilter
from ..domain.text import storable
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.service_account import page, service_accounts
from ..store.service_account_token import ending_by, service_account_tokens
from . import saving
from .minting import new_id
from .paging import PageTokens
from .role import revoke_of

_SUBJECT = Subject.SERVICE_ACCOUNT


class ServiceAccounts:
    """Service accounts of the caller's organization; administrators only, but that each reads itself."""

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def create(
        self, caller: Caller, name: str, description: str, valid_until: datetime
    ) -> ServiceAccount:
        """A new one, of which there is no token yet. Raises InvalidArgument for an end that does not lie ahead."""
        caller.require(Permission.CHANGE_SERVICE_ACCOUNTS)
        now = self._clock()
        service_account.check_end(valid_until, now)
        account = ServiceAccount(
            id=ServiceAccountId(new_id()),
            organization_id=caller.organization_id,
            name=name,
            description=description,
            creator_id=caller.id,
            made_by_service_account=caller.service_account,
            created_at=now,
            updated_at=now,
            valid_until=valid_until,
        )
        await self._database.write(
            lambda unit: saving.create(unit, caller, service_accounts, _SUBJECT, account)
        )
        return account

    async def get(self, caller: Caller, id: ServiceAccountId) -> ServiceAccount:
        own = id == caller.id
        caller.require(Permission.READ_IDENTITY if own else Permission.READ_SERVICE_ACCOUNTS)
        found = await self._database.read(
            lambda connection: service_accounts.find(connection, caller.organization_id, id)
        )
        return there(found)

    async def list(
        self, caller: Caller, request: PageRequest, narrowed: ServiceAccountFilter
    ) -> Page[ServiceAccount]:
        """Oldest first."""
        caller.require(Permission.READ_SERVICE_ACCOUNTS)
        storable(**{"filter.search": narrowed.search})
        listing = "/".join(
            (
                f"service_accounts/{caller.organization_id}/{narrowed.include_suspended}",
                ",".join(sorted(map(str, narrowed.ids))),
                narrowed.search,
            )
        )
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: page(
                connection, caller.organization_id, narrowed, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def update(
        self, caller: Caller, id: ServiceAccountId, changes: ServiceAccountChanges
    ) -> ServiceAccount:
        """The account after the changes: whether and until when its tokens work is so everywhere when this answers.

        Raises InvalidArgument for an end that does not lie ahead.
        """
        caller.require(Permission.CHANGE_SERVICE_ACCOUNTS)
        valid_until = changes.get("valid_until")
        if valid_until is not None:
            service_account.check_end(valid_until, self._clock())

        def change(unit: UnitOfWork) -> ServiceAccount:
            before = there(service_accounts.lock(unit.connection, caller.organization_id, id))
            after = service_account.changed(before, changes, self._clock())
            saving.update(unit, caller, service_accounts, _SUBJECT, before, after)
            if after.valid_until < before.valid_until:
                unit.write(ending_by(id, after.valid_until))
            return after

        return await self._database.write(change)

    async def delete(self, caller: Caller, id: ServiceAccountId) -> None:
        """Its tokens are refused everywhere when this answers."""
        caller.require(Permission.CHANGE_SERVICE_ACCOUNTS)

        def change(unit: UnitOfWork) -> None:
            before = there(service_accounts.lock(unit.connection, caller.organization_id, id))
            now = self._clock()
            unit.write(service_account_tokens.ending(id))
            revoke_of(unit, caller, before, now)
            saving.delete(unit, caller, service_accounts, _SUBJECT, before, now)

        await self._database.write(change)


def there(found: ServiceAccount | None) -> ServiceAccount:
    if found is None:
        raise service_account.not_found()
    return found
