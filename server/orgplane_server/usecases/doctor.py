from __future__ import annotations

from ..domain.membership import SharedAddress
from ..store import membership, organization
from ..store.engine.database import Connection, Database


class Doctor:
    """What an operator may want to put right, in all organizations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shared_addresses(self) -> list[SharedAddress]:
        def query(connection: Connection) -> list[SharedAddress]:
            return [
                shared
                for each in organization.every(connection)
                for shared in membership.shared_addresses(connection, each.id)
            ]

        return await self._database.read(query)
