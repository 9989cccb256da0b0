"""The rules of SCIM configurations, whatever door they are asked through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Action, AuditEvent, Subject
from orgplane_server.domain.caller import Caller, Origin
from orgplane_server.domain.errors import InvalidArgument, NotFound, PermissionDenied, Reason
from orgplane_server.domain.identifier import ScimConfigurationId, SsoConfigurationId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from orgplane_server.domain.user import Role
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import IssuedToken, ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations

SEALER = Sealer(bytes(32))


@pytest.fixture
def configurations(database: Database, clock: SettableClock) -> ScimConfigurations:
    return ScimConfigurations(database, clock, PageTokens(SEALER))


@pytest.fixture
def sso_configurations(database: Database, clock: SettableClock) -> SsoConfigurations:
    return SsoConfigurations(database, clock, PageTokens(SEALER), SEALER)


async def make_sso(sso: SsoConfigurations, owner: Founded) -> SsoConfigurationId:
    made = await sso.create(
        owner.caller,
        owner.organization.id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    )
    return made.id


@pytest.fixture
async def sso_id(sso_configurations: SsoConfigurations, acme: Founded) -> SsoConfigurationId:
    return await make_sso(sso_configurations, acme)


@pytest.fixture
async def issued(
    configurations: ScimConfigurations, acme: Founded, sso_id: SsoConfigurationId
) -> IssuedToken:
    return await configurations.create(acme.caller, acme.organization.id, sso_id, name="Okta")


@pytest.fixture
def configuration(issued: IssuedToken) -> ScimConfiguration:
    return issued.configuration


async def events(database: Database, owner: Founded, action: Action) -> list[AuditEvent]:
    found = await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000)
    )
    return [
        event
        for event in found
        if event.subject is Subject.SCIM_CONFIGURATION and event.action is action
    ]


class TestCreate:
    async def test_a_new_configuration_is_enabled_and_linked(
        self, issued: IssuedToken, acme: Founded, sso_id: SsoConfigurationId, clock: SettableClock
    ) -> None:
        new = issued.configuration
        assert new.enabled
        assert new.name == "Okta"
        assert new.sso_configuration_id == sso_id
        assert not new.allow_unverified_email_account_linking
        assert new.organization_id == acme.organization.id
        assert new.created_at == new.updated_at == clock.now
        assert new.id.version == 7

    async def test_its_token_lasts_365_days_unless_said(
        self, issued: IssuedToken, clock: SettableClock
    ) -> None:
        assert issued.configuration.token_expires_at == clock.now + timedelta(days=365)

    async def test_the_token_is_kept_as_a_digest_only(self, issued: IssuedToken) -> None:
        assert issued.token.reveal().startswith("orgplane_scim_")
        assert issued.configuration.token_digest == issued.token.digest
        assert issued.token.reveal() not in repr(issued)

    async def test_another_organization_is_not_found(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        globex: Founded,
        sso_id: SsoConfigurationId,
    ) -> None:
        with pytest.raises(NotFound) as caught:
            await configurations.create(acme.caller, globex.organization.id, sso_id)
        assert caught.value.reason is Reason.ORGANIZATION_NOT_FOUND

    async def test_the_sso_configuration_must_be_of_the_same_organization(
        self,
        configurations: ScimConfigurations,
        sso_configurations: SsoConfigurations,
        acme: Founded,
        globex: Founded,
    ) -> None:
        foreign = await make_sso(sso_configurations, globex)
        for link in (foreign, SsoConfigurationId(uuid4())):
            with pytest.raises(
                NotFound, match=r"^sso_configuration_id: SSO configuration not found$"
            ):
                await configurations.create(acme.caller, acme.organization.id, link)


class TestUpdate:
    @pytest.mark.parametrize(
        "changes",
        [
            {"enabled": False},
            {"name": "Entra"},
            {"name": ""},
            {"allow_unverified_email_account_linking": True},
            {"sso_configuration_id": None},
            {"name": "Entra", "enabled": False, "sso_configuration_id": None},
        ],
    )
    async def test_changes_what_is_named_and_nothing_else(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        configuration: ScimConfiguration,
        changes: ScimConfigurationChanges,
        clock: SettableClock,
    ) -> None:
        clock.advance(minutes=1)
        updated = await configurations.update(acme.caller, configuration.id, changes)
        assert updated == replace(configuration, **changes, updated_at=clock.now)
        assert await configurations.get(acme.caller, configuration.id) == updated

    async def test_links_to_another_sso_configuration(
        self,
        configurations: ScimConfigurations,
        sso_configurations: SsoConfigurations,
        acme: Founded,
        configuration: ScimConfiguration,
    ) -> None:
        other = await make_sso(sso_configurations, acme)
        updated = await configurations.update(
            acme.caller, configuration.id, {"sso_configuration_id": other}
        )
        assert updated.sso_configuration_id == other

    async def test_an_unknown_or_foreign_sso_configuration_changes_nothing(
        self,
        configurations: ScimConfigurations,
        sso_configurations: SsoConfigurations,
        acme: Founded,
        globex: Founded,
        configuration: ScimConfiguration,
    ) -> None:
        foreign = await make_sso(sso_configurations, globex)
        for link in (foreign, SsoConfigurationId(uuid4())):
            with pytest.raises(NotFound) as caught:
                await configurations.update(
                    acme.caller,
                    configuration.id,
                    {"enabled": False, "sso_configuration_id": link},
                )
            assert caught.value.reason is Reason.SSO_CONFIGURATION_NOT_FOUND
            assert caught.value.metadata == {"field": "sso_configuration_id"}
        assert await configurations.get(acme.caller, configuration.id) == configuration

    @pytest.mark.parametrize("changes", [{}, {"name": "Okta"}, {"enabled": True, "name": "Okta"}])
    async def test_nothing_different_leaves_no_trace(
        self,
        configurations: ScimConfigurations,
        database: Database,
        acme: Founded,
        configuration: ScimConfiguration,
        changes: ScimConfigurationChanges,
        clock: SettableClock,
    ) -> None:
        clock.advance(days=1)
        updated = await configurations.update(acme.caller, configuration.id, changes)
        assert updated == configuration
        assert await events(database, acme, Action.UPDATE) == []

    async def test_updated_at_always_grows(
        self, configurations: ScimConfigurations, acme: Founded, configuration: ScimConfiguration
    ) -> None:
        seen = [configuration.updated_at]
        for name in ("a", "b", "c"):
            updated = await configurations.update(acme.caller, configuration.id, {"name": name})
            seen.append(updated.updated_at)
        assert seen == sorted(set(seen))

    async def test_one_event_says_who_changed_what(
        self,
        configurations: ScimConfigurations,
        database: Database,
        acme: Founded,
        configuration: ScimConfiguration,
        clock: SettableClock,
    ) -> None:
        clock.advance(minutes=1)
        caller = replace(acme.caller, origin=Origin("request-1", "192.0.2.1:99"))
        await configurations.update(caller, configuration.id, {"enabled": False, "name": "x"})
        (event,) = await events(database, acme, Action.UPDATE)
        assert event.actor_id == acme.administrator.id
        assert event.actor_token_id == acme.caller.token_id
        assert event.subject_id == configuration.id
        assert event.occurred_at == clock.now
        assert event.origin == Origin("request-1", "192.0.2.1:99")
        assert event.changes == {
            "enabled": FieldChange(True, False),
            "name": FieldChange("Okta", "x"),
        }

    async def test_concurrent_updates_of_different_fields_all_survive(
        self, configurations: ScimConfigurations, acme: Founded, configuration: ScimConfiguration
    ) -> None:
        all_changes: Iterable[ScimConfigurationChanges] = (
            {"name": "Entra"},
            {"enabled": False},
            {"allow_unverified_email_account_linking": True},
            {"sso_configuration_id": None},
        )
        await asyncio.gather(
            *(configurations.update(acme.caller, configuration.id, c) for c in all_changes)
        )
        final = await configurations.get(acme.caller, configuration.id)
        assert final.name == "Entra"
        assert not final.enabled
        assert final.allow_unverified_email_account_linking
        assert final.sso_configuration_id is None

    @pytest.mark.parametrize("name", ["a\0b", "\0", "\ud800"])
    async def test_text_that_cannot_be_stored_is_refused_by_its_field(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        configuration: ScimConfiguration,
        name: str,
    ) -> None:
        with pytest.raises(InvalidArgument) as caught:
            await configurations.update(acme.caller, configuration.id, {"name": name})
        assert [violation.field for violation in caught.value.violations] == ["name"]

    @pytest.mark.parametrize(
        "name", ["  padded  ", "\u200b", "e\u0301", "é", "🦄" * 128, "a\nb\tc"]
    )
    async def test_text_is_kept_as_given(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        configuration: ScimConfiguration,
        name: str,
    ) -> None:
        await configurations.update(acme.caller, configuration.id, {"name": name})
        assert (await configurations.get(acme.caller, configuration.id)).name == name


class TestTenancy:
    async def test_unknown_and_foreign_ids_read_the_same(
        self, configurations: ScimConfigurations, globex: Founded, configuration: ScimConfiguration
    ) -> None:
        texts = set()
        for id in (configuration.id, ScimConfigurationId(uuid4())):
            for call in (
                configurations.get(globex.caller, id),
                configurations.update(globex.caller, id, {"enabled": False}),
                configurations.regenerate_token(globex.caller, id),
                configurations.delete(globex.caller, id),
            ):
                with pytest.raises(NotFound) as caught:
                    await call
                texts.add((str(caught.value), caught.value.reason))
        assert texts == {("SCIM configuration not found", Reason.SCIM_CONFIGURATION_NOT_FOUND)}

    async def test_a_list_holds_only_the_callers_own(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        globex: Founded,
        configuration: ScimConfiguration,
    ) -> None:
        assert (await configurations.list(globex.caller, PageRequest())).items == []
        assert (await configurations.list(acme.caller, PageRequest())).items == [configuration]


class TestPermission:
    @pytest.fixture(params=["member", "read-only"])
    def limited(self, request: pytest.FixtureRequest, acme: Founded) -> Caller:
        if request.param == "member":
            return replace(acme.caller, roles=frozenset({Role.MEMBER}))
        return replace(acme.caller, read_only=True)

    async def test_a_member_or_a_read_only_token_changes_nothing(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        limited: Caller,
        configuration: ScimConfiguration,
        sso_id: SsoConfigurationId,
    ) -> None:
        for call in (
            configurations.create(limited, acme.organization.id, sso_id),
            configurations.update(limited, configuration.id, {"enabled": False}),
            configurations.regenerate_token(limited, configuration.id),
            configurations.delete(limited, configuration.id),
        ):
            with pytest.raises(PermissionDenied):
                await call
        page = await configurations.list(acme.caller, PageRequest())
        assert page.items == [configuration]

    async def test_reading_takes_an_administrator_but_not_a_writing_token(
        self, configurations: ScimConfigurations, acme: Founded, configuration: ScimConfiguration
    ) -> None:
        reader = replace(acme.caller, read_only=True)
        assert await configurations.get(reader, configuration.id) == configuration
        with pytest.raises(PermissionDenied):
            await configurations.get(
                replace(acme.caller, roles=frozenset({Role.MEMBER})), configuration.id
            )


class TestRegenerateToken:
    async def test_gives_another_token_and_an_event_without_secrets(
        self,
        configurations: ScimConfigurations,
        database: Database,
        acme: Founded,
        issued: IssuedToken,
    ) -> None:
        again = await configurations.regenerate_token(acme.caller, issued.configuration.id)
        assert again.token.reveal() != issued.token.reveal()
        kept = await configurations.get(acme.caller, issued.configuration.id)
        assert kept.token_digest == again.token.digest
        (event,) = await events(database, acme, Action.UPDATE)
        assert event.changes["token_digest"] == FieldChange(None, None)

    async def test_the_lifetime_defaults_to_that_of_the_previous_token(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        configuration: ScimConfiguration,
        clock: SettableClock,
    ) -> None:
        week = timedelta(days=7)
        first = await configurations.regenerate_token(acme.caller, configuration.id, week)
        assert first.configuration.token_expires_at == clock.now + week
        clock.advance(days=3)
        second = await configurations.regenerate_token(acme.caller, configuration.id)
        assert second.configuration.token_expires_at == clock.now + week


class TestDelete:
    async def test_a_deleted_configuration_is_gone(
        self,
        configurations: ScimConfigurations,
        database: Database,
        acme: Founded,
        configuration: ScimConfiguration,
    ) -> None:
        await configurations.delete(acme.caller, configuration.id)
        with pytest.raises(NotFound):
            await configurations.get(acme.caller, configuration.id)
        assert len(await events(database, acme, Action.DELETE)) == 1


class TestList:
    @pytest.fixture
    async def five(
        self, configurations: ScimConfigurations, acme: Founded, sso_id: SsoConfigurationId
    ) -> list[ScimConfiguration]:
        made = [
            await configurations.create(acme.caller, acme.organization.id, sso_id, name=str(n))
            for n in range(5)
        ]
        return [issued.configuration for issued in made]

    async def test_pages_are_oldest_first_and_complete(
        self, configurations: ScimConfigurations, acme: Founded, five: list[ScimConfiguration]
    ) -> None:
        seen: list[ScimConfiguration] = []
        token = ""
        sizes = []
        while True:
            page = await configurations.list(acme.caller, PageRequest(2, token))
            seen += page.items
            sizes.append(len(page.items))
            if not (token := page.next_token):
                break
        assert seen == five
        assert sizes == [2, 2, 1]

    async def test_a_page_that_is_exactly_full_is_the_last(
        self, configurations: ScimConfigurations, acme: Founded, five: list[ScimConfiguration]
    ) -> None:
        assert (await configurations.list(acme.caller, PageRequest(5))).next_token == ""

    async def test_a_page_token_survives_inserts_and_deletes(
        self,
        configurations: ScimConfigurations,
        acme: Founded,
        five: list[ScimConfiguration],
        sso_id: SsoConfigurationId,
    ) -> None:
        first = await configurations.list(acme.caller, PageRequest(2))
        await configurations.delete(acme.caller, five[1].id)
        await configurations.delete(acme.caller, five[2].id)
        new = await configurations.create(acme.caller, acme.organization.id, sso_id)
        rest = await configurations.list(acme.caller, PageRequest(100, first.next_token))
        assert rest.items == [five[3], five[4], new.configuration]

    async def test_a_tampered_foreign_or_invented_page_token_is_refused(
        self,
        configurations: ScimConfigurations,
        sso_configurations: SsoConfigurations,
        acme: Founded,
        globex: Founded,
        five: list[ScimConfiguration],
    ) -> None:
        token = (await configurations.list(acme.caller, PageRequest(2))).next_token
        tampered = [
            token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
            token[1:],
            "x",
            "é",
            "====",
        ]
        for wrong in tampered:
            with pytest.raises(InvalidArgument) as caught:
                await configurations.list(acme.caller, PageRequest(2, wrong))
            assert caught.value.reason is Reason.INVALID_PAGE_TOKEN
        with pytest.raises(InvalidArgument):
            await configurations.list(globex.caller, PageRequest(2, token))
        with pytest.raises(InvalidArgument):
            await sso_configurations.list(acme.caller, acme.organization.id, PageRequest(2, token))

    async def test_size_zero_means_25_and_100_is_the_most(
        self, configurations: ScimConfigurations, acme: Founded, sso_id: SsoConfigurationId
    ) -> None:
        for _ in range(26):
            await configurations.create(acme.caller, acme.organization.id, sso_id)
        assert len((await configurations.list(acme.caller, PageRequest())).items) == 25
        assert PageRequest(1000).limit == 100
