"""Nobody is surprised by the end of a credential that nothing takes the place of."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Action, ActorKind, AuditEvent
from orgplane_server.domain.expiry import LATEST_WARNING, Ending
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.domain.user import Role, UserStatus
from orgplane_server.store import audit, expiry
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer
from people import add_sign_in, add_user
from provisioning import Administration, administration

DAY = timedelta(days=1)


@pytest.fixture
def warnings(database: Database, clock: SettableClock) -> ExpiryWarnings:
    return ExpiryWarnings(database, clock)


@pytest.fixture
def admin(database: Database, clock: SettableClock, acme: Founded) -> Administration:
    return administration(database, clock, acme)


@pytest.fixture
def tokens(database: Database, clock: SettableClock) -> PersonalAccessTokens:
    return PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))


async def events(database: Database, owner: Founded) -> list[AuditEvent]:
    """All warnings on record, the oldest first."""
    found = await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 10_000)
    )
    return [event for event in found if "expiry_warning" in event.changes]


async def days(database: Database, owner: Founded, subject: object) -> list[int]:
    """The warnings about a subject: how many days before its end each was for."""
    return [
        event.changes["expiry_warning"].after["days"]
        for event in await events(database, owner)
        if event.subject_id == subject
    ]


def subjects(announced: list[Ending]) -> list[object]:
    return [ending.subject_id for ending in announced]


async def test_a_scim_token_is_warned_of_14_and_7_and_1_days_before_its_end(
    database: Database,
    warnings: ExpiryWarnings,
    admin: Administration,
    acme: Founded,
    tokens: PersonalAccessTokens,
    clock: SettableClock,
) -> None:
    issued = await admin.regenerate((await admin.create())[0], 60 * DAY)
    id, told = issued.configuration.id, 0
    for left, total in ((15, 0), (14, 1), (13, 1), (8, 1), (7, 2), (2, 2), (1, 3), (0, 3), (-1, 3)):
        clock.now = issued.configuration.token_expires_at - left * DAY
        announced = await warnings.announce()
        assert subjects(announced) == [id] * (total - told)
        told = total
        assert await warnings.announce() == []
    assert await days(database, acme, id) == [14, 7, 1]


async def test_a_warning_is_an_update_by_the_server_that_says_what_ends_and_when(
    database: Database,
    warnings: ExpiryWarnings,
    admin: Administration,
    acme: Founded,
    clock: SettableClock,
) -> None:
    configuration, _ = await admin.create()
    clock.now = configuration.token_expires_at - 7 * DAY
    await warnings.announce()
    (event,) = [
        each for each in await events(database, acme) if each.subject_id == configuration.id
    ]
    assert (event.actor, event.actor_id) == (ActorKind.OPERATOR, None)
    assert (event.action, event.occurred_at) == (Action.UPDATE, clock.now)
    change = event.changes["expiry_warning"]
    assert change.before is None
    assert change.after == {"days": 7, "expires_at": "2027-03-01T12:00:00.123456Z"}


async def test_the_last_administrators_last_token_is_warned_of_and_who_holds_it(
    database: Database, warnings: ExpiryWarnings, acme: Founded, clock: SettableClock
) -> None:
    """The token of the beginning lasts 90 days."""
    end = clock.now + 90 * DAY
    for left in (15, 14, 13, 7, 6, 1, 0):
        clock.now = end - left * DAY
        await warnings.announce()
    assert await days(database, acme, acme.organization.id) == [14, 7, 1]
    for event in await events(database, acme):
        told = event.changes["expiry_warning"].after
        assert told["user_id"] == str(acme.administrator.id)
        assert told["expires_at"] == "2026-05-30T12:00:00.123456Z"


async def test_only_a_token_that_can_act_counts(
    database: Database, warnings: ExpiryWarnings, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(days=80)
    much = 90 * DAY
    await add_user(database, acme, clock.now, lifetime=much)
    await add_user(database, acme, clock.now, lifetime=much, role=Role.ADMIN, read_only=True)
    await add_user(
        database, acme, clock.now, lifetime=much, role=Role.ADMIN, status=UserStatus.SUSPENDED
    )
    assert subjects(await warnings.announce()) == [acme.organization.id]


async def test_the_latest_sign_in_that_counts_is_warned_of_before_a_month_has_passed(
    database: Database,
    warnings: ExpiryWarnings,
    admin: Administration,
    acme: Founded,
    clock: SettableClock,
) -> None:
    configuration, _ = await admin.create()
    assert configuration.sso_configuration_id is not None
    sso = configuration.sso_configuration_id
    clock.advance(days=80)
    other = await add_user(database, acme, clock.now, lifetime=5 * DAY, role=Role.ADMIN)
    await add_sign_in(database, other.user, sso, clock.now)
    (ending,) = await warnings.announce()  # it is inactive: Ada's token is the last
    assert ending.ends_at == clock.now + 10 * DAY
    await admin.sso.update(acme.caller, sso, {"state": SsoConfigurationState.ACTIVE})
    end = clock.now + 30 * DAY
    for left, told in ((15, None), (14, 14), (8, None), (7, 7), (1, 1), (0, None), (-1, None)):
        clock.now = end - left * DAY
        announced = await warnings.announce()
        assert [(each.ends_at, each.holder) for each in announced] == (
            [] if told is None else [(end, other.user)]
        )
    assert await days(database, acme, acme.organization.id) == [14, 14, 7, 1]


async def test_while_another_can_act_nothing_ends(
    database: Database, warnings: ExpiryWarnings, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(days=80)
    other = await add_user(database, acme, clock.now, lifetime=15 * DAY, role=Role.ADMIN)
    assert await warnings.announce() == []
    clock.advance(days=1)
    (ending,) = await warnings.announce()
    assert ending.holder is not None
    assert ending.holder.id == other.user.id


async def test_a_renewal_is_warned_of_when_its_own_end_comes_near_and_not_before(
    database: Database,
    warnings: ExpiryWarnings,
    admin: Administration,
    acme: Founded,
    tokens: PersonalAccessTokens,
    clock: SettableClock,
) -> None:
    issued = await admin.regenerate((await admin.create())[0], 89 * DAY)
    clock.advance(days=83)
    assert len(await warnings.announce()) == 2
    await tokens.create(acme.caller, acme.caller.user_id)
    renewed = await admin.regenerate(issued.configuration, 90 * DAY)
    assert await warnings.announce() == []
    clock.advance(days=83)
    assert len(await warnings.announce()) == 2
    assert await days(database, acme, renewed.configuration.id) == [7, 7]
    assert await days(database, acme, acme.organization.id) == [7, 7]


async def test_a_server_that_was_down_makes_up_for_it_once(
    database: Database,
    warnings: ExpiryWarnings,
    admin: Administration,
    acme: Founded,
    clock: SettableClock,
) -> None:
    issued = await admin.regenerate((await admin.create())[0], 100 * DAY)
    clock.advance(days=97)
    announced = await warnings.announce()
    assert {ending.subject_id: ending.days_left(clock.now) for ending in announced} == {
        issued.configuration.id: 3,
        acme.organization.id: 0,
    }
    assert await days(database, acme, issued.configuration.id) == [7]
    assert await days(database, acme, acme.organization.id) == [1]
    clock.advance(days=2)
    assert subjects(await warnings.announce()) == [issued.configuration.id]


async def test_of_several_processes_one_announces(
    database: Database,
    database_url: str,
    admin: Administration,
    acme: Founded,
    globex: Founded,
    clock: SettableClock,
) -> None:
    for _ in range(5):
        await admin.create()
    clock.advance(days=360)
    elsewhere = Database.open(database_url, connections=3)
    each = [ExpiryWarnings(one, clock) for one in (database, elsewhere) for _ in range(2)]
    announced = await asyncio.gather(*(warnings.announce() for warnings in each))
    await elsewhere.aclose()
    assert sum(map(len, announced)) == 5
    assert len(await events(database, acme)) == 5
    assert await events(database, globex) == []


async def test_nothing_is_announced_of_what_is_gone(
    warnings: ExpiryWarnings, admin: Administration, acme: Founded, clock: SettableClock
) -> None:
    configuration, _ = await admin.create()
    clock.advance(days=360)
    await admin.configurations.delete(acme.caller, configuration.id)
    assert await warnings.announce() == []


async def test_a_warning_is_forgotten_only_when_it_could_not_be_given_again(
    database: Database, warnings: ExpiryWarnings, acme: Founded, clock: SettableClock
) -> None:
    retention = Retention(database, clock, expiry_warnings=LATEST_WARNING)
    clock.advance(days=90)
    assert len(await warnings.announce()) == 1
    clock.advance(days=90)
    assert await retention.purge() == {"expiry_warnings": 0}
    assert await warnings.announce() == []
    clock.advance(seconds=1)
    assert await retention.purge() == {"expiry_warnings": 1}
    assert await warnings.announce() == []
    assert await database.read(expiry.warned) == {}
