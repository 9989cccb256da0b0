"""What a provider makes of a user, where that takes long."""

from __future__ import annotations

import asyncio
from typing import Any

from clock import SettableClock
from orgplane_server.domain.scim_user import ScimUser
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_access import ScimGate, Visit
from orgplane_server.usecases.scim_listing import ScimListings
from orgplane_server.usecases.scim_user import ScimUsers
from orgplane_server.usecases.sealing import Sealer
from provisioning import administration


async def test_a_revision_that_takes_long_lets_others_write_and_misses_nothing_that_they_wrote(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    """While it is made, another change of the same user is answered: no transaction is open."""
    _, token = await administration(database, clock, acme).create()
    gate = ScimGate(database, clock)
    users = ScimUsers(gate, clock, ScimListings(PageTokens(Sealer(bytes(32)))))
    made = await users.create(Visit(token), {"userName": "ann", "active": True})
    loop, seen = asyncio.get_running_loop(), list[Any]()

    async def title(text: str) -> None:
        await users.revise(
            Visit(token), made.user.id, lambda user: {**user.attributes, "title": text}
        )

    def name(user: ScimUser) -> dict[str, Any]:
        seen.append(user.attributes.get("title"))
        if len(seen) <= 2:
            asyncio.run_coroutine_threadsafe(title(f"title {len(seen)}"), loop).result(10)
        return {**user.attributes, "displayName": "Ann"}

    after = await users.revise(Visit(token), made.user.id, name, apart=True)
    assert seen == [None, "title 1", "title 2"]
    assert after.user.attributes["title"] == "title 2"
    assert after.user.attributes["displayName"] == "Ann"
    assert after.user.version == made.user.version + 3
