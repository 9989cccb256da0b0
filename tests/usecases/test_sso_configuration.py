"""The rules of SSO configurations, whatever door they are asked through."""

from __future__ import annotations

import asyncio
import socket

import pytest
from clock import SettableClock
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import Reason, ResourceExhausted
from orgplane_server.oidc.examination import Outcome
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_slow_providers_of_one_organization_leave_room_for_those_of_others(
    database: Database, clock: SettableClock, acme: Founded, globex: Founded
) -> None:
    sealer, allowed = Sealer(bytes(32)), AllowedHosts(loopback=True)
    fetcher = Fetcher(allowed, seconds=1)
    configurations = SsoConfigurations(
        database, clock, PageTokens(sealer), sealer, allowed, fetcher=fetcher
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ours, theirs = [
            await configurations.create(
                owner.caller,
                owner.organization.id,
                client_id="client",
                client_secret="secret",
                issuer_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            )
            for owner in (acme, globex)
        ]
        outcomes = await asyncio.gather(
            *(configurations.test(acme.caller, ours.id) for _ in range(3)),
            configurations.test(globex.caller, theirs.id),
            return_exceptions=True,
        )
    fetcher.close()
    refused = [each for each in outcomes if isinstance(each, ResourceExhausted)]
    assert [each.reason for each in refused] == [Reason.RATE_LIMITED]
    assert outcomes[3] not in refused
    found = [each for each in outcomes if not isinstance(each, BaseException)]
    assert [[each.outcome for each in findings] for findings in found] == [[Outcome.WRONG]] * 3
