"""A provider tells that it has logged somebody out."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from clock import SettableClock
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from orgplane_server.domain.audit import AuditEvent
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.identifier import SessionId, SsoBindingId
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.session import LIFETIME, Session
from orgplane_server.domain.sign_in import SsoBinding
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.store.session import sessions
from orgplane_server.store.sign_in import sso_bindings
from orgplane_server.usecases.back_channel_logout import BackChannelLogouts, NotLoggedOut
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

ORIGIN = Origin("request", "192.0.2.1")
EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}
HERE = AllowedHosts(loopback=True)


class Told:
    """Mel, who is `mel-1`, has sessions; the provider tells things."""

    def __init__(
        self,
        database: Database,
        clock: SettableClock,
        provider: SimpleProvider,
        configuration: SsoConfiguration,
        mel: Access,
    ) -> None:
        self.database, self.clock, self.provider = database, clock, provider
        self.configuration, self.mel = configuration, mel
        self.seconds = 1000.0
        self.fetcher = Fetcher(HERE)
        self.logouts = BackChannelLogouts(database, clock, self.fetcher, lambda: self.seconds)

    async def opened(self, sid: str | None) -> SessionId:
        """A session of Mel's that came of one of the provider's."""
        id = SessionId(new_id())
        new = Session(
            *(id, self.configuration.organization_id, self.mel.user.id, self.configuration.id),
            *(id.bytes * 2, self.clock.now, self.clock.now + LIFETIME),
            sid=sid,
        )
        await self.database.write(lambda unit: unit.run(sessions.inserting(new)))
        return id

    async def lives(self, id: SessionId) -> bool:
        organization = self.configuration.organization_id
        found = await self.database.read(
            lambda connection: sessions.find(connection, organization, id)
        )
        return found is not None

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.clock.now.timestamp())
        claims = {
            "iss": self.provider.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": "one",
            "events": EVENT,
            "sub": "mel-1",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    async def tell(self, token: str) -> int:
        return await self.logouts.take(self.configuration.id, token, ORIGIN)


@pytest.fixture
async def told(
    database: Database, clock: SettableClock, acme: Founded, acme_member: Access
) -> AsyncIterator[Told]:
    sso = SsoConfigurations(database, clock, PageTokens(Sealer(bytes(32))), Sealer(bytes(32)), HERE)
    async with simple_provider(lambda: clock.now.timestamp()) as provider:
        configuration = await sso.create(
            acme.caller,
            acme.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=provider.issuer,
        )
        active = {"state": SsoConfigurationState.ACTIVE}
        configuration = await sso.update(acme.caller, configuration.id, active)  # type: ignore[arg-type]
        ada = acme.administrator
        bound = [
            SsoBinding(
                *(SsoBindingId(new_id()), acme.organization.id, configuration.id),
                *(user.id, subject, clock.now),
            )
            for user, subject in ((acme_member.user, "mel-1"), (ada, "ada-1"))
        ]
        calls = map(sso_bindings.inserting, bound)
        await database.write(lambda unit: unit.run(*calls))
        told = Told(database, clock, provider, configuration, acme_member)
        yield told
        told.fetcher.close()


async def test_the_sessions_end_that_came_of_the_one_that_ended_there(told: Told) -> None:
    one, other, unknown = [await told.opened(sid) for sid in ("1", "2", None)]
    assert await told.tell(told.provider.signed(told.claims(sub="ada-1"))) == 0
    assert await told.tell(told.provider.signed(told.claims(sub="nobody"))) == 0
    assert await told.tell(told.provider.signed(told.claims(sub=None, sid="3"))) == 0
    # Of which session of the provider's one came whose token did not say, nobody knows.
    assert await told.tell(told.provider.signed(told.claims(sid="1"))) == 2
    assert [await told.lives(each) for each in (one, other, unknown)] == [False, True, False]
    assert await told.tell(told.provider.signed(told.claims(sub=None, sid="2"))) == 1
    assert not await told.lives(other)
    await told.opened("4")
    await told.opened("5")
    assert await told.tell(told.provider.signed(told.claims())) == 2


async def test_what_it_ends_is_in_the_audit_trail_and_what_it_does_not_is_not(
    told: Told, acme: Founded
) -> None:
    async def events() -> list[AuditEvent]:
        return await told.database.read(
            lambda connection: audit.following(connection, acme.organization.id, 0, 1 << 62, 100)
        )

    for sid in ("1", "1", "2"):
        await told.opened(sid)
    before = len(await events())
    assert await told.tell(told.provider.signed(told.claims(sid="3"))) == 0
    with pytest.raises(NotLoggedOut):
        await told.tell(told.provider.signed(told.claims(aud="another")))
    assert len(await events()) == before
    assert await told.tell(told.provider.signed(told.claims(sid="1"))) == 2
    (event,) = (await events())[before:]
    assert (event.subject_id, event.actor_id) == (told.mel.user.id, told.mel.user.id)
    assert event.origin == ORIGIN
    through = FieldChange(str(told.configuration.id), "")
    assert event.changes == {"signed_in_through": through}


async def test_a_token_that_is_shown_again_ends_nothing_that_is_newer(
    told: Told, clock: SettableClock
) -> None:
    await told.opened("1")
    token = told.provider.signed(told.claims(exp=None))
    assert await told.tell(token) == 1
    clock.advance(minutes=2)
    new = await told.opened("1")
    assert await told.tell(token) == 0
    assert await told.lives(new)
    clock.advance(minutes=9)
    with pytest.raises(NotLoggedOut, match="iat"):
        await told.tell(token)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_token_that_is_not_what_it_should_be_ends_nothing(told: Told) -> None:
    session = await told.opened("1")
    now = int(told.clock.now.timestamp())
    for changed, why in (
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iat": None}, "iat"),
        ({"iat": now + 120}, "iat"),
        ({"iat": now - 700}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"exp": now - 90}, "exp"),
        ({"events": None}, "events"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
        ({"events": [next(iter(EVENT))]}, "events"),
        ({"events": {next(iter(EVENT)): "yes"}}, "events"),
        ({"nonce": "one"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"jti": None}, "jti"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": ["mel-1"]}, "sub"),
        ({"sub": "mel-1\x00"}, "sub"),
        ({"sid": 1}, "sid"),
        ({"sid": "x" * 256}, "sid"),
    ):
        with pytest.raises(NotLoggedOut, match=why):
            await told.tell(told.provider.signed(told.claims(**changed)))
    claims = json.dumps(told.claims()).encode()
    other, shared = RSAKey.generate_key(2048), OctKey.import_key(CLIENT_SECRET * 3)
    plain = ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (b'{"alg":"none"}', claims, b"")
    )
    for token in (
        plain,
        jws.serialize_compact({"alg": "RS256", "kid": "one"}, claims, other),
        jws.serialize_compact({"alg": "RS256", "kid": "two"}, claims, other),
        jws.serialize_compact({"alg": "HS256", "kid": "one"}, claims, shared),
        told.provider.signed([1]),
        "",
        "x" * 20_000,
        "a.b.c",
    ):
        with pytest.raises(NotLoggedOut):
            await told.tell(token)
    assert await told.lives(session)
    assert told.provider.asked.count("/jwks_uri") == 2  # unknown keys are looked for now and then
    told.seconds += 10
    with pytest.raises(NotLoggedOut):
        await told.tell(jws.serialize_compact({"alg": "RS256", "kid": "two"}, claims, other))
    assert told.provider.asked.count("/jwks_uri") == 3
    await told.tell(told.provider.signed(told.claims()))
    assert not await told.lives(session)
