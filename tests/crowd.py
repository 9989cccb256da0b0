"""Many users at once."""

from __future__ import annotations

from uuid import UUID

from orgplane_server.domain import scim_user
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.instant import Clock
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store import scim_count
from orgplane_server.store import scim_user as store
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.user import users
from orgplane_server.usecases.minting import new_id

CROWD = 600


async def crowd(
    database: Database, configuration: ScimConfiguration, clock: Clock, number: int = CROWD
) -> list[UUID]:
    """So many users at once, straight into the store."""
    ids = [UserId(new_id()) for _ in range(number)]

    def fill(unit: UnitOfWork) -> None:
        for index, id in enumerate(ids):
            name = f"user{index}@x.example"
            document = {
                "userName": name,
                "externalId": name,
                "displayName": name,
                "emails": [{"value": name, "type": "work"}],
            }
            user = scim_user.new(
                id, configuration.id, configuration.organization_id, document, clock()
            )
            unit.run(users.inserting(scim_user.new_member(user, clock())))
            store.insert(unit, user)
        unit.write(scim_count.adding(configuration.id, "users", number))

    await database.write(fill)
    return [*ids]
