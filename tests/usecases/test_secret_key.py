"""Another secret key: all that the old one has sealed opens with the new one, and with no other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import InvalidArgument, Unavailable
from orgplane_server.domain.letter import Delivery, Letter, LetterKind
from orgplane_server.domain.secret_key import KEPT
from orgplane_server.domain.sso_configuration import SsoConfiguration
from orgplane_server.mail import content as letters
from orgplane_server.mail.relay import Relay
from orgplane_server.mail.sender import Sender
from orgplane_server.store import secret_key as store
from orgplane_server.store import sso_configuration
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.schema import metadata
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.address_limit import AddressLimit
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.health import Health
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.organization_invite import OrganizationInvites
from orgplane_server.usecases.outbox import Outbox
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.secret_key import SEALED, CannotOpen, Following, SecretKeys
from orgplane_server.usecases.signing_key import SigningKeys
from orgplane_server.usecases.sso_configuration import SsoConfigurations, secret_of

OLD, NEW, NEWEST = bytes(32), bytes(range(32)), bytes(range(1, 33))
SECRET, ADDRESS = "the provider's", "bob@acme.example"


def test_every_column_of_sealed_values_is_sealed_anew() -> None:
    """Binary values are of two kinds: digests, which nobody opens, and sealed ones, all of which are known here."""
    binary = {
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    digests = {each for each in binary if each.name.endswith(("digest", "fingerprint"))}
    assert {each.column for each, _ in SEALED} == binary - digests


class Installation:
    """What one server does with the database."""

    def __init__(self, database: Database, clock: SettableClock, key: bytes) -> None:
        self.database = database
        self.sealer = sealer = Sealer(key)
        self.sso = SsoConfigurations(
            database, clock, PageTokens(sealer), sealer, AllowedHosts(loopback=True)
        )
        self.invites = OrganizationInvites(
            database, clock, sealer, AddressLimit("invites", 0, clock)
        )
        relay = Relay.parse("smtp://127.0.0.1:1", Sender.parse("id@orgplane.example"))
        self.outbox = Outbox(database, clock, sealer, relay)
        self.keys = SigningKeys(database, clock, sealer)
        self.cursors = Cursors(sealer)
        self.health = Health(database, fit=lambda: not sealer.outdated)

    async def configure(self, of: Founded) -> SsoConfiguration:
        return await self.sso.create(
            of.caller,
            of.organization.id,
            client_id="client",
            client_secret=SECRET,
            issuer_url="https://id.acme.example",
        )

    async def write(self, to: Founded, until: datetime) -> Letter:
        content, kind = letters.code("Acme", "12345678", 10), LetterKind.ADDRESS_CODE

        def change(unit: UnitOfWork) -> Letter:
            return self.outbox.post(unit, to.organization.id, kind, ADDRESS, content, until)

        return await self.database.write(change)


async def test_all_that_was_sealed_opens_with_the_new_key_and_nothing_is_sealed_with_the_old(
    database: Database, clock: SettableClock, acme: Founded, globex: Founded
) -> None:
    await database.write(lambda unit: store.adopt(unit, Sealer(OLD).fingerprint))
    keys, later = SecretKeys(database, clock), clock.now + timedelta(hours=1)
    old, id = Installation(database, clock, OLD), acme.organization.id
    configuration = await old.configure(acme)
    invite = await old.invites.create(acme.caller, id)
    letter = await old.write(acme, later)
    published, cursor = await old.keys.published(), old.cursors.of("events", 7)
    assert await keys.rotate(old.sealer, Sealer(NEW), forget=False) == 4
    assert await keys.rotate(old.sealer, Sealer(NEW), forget=False) == 0

    async def sealing() -> None:
        for work in (
            old.configure(globex),
            old.invites.create(acme.caller, id),
            old.write(acme, later),
            old.sso.update(acme.caller, configuration.id, {}, "another"),
            old.invites.get(acme.caller, id),
        ):
            with pytest.raises(Unavailable, match="secret key is being replaced"):
                await work

    await sealing()
    # A server without the new key says so, and delivers nothing that it cannot read, nor drops it.
    follower = Following(database, old.sealer, lambda: None)
    assert await old.health.ready()
    await follower.look()
    assert not await old.health.ready()
    (delayed,) = await old.outbox.deliver()
    assert (delayed.id, delayed.delivery) == (letter.id, Delivery.QUEUED)
    await sealing()

    # One that gets it is as a new one.
    await Following(database, old.sealer, lambda: NEW).look()
    new = Installation(database, clock, NEW)
    await Following(database, new.sealer, lambda: None).look()
    for each in (old, new):
        assert await each.health.ready()
        assert await each.invites.get(acme.caller, id) == invite
        found = await each.sso.get(acme.caller, configuration.id)
        assert secret_of(found, each.sealer) == SECRET
        assert await each.keys.published() == published
        assert each.cursors.place("events", cursor) == 7
    await new.configure(globex)

    # Cursors of two keys before are good as well, until they are forgotten.
    assert await keys.rotate(new.sealer, Sealer(NEWEST), forget=False) == 6
    newest = Installation(database, clock, NEWEST)
    await Following(database, newest.sealer, lambda: None).look()
    assert newest.cursors.place("events", cursor) == 7
    retention = Retention(database, clock, former_secret_keys=KEPT)
    assert await retention.purge() == {"former_secret_keys": 0}
    clock.advance(days=31)
    assert await retention.purge() == {"former_secret_keys": 2}
    await Following(database, newest.sealer, lambda: None).look()
    with pytest.raises(InvalidArgument, match="not a cursor"):
        newest.cursors.place("events", cursor)


async def test_with_forget_nothing_of_the_keys_before_is_good_any_more(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    await database.write(lambda unit: store.adopt(unit, Sealer(OLD).fingerprint))
    keys = SecretKeys(database, clock)
    cursors = [Cursors(Sealer(key)).of("events", 7) for key in (OLD, NEW)]
    await keys.rotate(Sealer(OLD), Sealer(NEW), forget=False)
    await keys.rotate(Sealer(NEW), Sealer(NEWEST), forget=True)
    newest = Installation(database, clock, NEWEST)
    await Following(database, newest.sealer, lambda: None).look()
    for cursor in cursors:
        with pytest.raises(InvalidArgument, match="not a cursor"):
            newest.cursors.place("events", cursor)


async def test_what_cannot_be_opened_is_told_and_nothing_is_changed(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    await database.write(lambda unit: store.adopt(unit, Sealer(OLD).fingerprint))
    old = Installation(database, clock, OLD)
    await old.invites.create(acme.caller, acme.organization.id)
    damaged = await old.configure(acme)
    column = sso_configuration.table.c.client_secret
    await database.write(
        lambda unit: unit.connection.execute(sa.update(column.table).values({column: b"damaged"}))
    )
    with pytest.raises(CannotOpen, match=f"^client_secret of sso_configuration {damaged.id} was "):
        await SecretKeys(database, clock).rotate(old.sealer, Sealer(NEW), forget=False)
    await old.invites.get(acme.caller, acme.organization.id)
    assert await database.read(store.find) == old.sealer.fingerprint
