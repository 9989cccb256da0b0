from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.letter import Letter
from ..domain.membership import SharedAddress
from ..domain.sso_configuration import UnprovenDomain
from ..store import domain_verification, membership, organization, outbox, sso_configuration
from ..store.engine.database import Connection, Database

#: Mail that waits longer is told of.
_PATIENCE = timedelta(minutes=10)


class Doctor:
    """What an operator may want to put right, in all organizations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def shared_addresses(self) -> list[SharedAddress]:
        def query(connection: Connection) -> list[SharedAddress]:
            return [
                shared
                for each in organization.every(connection)
                for shared in membership.shared_addresses(connection, each.id)
            ]

        return await self._database.read(query)

    async def unproven_domains(self) -> list[UnprovenDomain]:
        """E-mail domains of SSO configurations that license nothing."""

        def query(connection: Connection) -> list[UnprovenDomain]:
            return [
                unproven
                for each in organization.every(connection)
                for unproven in _unproven(connection, each.id)
            ]

        return await self._database.read(query)

    async def waiting_letters(self) -> list[Letter]:
        """Mail that should have been delivered by now, the oldest first."""
        before = self._clock() - _PATIENCE
        return await self._database.read(lambda connection: outbox.waiting(connection, before))


def _unproven(connection: Connection, id: OrganizationId) -> Iterator[UnprovenDomain]:
    for each in sso_configuration.of(connection, id):
        proven = domain_verification.proven(connection, id, each.email_domains)
        for domain in each.email_domains:
            if domain not in proven:
                yield UnprovenDomain(id, each.id, domain)
