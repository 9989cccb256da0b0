from __future__ import annotations

from collections.abc import Iterator

from ..domain.identifier import OrganizationId
from ..domain.membership import SharedAddress
from ..domain.sso_configuration import UnprovenDomain
from ..store import domain_verification, membership, organization, sso_configuration
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

    async def unproven_domains(self) -> list[UnprovenDomain]:
        """E-mail domains of SSO configurations that license nothing."""

        def query(connection: Connection) -> list[UnprovenDomain]:
            return [
                unproven
                for each in organization.every(connection)
                for unproven in _unproven(connection, each.id)
            ]

        return await self._database.read(query)


def _unproven(connection: Connection, id: OrganizationId) -> Iterator[UnprovenDomain]:
    for each in sso_configuration.of(connection, id):
        proven = domain_verification.proven(connection, id, each.email_domains)
        for domain in each.email_domains:
            if domain not in proven:
                yield UnprovenDomain(id, each.id, domain)
