from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain import application
from ..domain.application import Application, ApplicationSecret
from ..domain.errors import NotFound, Reason
from ..domain.identifier import ApplicationId, ApplicationSecretId, OrganizationId
from ..domain.instant import Clock
from ..domain.token import Token, TokenKind
from ..store import application as store
from ..store.application import application_secrets, applications
from ..store.engine.database import Connection, Database
from ..store.engine.statement import Call
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from .minting import new_id, new_token


@dataclass(frozen=True, slots=True)
class Registered:
    """The `secret` cannot be asked for again."""

    application: Application
    secret: Token


@dataclass(frozen=True, slots=True)
class Overview:
    application: Application
    secrets: Sequence[ApplicationSecret]


class Applications:
    """What the operator does with applications; no door leads here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, name: str, return_to: Sequence[str], organization_ids: Sequence[OrganizationId]
    ) -> Registered:
        """Raises InvalidArgument, and NotFound for an organization that is not there."""
        application.check(name, return_to, organization_ids)
        now, secret = self._clock(), new_token(TokenKind.APPLICATION)
        new = Application(
            id=ApplicationId(new_id()),
            name=name,
            return_to=tuple(dict.fromkeys(return_to)),
            organization_ids=tuple(dict.fromkeys(map(str, organization_ids))),
            created_at=now,
        )

        def change(unit: UnitOfWork) -> Registered:
            for id in organization_ids:
                if organizations.find(unit.connection, id, id) is None:
                    raise NotFound(
                        f"organization: there is no {id}; list-organizations tells those that there are",
                        reason=Reason.ORGANIZATION_NOT_FOUND,
                    )
            unit.run(applications.inserting(new), _inserting(new, secret, now))
            return Registered(new, secret)

        return await self._database.write(change)

    async def list(self) -> list[Overview]:
        """All there are, oldest first."""

        def query(connection: Connection) -> list[Overview]:
            found = store.every(connection)
            return [Overview(each, store.secrets_of(connection, each.id)) for each in found]

        return await self._database.read(query)

    async def add_secret(self, id: ApplicationId) -> Registered:
        """Another one, beside the one that there is. Raises NotFound, and FailedPrecondition if there are two."""
        secret = new_token(TokenKind.APPLICATION)

        def change(unit: UnitOfWork) -> Registered:
            found = _locked(unit, id)
            application.check_secrets(store.secrets_of(unit.connection, id))
            unit.run(_inserting(found, secret, self._clock()))
            return Registered(found, secret)

        return await self._database.write(change)

    async def remove_secret(self, id: ApplicationId, secret: ApplicationSecretId) -> None:
        """Works no more with the return. Raises NotFound, and FailedPrecondition for the only one."""

        def change(unit: UnitOfWork) -> None:
            _locked(unit, id)
            application.check_removal(store.secrets_of(unit.connection, id), secret)
            application_secrets.delete(unit.connection, id, secret)

        await self._database.write(change)

    async def delete(self, id: ApplicationId) -> Application:
        """Lets nobody in any more, and what it was told ends: nothing can be had by it, and its rows go when they are old. Raises NotFound."""

        def change(unit: UnitOfWork) -> Application:
            found = _locked(unit, id)
            unit.run(store.forgetting_secrets(id))
            applications.delete(unit.connection, id, id)
            return found

        return await self._database.write(change)


def _locked(unit: UnitOfWork, id: ApplicationId) -> Application:
    found = applications.lock(unit.connection, id, id)
    if found is None:
        raise application.not_found()
    return found


def _inserting(found: Application, secret: Token, now: datetime) -> Call:
    return application_secrets.inserting(
        ApplicationSecret(ApplicationSecretId(new_id()), found.id, secret.digest, now)
    )
