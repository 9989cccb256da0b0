from __future__ import annotations

from ..domain import user
from ..domain.caller import Caller, Permission
from ..domain.identifier import UserId
from ..domain.user import User
from ..store.engine.database import Database
from ..store.user import users


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_authenticated(self, caller: Caller) -> User:
        """The caller themself."""
        caller.require(Permission.READ_ACCOUNT)
        return await self._find(caller, caller.user_id)

    async def get(self, caller: Caller, id: UserId) -> User:
        """A member of the caller's organization, also one who left."""
        caller.require(Permission.READ_MEMBERS)
        return await self._find(caller, id)

    async def _find(self, caller: Caller, id: UserId) -> User:
        found = await self._database.read(
            lambda connection: users.find(connection, caller.organization_id, id)
        )
        if found is None:
            raise user.not_found()
        return found
