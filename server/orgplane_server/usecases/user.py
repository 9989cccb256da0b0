from __future__ import annotations

from ..domain import user
from ..domain.caller import Caller, Permission
from ..domain.user import User
from ..store.database import Database
from ..store.user import users


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_authenticated(self, caller: Caller) -> User:
        """The caller themself."""
        caller.require(Permission.READ_IDENTITY)
        found = await self._database.read(
            lambda connection: users.find(connection, caller.organization_id, caller.user_id)
        )
        if found is None:
            raise user.not_found()
        return found
