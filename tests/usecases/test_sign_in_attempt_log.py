"""What is kept of sign-ins: nobody pushes out the history by being refused, and it goes with its configuration."""

from __future__ import annotations

from clock import SettableClock
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.log_filter import LogFilter
from orgplane_server.domain.sign_in import Denied, Refusal
from orgplane_server.domain.sign_in_attempt import NOBODY, Person
from orgplane_server.domain.sso_configuration import SsoConfiguration
from orgplane_server.store import sign_in_attempt as store
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sign_in_attempt_log import SignInAttemptLog
from orgplane_server.usecases.sso_configuration import SsoConfigurations

ORIGIN = Origin("request", "192.0.2.1")
HERE = AllowedHosts(loopback=True)
CHANGED = Denied("Begin anew.", Refusal.PROVIDER)


async def test_strangers_push_out_each_other_alone(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    sealer = Sealer(bytes(32))
    sso = SsoConfigurations(database, clock, PageTokens(sealer), sealer, HERE)
    made, other = [
        await sso.create(
            *(acme.caller, acme.organization.id),
            client_id=client,
            client_secret="secret",
            issuer_url="https://idp.example",
        )
        for client in ("one", "two")
    ]
    log = SignInAttemptLog(database, clock)
    mel, eve = Person("mel-1"), Person("eve-1")
    for configuration in (made, other):
        await database.write(lambda unit, at=configuration: log.keep(unit, at, mel, ORIGIN))
        await log.refuse(configuration, eve, CHANGED, ORIGIN)
        for _ in range(5):
            await log.refuse(configuration, NOBODY, CHANGED, ORIGIN)

    async def kept(configuration: SsoConfiguration) -> list[str]:
        found = await database.read(
            lambda connection: store.page(
                connection, configuration.id, LogFilter(), None, 100, oldest_first=True
            )
        )
        return [each.subject for each in found]

    # A log that has just begun looks at once for what is too many.
    await SignInAttemptLog(database, clock, maximum_of_strangers=2).purge_if_due(made.id)
    assert await kept(made) == ["mel-1", "eve-1", "", ""]
    await SignInAttemptLog(database, clock, maximum=3, maximum_of_strangers=1).purge_if_due(made.id)
    assert await kept(made) == ["mel-1", "eve-1", ""]
    await sso.delete(acme.caller, made.id)
    assert await kept(made) == []
    assert len(await kept(other)) == 7
