"""Somebody can always act: what the use cases refuse, and that two cannot do together what one may not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.caller import Caller
from orgplane_server.domain.errors import PermissionDenied, Reason
from orgplane_server.domain.identifier import PersonalAccessTokenId, SsoConfigurationId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.personal_access_token import PersonalAccessToken
from orgplane_server.domain.sso_configuration import (
    SsoConfiguration,
    SsoConfigurationChanges,
    SsoConfigurationState,
)
from orgplane_server.domain.user import Role, UserStatus
from orgplane_server.store.administration import administrators
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access, add_sign_in, add_user

PAGES = PageTokens(Sealer(bytes(32)))
ACTIVATION: SsoConfigurationChanges = {"state": SsoConfigurationState.ACTIVE}


@pytest.fixture
def members(database: Database, clock: SettableClock) -> Members:
    return Members(database, clock, PAGES)


@pytest.fixture
def tokens(database: Database, clock: SettableClock) -> PersonalAccessTokens:
    return PersonalAccessTokens(database, clock, PAGES)


@pytest.fixture
def failed_statements() -> Iterator[list[str]]:
    """What the database had against a statement, also where it was tried again."""
    failed: list[str] = []

    def note(context: sa.engine.ExceptionContext) -> None:
        failed.append(str(context.original_exception))

    def run_by_sqlalchemy(*_: object) -> None:
        """What somebody listens to does not go straight to the driver."""

    events = {"handle_error": note, "before_cursor_execute": run_by_sqlalchemy}
    for name, listener in events.items():
        sa.event.listen(sa.Engine, name, listener)
    yield failed
    for name, listener in events.items():
        sa.event.remove(sa.Engine, name, listener)


@pytest.fixture
def sso(database: Database, clock: SettableClock) -> SsoConfigurations:
    return SsoConfigurations(database, clock, PAGES, Sealer(bytes(32)))


@pytest.fixture
async def provider(sso: SsoConfigurations, acme: Founded) -> SsoConfiguration:
    """Through which Acme signs in."""
    return await new_provider(sso, acme)


async def new_provider(sso: SsoConfigurations, owner: Founded) -> SsoConfiguration:
    made = await sso.create(
        owner.caller,
        owner.organization.id,
        client_id="orgplane",
        client_secret="secret",
        issuer_url="https://idp.example",
    )
    return await sso.update(owner.caller, made.id, ACTIVATION)


async def test_who_can_act_until_when(
    database: Database,
    acme: Founded,
    globex: Founded,
    sso: SsoConfigurations,
    provider: SsoConfiguration,
    clock: SettableClock,
) -> None:
    async def admin(**options: object) -> Access:
        return await add_user(database, acme, clock.now, **{"role": Role.ADMIN, **options})  # type: ignore[arg-type]

    brief = await admin(lifetime=timedelta(hours=1))
    reader = await admin(read_only=True)
    await admin(role=Role.MEMBER)
    await admin(status=UserStatus.SUSPENDED)
    inactive = await new_provider(sso, acme)
    await sso.update(acme.caller, inactive.id, {"state": SsoConfigurationState.INACTIVE})
    signed_in, before, closed = [await admin(read_only=True) for _ in range(3)]
    for each in (brief, signed_in):
        await add_sign_in(database, each.user, provider.id, clock.now)
    await add_sign_in(database, before.user, provider.id, clock.now - timedelta(days=60))
    await add_sign_in(database, closed.user, inactive.id, clock.now)
    await add_sign_in(database, acme.administrator, provider.id, clock.now)
    month = timedelta(days=30)
    assert await database.read(lambda c: administrators(c, acme.organization.id)) == {
        acme.administrator.id: clock.now + timedelta(days=90),
        brief.user.id: clock.now + month,
        reader.user.id: None,
        signed_in.user.id: clock.now + month,
        before.user.id: clock.now - month,
        closed.user.id: None,
    }


async def test_a_sign_in_counts_for_a_month(
    database: Database,
    tokens: PersonalAccessTokens,
    acme: Founded,
    provider: SsoConfiguration,
    clock: SettableClock,
) -> None:
    """Less the day that the last one who can act has to have left."""
    await add_sign_in(database, acme.administrator, provider.id, clock.now)
    clock.advance(days=29, seconds=1)
    with pytest.raises(PermissionDenied, match="create a personal access token first"):
        await tokens.delete(acme.caller, acme.caller.token_id)
    clock.advance(seconds=-1)
    await tokens.delete(acme.caller, acme.caller.token_id)


NEW_ISSUER = "https://idp.example/new"
CHANGES: dict[str, SsoConfigurationChanges] = {
    "inactive": {"state": SsoConfigurationState.INACTIVE},
    "issuer": {"issuer_url": NEW_ISSUER},
    "client": {"client_id": "another"},
    "binding claim": {"binding_claim": "oid"},
    "claims expression": {"claims_expression": "true"},
}
BY_SIGN_IN = {**CHANGES, "deletion": None}


async def change(sso: SsoConfigurations, owner: Founded, id: SsoConfigurationId, what: str) -> None:
    changes = BY_SIGN_IN[what]
    if changes is None:
        await sso.delete(owner.caller, id)
    else:
        await sso.update_binding(owner.caller, id, changes, rebind=True)


@pytest.mark.parametrize("what", BY_SIGN_IN)
async def test_by_which_alone_somebody_can_act_a_configuration_stays(
    database: Database,
    sso: SsoConfigurations,
    tokens: PersonalAccessTokens,
    acme: Founded,
    provider: SsoConfiguration,
    clock: SettableClock,
    what: str,
) -> None:
    """The caller is as good as a session here, which nothing looks at any more."""
    await add_sign_in(database, acme.administrator, provider.id, clock.now)
    await tokens.delete(acme.caller, acme.caller.token_id)
    with pytest.raises(PermissionDenied, match="create a personal access token first") as caught:
        await change(sso, acme, provider.id, what)
    assert caught.value.reason is Reason.LAST_ADMINISTRATOR
    assert await sso.get(acme.caller, provider.id) == provider
    able = {acme.administrator.id: clock.now + timedelta(days=30)}
    assert await database.read(lambda c: administrators(c, acme.organization.id)) == able
    # Whoever holds a token can stop a provider that was taken over.
    await Operations(database, clock).create_token(
        acme.organization.id, acme.administrator.email, lifetime=timedelta(hours=24)
    )
    await change(sso, acme, provider.id, what)
    able = {acme.administrator.id: clock.now + timedelta(hours=24)}
    assert await database.read(lambda c: administrators(c, acme.organization.id)) == able


async def test_what_says_nothing_of_who_signs_in_is_changed_freely(
    database: Database,
    sso: SsoConfigurations,
    tokens: PersonalAccessTokens,
    acme: Founded,
    provider: SsoConfiguration,
    clock: SettableClock,
) -> None:
    """A client secret is replaced now and then: it is the same client."""
    await add_sign_in(database, acme.administrator, provider.id, clock.now)
    await tokens.delete(acme.caller, acme.caller.token_id)
    changes: SsoConfigurationChanges = {
        "display_name": "Acme",
        "email_domains": ("acme.example",),
        "additional_scopes": ("groups",),
    }
    await sso.update(acme.caller, provider.id, changes, client_secret="another")
    able = {acme.administrator.id: clock.now + timedelta(days=30)}
    assert await database.read(lambda c: administrators(c, acme.organization.id)) == able


async def test_while_it_is_inactive_no_sign_in_counts_and_one_before_another_change_never_again(
    database: Database,
    sso: SsoConfigurations,
    acme: Founded,
    provider: SsoConfiguration,
    clock: SettableClock,
) -> None:
    other = await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    await add_sign_in(database, other.user, provider.id, clock.now)

    async def until() -> object:
        return (await database.read(lambda c: administrators(c, acme.organization.id)))[
            other.user.id
        ]

    month = clock.now + timedelta(days=30)
    await change(sso, acme, provider.id, "inactive")
    assert await until() is None
    await sso.update(acme.caller, provider.id, ACTIVATION)
    assert await until() == month
    await change(sso, acme, provider.id, "inactive")
    await sso.update(acme.caller, provider.id, {"claims_expression": "true"})
    await sso.update(acme.caller, provider.id, {"claims_expression": "", **ACTIVATION})
    assert await until() is None


async def test_the_last_token_to_act_with_stays_others_go(
    database: Database, tokens: PersonalAccessTokens, acme: Founded, clock: SettableClock
) -> None:
    ada = acme.caller
    await tokens.create(ada, ada.user_id, read_only=True)
    await tokens.create(ada, ada.user_id, lifetime=timedelta(hours=2))
    with pytest.raises(PermissionDenied, match="create a personal access token first") as caught:
        await tokens.delete(ada, ada.token_id)
    assert caught.value.reason is Reason.LAST_ADMINISTRATOR
    await tokens.create(ada, ada.user_id, lifetime=timedelta(days=2))
    await tokens.delete(ada, ada.token_id)
    clock.advance(hours=47)
    await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    for each in await _tokens_of(tokens, ada):
        # The one that has ended and the one that changes nothing; not the one with an hour left.
        if each.read_only or each.expired(clock.now):
            await tokens.delete(ada, each.id)
        else:
            with pytest.raises(PermissionDenied, match="nobody would be left"):
                await tokens.delete(ada, each.id)


async def _tokens_of(tokens: PersonalAccessTokens, caller: Caller) -> list[PersonalAccessToken]:
    return list((await tokens.list(caller, PageRequest())).items)


async def test_an_heir_who_cannot_act_is_none(
    database: Database, members: Members, acme: Founded, clock: SettableClock
) -> None:
    await add_user(database, acme, clock.now, role=Role.ADMIN, lifetime=timedelta(hours=23))
    await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    with pytest.raises(PermissionDenied, match="nobody would be left"):
        await members.set_role(
            acme.caller, acme.organization.id, acme.administrator.id, Role.MEMBER
        )
    await add_user(database, acme, clock.now, role=Role.ADMIN, lifetime=timedelta(hours=25))
    await members.set_suspended(acme.caller, acme.administrator.id, True)


async def test_a_clock_that_was_set_back_has_ended_no_token(
    database: Database, members: Members, acme: Founded, clock: SettableClock
) -> None:
    """A member is never older than before: their last change may lie in the future."""
    ada, organization = acme.administrator.id, acme.organization.id
    await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    clock.advance(days=200)
    for role in (Role.MEMBER, Role.ADMIN):  # no token lives any more
        await members.set_role(acme.caller, organization, ada, role)
    clock.advance(days=-200)
    with pytest.raises(PermissionDenied, match="nobody would be left"):
        await members.set_role(acme.caller, organization, ada, Role.MEMBER)
    with pytest.raises(PermissionDenied, match="nobody would be left"):
        await members.set_suspended(acme.caller, ada, True)


async def test_one_deletes_their_token_while_the_other_is_made_a_member(
    failed_statements: list[str],
    database: Database,
    members: Members,
    tokens: PersonalAccessTokens,
    acme: Founded,
    clock: SettableClock,
) -> None:
    """Tried many times: on PostgreSQL the two transactions really run at once, and never block each other."""
    other = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user.id
    ada, own = acme.caller, acme.caller.token_id
    for _ in range(20):
        outcomes = await asyncio.gather(
            tokens.delete(ada, own),
            members.set_role(ada, acme.organization.id, other, Role.MEMBER),
            return_exceptions=True,
        )
        (refusal,) = [o for o in outcomes if isinstance(o, BaseException)]
        assert isinstance(refusal, PermissionDenied)
        assert refusal.reason is Reason.LAST_ADMINISTRATOR
        await members.set_role(ada, acme.organization.id, other, Role.ADMIN)
        operations = Operations(database, clock)
        await operations.create_token(
            acme.organization.id, acme.administrator.email, lifetime=timedelta(days=90)
        )
        own = (await _tokens_of(tokens, ada))[-1].id
        for each in (await _tokens_of(tokens, ada))[:-1]:
            await tokens.delete(ada, each.id)
    assert failed_statements == []  # neither was given up for a deadlock


async def test_one_deletes_their_token_while_the_other_stops_sign_ins(
    failed_statements: list[str],
    database: Database,
    sso: SsoConfigurations,
    tokens: PersonalAccessTokens,
    acme: Founded,
    provider: SsoConfiguration,
    clock: SettableClock,
) -> None:
    """Of the token and the sign-in one is enough. Tried many times, as above."""
    ada, own = acme.caller, acme.caller.token_id
    await add_sign_in(database, acme.administrator, provider.id, clock.now)
    operations = Operations(database, clock)
    for _ in range(20):
        outcomes = await asyncio.gather(
            tokens.delete(ada, own),
            change(sso, acme, provider.id, "inactive"),
            return_exceptions=True,
        )
        (refusal,) = [o for o in outcomes if isinstance(o, BaseException)]
        assert isinstance(refusal, PermissionDenied)
        assert refusal.reason is Reason.LAST_ADMINISTRATOR
        if isinstance(outcomes[0], BaseException):
            await sso.update(ada, provider.id, ACTIVATION)
        else:
            let_in = await operations.create_token(
                acme.organization.id, acme.administrator.email, lifetime=timedelta(days=90)
            )
            own = PersonalAccessTokenId(let_in.caller.token_id)
    assert failed_statements == []  # neither was given up for a deadlock
