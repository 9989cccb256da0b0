"""`active` and a member's status are one thing, whichever door changes it."""

from __future__ import annotations

from clock import SettableClock
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.revision import revised
from orgplane_server.domain.scim_user import Document, ScimUser
from orgplane_server.domain.user import User, UserStatus
from orgplane_server.store.database import Database
from orgplane_server.store.unit_of_work import UnitOfWork
from orgplane_server.store.user import users
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_access import ScimGate, Visit
from orgplane_server.usecases.scim_listing import ScimListings
from orgplane_server.usecases.scim_status import reflect
from orgplane_server.usecases.scim_user import ScimUsers
from orgplane_server.usecases.sealing import Sealer
from provisioning import administration


async def test_who_is_suspended_elsewhere_is_inactive_until_activated(
    database: Database, acme: Founded, clock: SettableClock
) -> None:
    _, token = await administration(database, clock, acme).create()
    provisioned = ScimUsers(
        ScimGate(database, clock), clock, ScimListings(PageTokens(Sealer(bytes(32))))
    )
    made = (await provisioned.create(Visit(token), {"userName": "ann", "active": True})).user

    def revise(**attributes: object) -> Document:
        return {"userName": "ann", "active": True, **attributes}

    async def member(id: UserId) -> User:
        found = await database.read(lambda c: users.find(c, acme.organization.id, id))
        assert found is not None
        return found

    def suspend(unit: UnitOfWork) -> None:
        before = users.lock(unit.connection, acme.organization.id, made.id)
        assert before is not None
        after = revised(before, {"status": UserStatus.SUSPENDED}, clock())
        users.update(unit.connection, acme.organization.id, after)
        reflect(unit, after)

    await database.write(suspend)
    seen = (await provisioned.get(Visit(token), made.id)).user
    assert not seen.active
    assert seen.attributes["active"] is False
    assert seen.version == 2

    def rename(user: ScimUser) -> Document:
        return {**user.attributes, "displayName": "Ann"}

    await provisioned.revise(Visit(token), made.id, rename)
    found = await member(made.id)
    assert (found.name, found.status) == ("Ann", UserStatus.SUSPENDED)
    await provisioned.revise(Visit(token), made.id, lambda user: revise(displayName="Ann"))
    assert (await member(made.id)).status is UserStatus.ACTIVE
