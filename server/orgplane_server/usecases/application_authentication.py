from __future__ import annotations

from ..domain.application import ApplicationCaller, unknown_secret
from ..domain.caller import Origin
from ..domain.token import Token, TokenKind
from ..store import application as store
from ..store.engine.database import Database


class ApplicationAuthentication:
    """From an application's secret to the application: the database's current truth, asked anew for every call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def authenticate(self, text: str, origin: Origin) -> ApplicationCaller:
        """The application whose secret this is. Raises Unauthenticated, saying what another token is."""
        digest = Token.of_kind(TokenKind.APPLICATION, text).digest
        found = await self._database.read(
            lambda connection: store.by_secret(connection, digest), same=digest
        )
        if found is None:
            raise unknown_secret()
        return ApplicationCaller(found, origin)
