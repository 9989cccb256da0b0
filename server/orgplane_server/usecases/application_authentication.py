from __future__ import annotations

from ..domain.application import Application, ApplicationCaller, unknown_secret
from ..domain.caller import Origin
from ..domain.identifier import ApplicationSecretId
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
        return _caller(found, origin)

    async def renew(self, caller: ApplicationCaller) -> ApplicationCaller:
        """The caller as the database knows it now, for a call that lasts; raises as `authenticate`."""
        found = await self._database.read(
            lambda connection: store.with_secret(connection, caller.secret_id)
        )
        return _caller(found, caller.origin)


def _caller(
    found: tuple[Application, ApplicationSecretId] | None, origin: Origin
) -> ApplicationCaller:
    if found is None:
        raise unknown_secret()
    return ApplicationCaller(*found, origin)
