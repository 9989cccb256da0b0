"""Who signs in through an SSO configuration, as whom, and how long that holds."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import postgres
import pytest
from clock import SettableClock
from orgplane_server.cel.claims_expressions import ClaimsExpressions
from orgplane_server.domain import session, sign_in
from orgplane_server.domain.administration import acting
from orgplane_server.domain.caller import Caller, Origin, Permission
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    Reason,
    Unauthenticated,
)
from orgplane_server.domain.identifier import SsoConfigurationId, UserId
from orgplane_server.domain.organization_policies import OrganizationPoliciesChanges
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.personal_access_token_policy import PersonalAccessTokenPolicyChanges
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.sign_in import Denied, Refusal
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from orgplane_server.domain.token import Token
from orgplane_server.domain.user import Role
from orgplane_server.oidc.examination import Finding, Outcome
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.store import audit
from orgplane_server.store.administration import administrators
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.session import sessions
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.event import Events
from orgplane_server.usecases.first_token import FirstTokens
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded, Organizations
from orgplane_server.usecases.organization_policies import Policies
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.personal_access_token_policy import PersonalAccessTokenPolicies
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sign_in import Begun, SignedIn, SignIns
from orgplane_server.usecases.sign_in_attempt_log import SignInAttemptLog
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from orgplane_server.usecases.watch import Watches
from people import Access
from processes import PATIENCE
from provisioning import serving
from scim_client import Scim
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

ORIGIN = Origin("request", "192.0.2.1")
HERE = AllowedHosts(loopback=True)


@dataclass
class Door:
    """Acme's sign-in, and those who have a say in it."""

    sign_ins: SignIns
    provider: SimpleProvider
    sso: SsoConfigurations
    configuration: SsoConfiguration
    authentication: Authentication
    members: Members
    owner: Founded
    attempts: SignInAttemptLog

    async def enter(self, sub: str, **claims: Any) -> SignedIn:
        begun = await self.sign_ins.begin(self.configuration.id, ORIGIN)
        answer = self.provider.sign_in(begun.url, sub, **claims)
        return await self.finish(answer, begun.browser)

    async def finish(self, answer: dict[str, str], browser: str) -> SignedIn:
        """What comes of an answer at the configuration's redirect URI."""
        return await self.sign_ins.finish(self.configuration.id, answer, browser, ORIGIN)

    async def caller(self, done: SignedIn) -> Caller:
        return await self.bearer(done.token)

    async def bearer(self, token: Token) -> Caller:
        return await self.authentication.authenticate(token.reveal(), ORIGIN)

    async def change(self, **changes: Any) -> None:
        await self.sso.update(
            self.owner.caller, self.configuration.id, changes, client_secret=CLIENT_SECRET
        )


@pytest.fixture
async def door(database: Database, clock: SettableClock, acme: Founded) -> AsyncIterator[Door]:
    sealer, pages = Sealer(bytes(32)), PageTokens(Sealer(bytes(32)))
    fetcher = Fetcher(HERE, seconds=PATIENCE)
    expressions = ClaimsExpressions()
    sso = SsoConfigurations(database, clock, pages, sealer, HERE, expressions, fetcher)
    await Vouching(database, clock).vouch(acme.organization.id, "acme.example", private=True)
    async with simple_provider(lambda: clock.now.timestamp()) as provider:
        configuration = await sso.create(
            acme.caller,
            acme.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=provider.issuer,
            email_domains=("acme.example",),
        )
        await sso.update(acme.caller, configuration.id, {"state": SsoConfigurationState.ACTIVE})
        attempts = SignInAttemptLog(database, clock)
        yield Door(
            SignIns(
                *(database, clock, sealer, fetcher, expressions),
                "https://id.acme.example",
                attempts,
            ),
            provider,
            sso,
            configuration,
            Authentication(database, clock),
            Members(database, clock, pages),
            acme,
            attempts,
        )
    await expressions.aclose()
    fetcher.close()


@dataclass
class Directory:
    """One that is linked to an SSO configuration; its users may be linked by address."""

    configurations: ScimConfigurations
    configuration: ScimConfiguration
    scim: Scim

    async def link(self, door: Door, to: SsoConfigurationId | None) -> None:
        await self.configurations.update(
            door.owner.caller, self.configuration.id, {"sso_configuration_id": to}
        )


@contextlib.asynccontextmanager
async def directory_of(
    database: Database, clock: SettableClock, owner: Founded, sso: SsoConfiguration
) -> AsyncIterator[Directory]:
    configurations = ScimConfigurations(database, clock, PageTokens(Sealer(bytes(32))))
    issued = await configurations.create(
        *(owner.caller, owner.organization.id, sso.id), allow_unverified_email_account_linking=True
    )
    async with serving(database, clock) as http:
        yield Directory(configurations, issued.configuration, Scim(http, issued.token.reveal()))


@pytest.fixture
async def directory(
    database: Database, clock: SettableClock, door: Door
) -> AsyncIterator[Directory]:
    """That of the same provider."""
    async with directory_of(database, clock, door.owner, door.configuration) as directory:
        yield directory


@pytest.fixture
def scim(directory: Directory) -> Scim:
    return directory.scim


@pytest.fixture
async def elsewhere(
    database: Database, clock: SettableClock, door: Door
) -> AsyncIterator[Directory]:
    """That of another provider, at which nobody signs in."""
    sso = await door.sso.create(
        door.owner.caller,
        door.owner.organization.id,
        client_id="another",
        client_secret="another",
        issuer_url="https://idp.example",
    )
    async with directory_of(database, clock, door.owner, sso) as directory:
        yield directory


VERIFIED: dict[str, Any] = {"email": "mel@acme.example", "email_verified": True}


async def test_a_proven_domain_finds_the_member_once_and_then_the_subject_alone_counts(
    door: Door, acme_member: Access
) -> None:
    done = await door.enter("mel-1", email="Mel@ACME.example", email_verified=True)
    assert done.member.id == acme_member.user.id
    caller = await door.caller(done)
    assert (caller.user_id, caller.roles) == (acme_member.user.id, {Role.MEMBER})
    again = await door.enter("mel-1", email="somebody.else@globex.example")
    assert again.member.id == acme_member.user.id
    with pytest.raises(Denied, match="another account of the identity provider"):
        await door.enter("mel-2", **VERIFIED)


async def test_userinfo_tells_the_address_that_the_id_token_has_not(
    door: Door, acme_member: Access
) -> None:
    door.provider.userinfo = {"sub": "mel-1", **VERIFIED}
    assert (await door.enter("mel-1")).member.id == acme_member.user.id
    door.provider.userinfo = {"sub": "eve", **VERIFIED}
    with pytest.raises(Denied, match="did not work"):
        await door.enter("mel-3")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        (
            {"email": "mel@acme.example", "email_verified": False},
            "does not say that it is verified",
        ),
        ({"email": "mel@acme.example"}, "does not say that it is verified"),
        (
            {"email": "mel@acme.example", "email_verified": "true"},
            "does not say that it is verified",
        ),
        ({"email": "nobody@acme.example", "email_verified": True}, "No member"),
        ({"email": "hank@globex.example", "email_verified": True}, "No member"),
        ({"email": "mel@acme.example, x@y.example", "email_verified": True}, "No member"),
        ({**VERIFIED, "nonce": "another"}, "did not work"),
        ({**VERIFIED, "iss": "https://evil.example"}, "did not work"),
        ({**VERIFIED, "aud": "another"}, "did not work"),
        ({**VERIFIED, "exp": 1}, "did not work"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_does_not_prove_who_somebody_is_lets_nobody_in(
    door: Door, acme_member: Access, globex: Founded, claims: dict[str, Any], why: str
) -> None:
    with pytest.raises(Denied, match=why):
        await door.enter("mel-1", **claims)


async def test_an_external_id_of_the_linked_directory_finds_whom_it_provisioned(
    door: Door, scim: Scim
) -> None:
    created = await scim.create_user("bea@elsewhere.example", externalId="bea-1")
    user = f"/Users/{created['id']}"
    done = await door.enter("bea-1", email="ada@acme.example", email_verified=True)
    assert str(done.member.id) == created["id"]
    await scim.patch(user, {"op": "replace", "path": "active", "value": False})
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    with pytest.raises(Denied, match="suspended"):
        await door.enter("bea-1")
    await scim.patch(user, {"op": "replace", "path": "active", "value": True})
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    await door.enter("bea-1")


@pytest.mark.parametrize("known_by", ["external id", "address"])
async def test_who_is_deprovisioned_and_provisioned_again_comes_in_as_the_new_member(
    door: Door, scim: Scim, known_by: str
) -> None:
    """As Entra deletes a user who is out of scope and makes them anew, with the same objectId, when they are in it again."""
    address = "bea@acme.example"
    named: dict[str, Any] = {"externalId": "bea-1"} if known_by == "external id" else {}
    claims = {"email": address, "email_verified": known_by == "address"}
    first = await scim.create_user(address, **named)
    old = await door.enter("bea-1", **claims)
    assert str(old.member.id) == first["id"]
    await scim("DELETE", f"/Users/{first['id']}")
    with pytest.raises(Denied, match="left the organization") as refused:
        await door.enter("bea-1", **claims)
    assert (refused.value.refusal, refused.value.member) == (Refusal.NOT_ACTIVE, old.member.id)
    second = await scim.create_user(address, **named)
    for _ in range(2):
        again = await door.enter("bea-1", **claims)
        assert str(again.member.id) == second["id"] != first["id"]
    assert (await door.caller(again)).user_id == again.member.id
    with pytest.raises(Unauthenticated):
        await door.caller(old)
    with pytest.raises(Denied, match="another account of the identity provider"):
        await door.enter("bea-2", email=address, email_verified=True)


async def test_nobody_else_comes_in_as_one_who_left_nor_they_as_anybody_else(
    door: Door, scim: Scim, acme_member: Access
) -> None:
    """Eve has the address now, and perhaps the job; what was Bea's is neither hers nor is hers Bea's."""
    address = "bea@acme.example"
    bea = await scim.create_user(address, externalId="bea-1")
    await door.enter("bea-1", email=address, email_verified=True)
    await scim("DELETE", f"/Users/{bea['id']}")
    eve = await scim.create_user(address, externalId="eve-1")
    done = await door.enter("eve-1", email=address, email_verified=True)
    assert str(done.member.id) == eve["id"]
    with pytest.raises(Denied, match="another account of the identity provider"):
        await door.enter("bea-1", email=address, email_verified=True)
    for claims in ({}, {"email": "mel@acme.example"}, {"email": address, "email_verified": False}):
        with pytest.raises(Denied, match="left the organization"):
            await door.enter("bea-1", **claims)


async def test_whom_an_administrator_took_out_is_not_let_in_by_what_the_provider_still_keeps(
    door: Door, scim: Scim
) -> None:
    bea = await scim.create_user("bea@acme.example", externalId="bea-1")
    done = await door.enter("bea-1")
    await door.members.leave(door.owner.caller, done.member.id)
    assert (await scim("GET", f"/Users/{bea['id']}")).status == 200
    with pytest.raises(Denied, match="left the organization"):
        await door.enter("bea-1", email="bea@acme.example", email_verified=True)


async def test_another_directory_does_not_say_whose_address_an_administrators_is(
    door: Door, scim: Scim, elsewhere: Directory
) -> None:
    """Else whoever holds its token, and any account at the provider, is an administrator."""
    organization = door.owner.organization.id
    told = f"orgplane scim-configurations update ID --sso-configuration-id {door.configuration.id}"
    ann = await elsewhere.scim.create_user("ann@acme.example")
    await door.members.set_role(
        door.owner.caller, organization, UserId(UUID(ann["id"])), Role.ADMIN
    )
    with pytest.raises(Denied, match=told):
        await door.enter("eve-1", email="ann@acme.example", email_verified=True)
    # Linked as well, but the address is not what the linked one says.
    known = await scim.create_user("bea@acme.example", externalId="bea-1")
    bea = await elsewhere.scim.create_user("bea@acme.example")
    assert bea["id"] == known["id"]
    renamed = {"op": "replace", "path": "userName", "value": "eve@acme.example"}
    await elsewhere.scim.patch(f"/Users/{bea['id']}", renamed)
    await door.members.set_role(
        door.owner.caller, organization, UserId(UUID(bea["id"])), Role.ADMIN
    )
    with pytest.raises(Denied, match=told):
        await door.enter("eve-1", email="eve@acme.example", email_verified=True)
    # A founder's address is nobody's word but the operator's.
    assert (
        await door.enter("ada-1", email="ada@acme.example", email_verified=True)
    ).member.role is Role.ADMIN
    await elsewhere.link(door, door.configuration.id)
    done = await door.enter("ann-1", email="ann@acme.example", email_verified=True)
    assert str(done.member.id) == ann["id"]


async def test_who_comes_in_and_who_does_not_is_counted(door: Door, acme_member: Access) -> None:
    for _ in range(2):
        await door.enter("mel-1", **VERIFIED)
    with pytest.raises(Denied):
        await door.enter("nobody")
    assert (door.attempts.succeeded, door.attempts.refused) == (2, 1)


async def test_a_state_works_once_in_the_browser_that_began_and_for_ten_minutes(
    door: Door, acme_member: Access, clock: SettableClock
) -> None:
    begun = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    other = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    answer = door.provider.sign_in(begun.url, "mel-1", **VERIFIED)
    for browser in ("", other.browser):
        with pytest.raises(Denied, match="not begun in this browser"):
            await door.finish(answer, browser)
    with pytest.raises(Denied, match="not begun in this browser"):
        await door.finish({**answer, "state": "x"}, begun.browser)
    await door.finish(answer, begun.browser)
    with pytest.raises(Denied, match="not begun in this browser"):
        await door.finish(answer, begun.browser)
    stolen = door.provider.sign_in(begun.url, "mel-1", **VERIFIED)
    with pytest.raises(Denied, match="did not work"):  # a code of another sign-in
        await door.finish(
            {**stolen, "state": door.provider.sign_in(other.url, "mel-1")["state"]}, other.browser
        )
    late = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    answer = door.provider.sign_in(late.url, "mel-1", **VERIFIED)
    clock.advance(minutes=10)
    with pytest.raises(Denied, match="more than 10 minutes"):
        await door.finish(answer, late.browser)


async def test_an_answer_of_another_issuer_is_not_taken(door: Door, acme_member: Access) -> None:
    for iss in ({"iss": "https://evil.example"}, {}):
        begun = await door.sign_ins.begin(door.configuration.id, ORIGIN)
        answer = door.provider.sign_in(begun.url, "mel-1", **VERIFIED)
        del answer["iss"]
        with pytest.raises(Denied, match="did not work"):
            await door.finish({**answer, **iss}, begun.browser)
    assert "/token_endpoint" not in door.provider.asked


async def test_two_issuers_are_not_mixed_up_though_none_names_itself(
    door: Door, acme_member: Access, globex: Founded
) -> None:
    """RFC 9700, section 4.4.1: the provider of another organization has Acme's sign somebody in for it."""
    door.provider.names_itself = False
    async with simple_provider(door.provider.seconds) as evil:
        configuration = await door.sso.create(
            globex.caller,
            globex.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=evil.issuer,
        )
        await door.sso.update(
            globex.caller, configuration.id, {"state": SsoConfigurationState.ACTIVE}
        )
        begun = await door.sign_ins.begin(configuration.id, ORIGIN)
        # Acme's provider sends the code to no other redirect URI than this configuration's.
        answer = door.provider.sign_in(begun.url, "mel-1", **VERIFIED)
        with pytest.raises(Denied, match="Another identity provider answered"):
            await door.finish(answer, begun.browser)
        assert "/token_endpoint" not in evil.asked + door.provider.asked
    assert (await door.enter("mel-1", **VERIFIED)).member.id == acme_member.user.id
    # One that names itself anyway has to say the truth.
    begun = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    answer = door.provider.sign_in(begun.url, "mel-1")
    with pytest.raises(Denied, match="did not work"):
        await door.finish({**answer, "iss": evil.issuer}, begun.browser)


async def test_an_administrator_who_signs_in_can_act_and_what_a_provider_wanted_of_another_is_done(
    door: Door, scim: Scim, database: Database, clock: SettableClock
) -> None:
    organization = door.owner.organization.id
    ada = door.owner.administrator.id

    async def able() -> set[UserId]:
        found = await database.read(lambda c: administrators(c, organization))
        return acting(found, clock.now, lasting=timedelta(days=29))

    bea = await scim.create_user("bea@acme.example", externalId="bea-1")
    heir = UserId(UUID(bea["id"]))
    await scim.create_user("ada@acme.example")
    await door.members.set_role(door.owner.caller, organization, heir, Role.ADMIN)
    inactive = {"op": "replace", "path": "active", "value": False}
    assert (await scim.patch(f"/Users/{ada}", inactive)).status == 403
    assert await able() == {ada}
    await door.enter("bea-1")
    assert await able() == {heir}  # Ada is suspended
    clock.advance(days=20)
    assert await able() == set()
    await door.enter("bea-1")
    assert await able() == {heir}


async def test_an_activation_does_what_a_provider_wanted_of_another(
    door: Door, scim: Scim, database: Database
) -> None:
    organization, ada = door.owner.organization.id, door.owner.administrator.id
    bea = await scim.create_user("bea@acme.example", externalId="bea-1")
    await scim.create_user("ada@acme.example")
    heir = UserId(UUID(bea["id"]))
    await door.enter("bea-1")
    await door.change(state=SsoConfigurationState.INACTIVE)
    await door.members.set_role(door.owner.caller, organization, heir, Role.ADMIN)
    inactive = {"op": "replace", "path": "active", "value": False}
    assert (await scim.patch(f"/Users/{ada}", inactive)).status == 403
    await door.change(state=SsoConfigurationState.ACTIVE)
    assert set(await database.read(lambda c: administrators(c, organization))) == {heir}


async def noted(database: Database, done: SignedIn, clock: SettableClock) -> None:
    """Returns once it is written that the session is used now."""
    async with asyncio.timeout(20):
        while True:
            found = await database.read(
                lambda connection: sessions.find_by_digest(connection, done.token.digest)
            )
            if found is not None and found[0].last_used_at == clock.now:
                return


async def test_sessions_end_when_they_should(
    door: Door, acme_member: Access, clock: SettableClock, database: Database
) -> None:
    done = await door.enter("mel-1", **VERIFIED)
    await door.caller(done)
    clock.advance(hours=8)
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    done = await door.enter("mel-1")
    for _ in range(3):
        await door.caller(done)
        await noted(database, done, clock)
        clock.advance(hours=7)
    await door.caller(done)
    clock.advance(hours=3)
    with pytest.raises(Unauthenticated):
        await door.caller(done)


async def test_the_earliest_of_too_many_that_are_open_give_way(
    door: Door, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    few = SignIns(
        *(database, clock, Sealer(bytes(32)), Fetcher(HERE), ClaimsExpressions()),
        "https://id.acme.example",
        SignInAttemptLog(database, clock),
        most_open=3,
    )
    begun = [await few.begin(door.configuration.id, ORIGIN) for _ in range(5)]
    for each in begun[:2]:
        with pytest.raises(Denied, match="not begun in this browser"):
            await door.finish(door.provider.sign_in(each.url, "mel-1", **VERIFIED), each.browser)
    for each in begun[2:]:
        await door.finish(door.provider.sign_in(each.url, "mel-1", **VERIFIED), each.browser)


async def test_sign_ins_and_sessions_that_are_over_are_forgotten(
    door: Door, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    begun = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    done = await door.enter("mel-1", **VERIFIED)
    retention = Retention(database, clock, sign_ins=sign_in.KEPT, sessions=session.KEPT)
    clock.advance(minutes=9)
    assert await retention.purge() == {"sign_ins": 0, "sessions": 0}
    await door.finish(door.provider.sign_in(begun.url, "mel-1"), begun.browser)
    await door.sign_ins.begin(door.configuration.id, ORIGIN)
    await door.caller(done)
    clock.advance(days=1, minutes=11)
    assert await retention.purge() == {"sign_ins": 1, "sessions": 0}
    clock.advance(days=1)
    assert await retention.purge() == {"sign_ins": 0, "sessions": 2}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_slow_provider_keeps_no_more_than_a_few_waiting(door: Door) -> None:
    door.provider.answering.clear()
    begun = [
        asyncio.create_task(door.sign_ins.begin(door.configuration.id, ORIGIN)) for _ in range(10)
    ]
    await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
    door.provider.answering.set()
    ends = await asyncio.gather(*begun, return_exceptions=True)
    refused = [str(each) for each in ends if isinstance(each, Denied)]
    assert 0 < len(refused) <= 2
    assert all("Too many people" in each for each in refused)
    assert [each for each in ends if isinstance(each, Begun)]


async def test_what_a_session_lets_do_stays_within_its_organization_and_so_does_a_token_made_with_it(
    door: Door, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    """The organization's administrator chooses the provider, and so whom it says that somebody is."""
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    done, own = await door.enter("mel-1", **VERIFIED), acme_member.token
    caller = await door.caller(done)
    first = await tokens.create(caller, caller.user_id)
    second = await tokens.create(await door.bearer(first), caller.user_id)
    for token in (done.token, first, second):
        caller = await door.bearer(token)
        assert caller.signed_in_through == door.configuration.id
        with pytest.raises(PermissionDenied, match="for its own organization alone"):
            await FirstTokens(database, clock).create(caller, door.owner.organization.id)
        for permission in (Permission.JOIN, Permission.FOUND):
            with pytest.raises(PermissionDenied, match="for its own organization alone"):
                caller.require(permission)
    (await door.bearer(own)).require(Permission.JOIN)
    there = (await tokens.list(caller, PageRequest())).items
    through = {each.digest: each.signed_in_through for each in there}
    id = door.configuration.id
    assert through == {own.digest: None, first.digest: id, second.digest: id}


async def test_a_token_made_with_a_session_outlives_it_and_ends_with_the_membership(
    door: Door, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    """As it may be the way out when the provider has been taken over."""
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    caller = await door.caller(await door.enter("mel-1", **VERIFIED))
    token = await tokens.create(caller, caller.user_id)
    await door.change(state=SsoConfigurationState.INACTIVE)
    await door.sso.delete(door.owner.caller, door.configuration.id)
    with pytest.raises(Unauthenticated):
        await door.authentication.renew(caller)
    bearer = await door.bearer(token)
    assert await door.authentication.renew(bearer) == bearer
    await door.members.set_suspended(door.owner.caller, bearer.user_id, suspended=True)
    with pytest.raises(Unauthenticated):
        await door.bearer(token)
    await door.members.set_suspended(door.owner.caller, bearer.user_id, suspended=False)
    await door.members.leave(door.owner.caller, bearer.user_id)
    with pytest.raises(Unauthenticated):
        await door.bearer(token)


async def test_suspension_ends_sessions_for_good(door: Door, acme_member: Access) -> None:
    done = await door.enter("mel-1", **VERIFIED)
    id = UserId(acme_member.user.id)
    await door.members.set_suspended(door.owner.caller, id, suspended=True)
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    with pytest.raises(Denied, match="suspended"):
        await door.enter("mel-1")
    await door.members.set_suspended(door.owner.caller, id, suspended=False)
    with pytest.raises(Unauthenticated):
        await door.caller(done)


async def test_a_configuration_that_is_inactive_lets_nobody_in_and_ends_what_it_let_in(
    door: Door, acme_member: Access
) -> None:
    done = await door.enter("mel-1", **VERIFIED)
    begun = await door.sign_ins.begin(door.configuration.id, ORIGIN)
    answer = door.provider.sign_in(begun.url, "mel-1")
    await door.change(state=SsoConfigurationState.INACTIVE)
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    with pytest.raises(Denied):
        await door.finish(answer, begun.browser)
    with pytest.raises(Denied, match="Nobody can sign in here"):
        await door.sign_ins.begin(door.configuration.id, ORIGIN)
    await door.change(state=SsoConfigurationState.ACTIVE)
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    done = await door.enter("mel-1")
    await door.sso.delete(door.owner.caller, door.configuration.id)
    with pytest.raises(Unauthenticated):
        await door.caller(done)


@pytest.mark.parametrize("what", ["unlinked", "linked to another", "deleted"])
async def test_a_directory_that_goes_takes_the_sessions_of_whom_it_provisions(
    door: Door,
    directory: Directory,
    elsewhere: Directory,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
    what: str,
) -> None:
    created = await directory.scim.create_user("bea@elsewhere.example", externalId="bea-1")
    await door.members.set_role(
        door.owner.caller, door.owner.organization.id, UserId(UUID(created["id"])), Role.ADMIN
    )
    bea, mel = await door.enter("bea-1"), await door.enter("mel-1", **VERIFIED)
    watches = Watches(database, door.authentication)
    events = Events(database, Cursors(Sealer(bytes(32))), watches)
    async with contextlib.aclosing(events.watch(await door.caller(bea), "")) as watch:
        await anext(watch)
        if what == "deleted":
            await directory.configurations.delete(door.owner.caller, directory.configuration.id)
        else:
            other = elsewhere.configuration.sso_configuration_id
            await directory.link(door, None if what == "unlinked" else other)
        with pytest.raises(Unauthenticated):
            await door.caller(bea)
        with pytest.raises(Unauthenticated):
            async with asyncio.timeout(20):
                await anext(watch)
    await door.caller(mel)  # whom it does not provision
    await door.caller(await door.enter("bea-1"))  # once bound only the subject counts


@pytest.mark.parametrize("changes", [{"client_id": "another"}, {"binding_claim": "oid"}])
async def test_another_client_or_claim_makes_subjects_strangers_if_that_is_asked_for(
    door: Door, acme_member: Access, database: Database, changes: dict[str, Any]
) -> None:
    done = await door.enter("mel-1", **VERIFIED)
    with pytest.raises(FailedPrecondition, match="1 member is bound") as refused:
        await door.change(**changes)
    assert refused.value.reason is Reason.SUBJECTS_BOUND
    await door.caller(done)
    wanted: Any = changes
    id, caller = door.configuration.id, door.owner.caller
    rebind = door.sso.update_binding
    assert await rebind(caller, id, wanted, CLIENT_SECRET, rebind=True) == 1
    assert await rebind(caller, id, wanted, CLIENT_SECRET, rebind=True) == 0
    before: Any = {"client_id": CLIENT_ID, "binding_claim": "sub"}
    assert await rebind(caller, id, before, CLIENT_SECRET, rebind=False) == 0
    told = await database.read(
        lambda c: audit.following(c, door.owner.organization.id, 0, 1 << 62, 100)
    )
    assert [e.changes["bound_members"] for e in told if "bound_members" in e.changes] == [
        FieldChange(1, 0)
    ]
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    with pytest.raises(Denied, match="No member"):
        await door.enter("mel-1")
    await door.enter("mel-2", **VERIFIED)


async def test_where_only_scim_makes_members_an_address_finds_nobody_else(
    door: Door, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    changes: OrganizationPoliciesChanges = {"restrict_account_creation_to_scim": True}
    await Policies(database, clock).update(door.owner.caller, door.owner.organization.id, changes)
    with pytest.raises(Denied, match="only people whom its identity provider provisions"):
        await door.enter("mel-1", **VERIFIED)


async def test_the_binding_claim_is_what_the_external_id_is_compared_with_once(
    door: Door, scim: Scim
) -> None:
    await door.change(binding_claim="oid")
    created = await scim.create_user("bea@elsewhere.example", externalId="bea-oid")
    with pytest.raises(Denied, match="No member"):
        await door.enter("bea-oid")
    for nothing in ({}, {"oid": ""}, {"oid": 7}, {"oid": "bea\0"}):
        with pytest.raises(Denied, match="No member"):
            await door.enter("eve", **nothing)
    done = await door.enter("pairwise", oid="bea-oid")
    assert str(done.member.id) == created["id"]
    assert (await door.enter("pairwise", oid="another")).member.id == done.member.id
    with pytest.raises(Denied, match="another account of the identity provider"):
        await door.enter("another", oid="bea-oid")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_may_become_somebody_elses_never_binds(door: Door) -> None:
    for claim in ("email", "upn", "preferred_username", "UPN", " sub", ""):
        with pytest.raises(InvalidArgument, match=r"^binding_claim: "):
            await door.change(binding_claim=claim)


async def test_the_test_lists_whom_their_external_id_would_not_find(door: Door, scim: Scim) -> None:
    names = ("ann@acme.example", "bea@acme.example", "cid@acme.example", "dan@acme.example")
    for name, external in zip(names, ("ann", None, "cid@acme.example", "sub-of-dan"), strict=True):
        await scim.create_user(name, **({"externalId": external} if external else {}))
    await scim.create_user("eve", externalId="eve")
    await door.enter("eve")  # whom it has found
    (found,) = await bindings(door)
    assert found.outcome is Outcome.UNKNOWN
    assert found.description.endswith("of: ann@acme.example, bea@acme.example, cid@acme.example")
    assert "objectId" in found.remedy


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_claim_of_which_nothing_is_known_is_warned_of(door: Door) -> None:
    assert await bindings(door) == []
    await door.change(binding_claim="employee_id")
    (found,) = await bindings(door)
    assert "the claim employee_id" in found.description


async def bindings(door: Door) -> list[Finding]:
    found = await door.sso.test(door.owner.caller, door.configuration.id)
    return [each for each in found if each.check == "binding"]


async def test_another_claims_expression_ends_sessions_and_none_does_not(
    door: Door, acme_member: Access
) -> None:
    await door.change(claims_expression="claims.sub != ''")
    done = await door.enter("mel-1", **VERIFIED)
    await door.change(display_name="Other")
    await door.change(claims_expression="")
    await door.caller(done)
    await door.change(claims_expression="claims.sub == 'somebody'")
    with pytest.raises(Unauthenticated):
        await door.caller(done)
    await door.change(claims_expression="")
    assert (await door.enter("mel-1")).member.id == acme_member.user.id  # bound as before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_a_claims_expression_that_is_true_lets_in(
    door: Door, acme_member: Access
) -> None:
    await door.change(claims_expression='"staff" in claims.groups')
    assert (await door.enter("mel-1", groups=["staff"], **VERIFIED)).member.name == "Mel"
    for claims in ({}, {"groups": ["others"]}, {"groups": "staff"}, {"groups": 1 << 70}):
        with pytest.raises(Denied, match="does not let you in"):
            await door.enter("mel-1", **claims)
    await door.change(claims_expression="claims.allowed")
    with pytest.raises(Denied, match="does not let you in"):
        await door.enter("mel-1", allowed="true")


@dataclass
class Race:
    """Bea, whom SCIM provisions, signs in again and again while she, or what she signs in through, is stopped."""

    door: Door
    directory: ScimConfiguration
    directories: ScimConfigurations
    scim: Scim
    organizations: Organizations
    bea: UserId

    async def suspension(self, stopped: bool) -> None:
        await self.door.members.set_suspended(self.door.owner.caller, self.bea, suspended=stopped)

    async def deactivation(self, stopped: bool) -> None:
        change = {"op": "replace", "path": "active", "value": not stopped}
        await self.scim.patch(f"/Users/{self.bea}", change)

    async def inactivity(self, stopped: bool) -> None:
        state = SsoConfigurationState.INACTIVE if stopped else SsoConfigurationState.ACTIVE
        await self.door.change(state=state)

    async def deletion_of_the_configuration(self, stopped: bool) -> None:
        if stopped:
            await self.door.sso.delete(self.door.owner.caller, self.door.configuration.id)
        else:  # it is not while it is linked
            await self.directories.delete(self.door.owner.caller, self.directory.id)

    async def deletion_of_the_member(self, stopped: bool) -> None:
        if stopped:
            await self.door.members.delete(self.door.owner.caller, self.bea)

    async def deletion_of_the_organization(self, stopped: bool) -> None:
        if stopped:
            owner = self.door.owner
            await self.organizations.delete(owner.caller, owner.organization.id)


@pytest.mark.parametrize(
    ("stop", "rounds"),
    [
        (Race.suspension, 4),
        (Race.deactivation, 4),
        (Race.inactivity, 4),
        (Race.deletion_of_the_configuration, 1),
        (Race.deletion_of_the_member, 1),
        (Race.deletion_of_the_organization, 1),
    ],
)
async def test_who_signs_in_while_they_are_stopped_has_no_session_afterwards(
    door: Door,
    database: Database,
    database_url: str,
    clock: SettableClock,
    request: pytest.FixtureRequest,
    stop: Callable[[Race, bool], Awaitable[None]],
    rounds: int,
) -> None:
    owner = door.owner
    directories = ScimConfigurations(database, clock, PageTokens(Sealer(bytes(32))))
    issued = await directories.create(owner.caller, owner.organization.id, door.configuration.id)
    before = deadlocks(request, database_url)
    async with serving(database, clock) as http:
        scim = Scim(http, issued.token.reveal())
        bea = await scim.create_user("bea@elsewhere.example", externalId="bea-1")
        race = Race(
            *(door, issued.configuration, directories, scim),
            Organizations(database, clock),
            UserId(UUID(bea["id"])),
        )
        for _ in range(rounds):
            await stop(race, False)
            begun = [await door.sign_ins.begin(door.configuration.id, ORIGIN) for _ in range(6)]
            coming = [
                asyncio.create_task(
                    door.finish(door.provider.sign_in(each.url, "bea-1"), each.browser)
                )
                for each in begun
            ]
            await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
            await stop(race, True)
            ends = await asyncio.gather(*coming, return_exceptions=True)
            assert {type(each) for each in ends} <= {SignedIn, Denied}, ends
            for each in ends:
                if isinstance(each, SignedIn):
                    with pytest.raises(Unauthenticated):
                        await door.caller(each)
    assert deadlocks(request, database_url) == before


def deadlocks(request: pytest.FixtureRequest, database_url: str) -> int:
    """How many the PostgreSQL server that is our own has told of."""
    if is_sqlite(database_url) or postgres.GIVEN in os.environ:
        return 0
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    return (cluster.folder / "log").read_text().count("deadlock detected")


async def test_where_sign_ins_are_asked_for_tokens_rest_until_the_next_one(
    database: Database, clock: SettableClock, door: Door, acme_member: Access
) -> None:
    policies, ada = PersonalAccessTokenPolicies(database, clock), door.owner
    await door.enter("ada-1", email="ada@acme.example", email_verified=True)
    asks = PersonalAccessTokenPolicyChanges(sign_in_within=timedelta(days=30))
    await policies.update(ada.caller, ada.organization.id, asks)
    caller = await door.bearer(ada.token)
    with pytest.raises(Unauthenticated) as refused:
        await door.bearer(acme_member.token)
    assert refused.value.reason is Reason.SIGN_IN_DUE
    await door.enter("mel-1", **VERIFIED)
    await door.bearer(acme_member.token)
    clock.advance(days=30)
    for token in (ada.token, acme_member.token):
        with pytest.raises(Unauthenticated, match="sign in"):
            await door.bearer(token)
    with pytest.raises(Unauthenticated, match="sign in"):
        await door.authentication.renew(caller)  # a watch
    done = await door.enter("ada-1")
    await door.caller(done)
    assert (await door.bearer(ada.token)).user_id == ada.administrator.id


async def test_whom_scim_provisions_is_not_asked_to_sign_in_while_it_does(
    database: Database,
    clock: SettableClock,
    door: Door,
    directory: Directory,
    acme_member: Access,
) -> None:
    policies, ada = PersonalAccessTokenPolicies(database, clock), door.owner
    asks = PersonalAccessTokenPolicyChanges(sign_in_within=timedelta(days=2))
    clock.advance(days=2)  # since the operator has vouched for Ada
    with pytest.raises(PermissionDenied) as refused:
        await policies.update(ada.caller, ada.organization.id, asks)
    assert refused.value.reason is Reason.LAST_ADMINISTRATOR
    await directory.scim.create_user("ada@acme.example", externalId="ada-1")
    await policies.update(ada.caller, ada.organization.id, asks)
    clock.advance(days=40)
    await door.bearer(ada.token)
    with pytest.raises(Unauthenticated, match="sign in"):
        await door.bearer(acme_member.token)
    delete = directory.configurations.delete
    with pytest.raises(PermissionDenied, match="sign_in_within") as refused:
        await delete(ada.caller, directory.configuration.id)
    assert refused.value.reason is Reason.LAST_ADMINISTRATOR
    await door.enter("ada-1")
    await delete(ada.caller, directory.configuration.id)
    await door.bearer(ada.token)
    clock.advance(days=2)
    with pytest.raises(Unauthenticated):
        await door.bearer(ada.token)


async def test_what_has_ended_with_its_configuration_does_not_come_back_with_it(
    database: Database, door: Door, acme_member: Access
) -> None:
    before = await door.enter("mel-1", **VERIFIED)
    caller = await door.caller(before)
    await door.change(state=SsoConfigurationState.INACTIVE)
    await door.change(state=SsoConfigurationState.ACTIVE)
    with pytest.raises(Unauthenticated):
        await door.caller(before)
    with pytest.raises(Unauthenticated):
        await door.authentication.renew(caller)
    tokens = PersonalAccessTokens(
        database, lambda: before.expires_at, PageTokens(Sealer(bytes(32)))
    )
    with pytest.raises(Unauthenticated):
        await tokens.create(caller, caller.user_id)
    after = await door.enter("mel-1")
    assert (await door.caller(after)).user_id == acme_member.user.id
    await door.sso.delete(door.owner.caller, door.configuration.id)
    with pytest.raises(Unauthenticated):
        await door.caller(after)
