"""What an operator is told of all organizations together, over both databases."""

from __future__ import annotations

from datetime import timedelta

from clock import SettableClock
from orgplane_server.domain.census import SOON
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.census import Censuses
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from provisioning import administration


async def test_tokens_that_end_soon_are_counted_unless_they_were_made_for_a_short_time(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    census = Censuses(database, clock)
    before = (await census.take()).ending_personal_access_tokens
    for days in (1, 14, 15, 30):
        await tokens.create(
            acme.caller, acme.caller.user_id, description="x", lifetime=timedelta(days=days)
        )
    assert (await census.take()).ending_personal_access_tokens == before
    clock.now += timedelta(days=1)
    assert (await census.take()).ending_personal_access_tokens == before + 1
    clock.now += SOON + timedelta(days=1)
    assert (await census.take()).ending_personal_access_tokens == before + 1  # that of 30 days


async def test_domains_are_counted_by_how_they_stand(
    database: Database, clock: SettableClock, acme: Founded, globex: Founded
) -> None:
    await administration(database, clock, acme).vouch("acme.example")
    await administration(database, clock, globex).vouch("globex.example")
    census = await Censuses(database, clock).take()
    assert (census.proven_domains, census.missing_domains, census.unproven_domains) == (2, 0, 0)
