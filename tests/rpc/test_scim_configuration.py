"""SCIM configurations as API clients see them: the same over every protocol."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.buf.validate.validate_pb import Violations
from orgplane_api.gitpod.v1 import scim_configuration_pb as pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.google.rpc.error_details_pb import BadRequest
from orgplane_server.usecases.organization import Founded
from protobuf.wkt import Duration
from rpc_clients import Clients, reason

DAY = 86400


async def make_sso(clients: Clients, owner: Founded) -> str:
    response = await clients(
        "create_sso_configuration",
        sso_pb.CreateSSOConfigurationRequest(
            organization_id=str(owner.organization.id),
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
        ),
    )
    id: str = response.sso_configuration.id
    return id


@pytest.fixture
async def sso_id(admin: Clients, acme: Founded) -> str:
    return await make_sso(admin, acme)


async def make(
    clients: Clients, owner: Founded, sso_id: str, **fields: Any
) -> pb.CreateSCIMConfigurationResponse:
    response: pb.CreateSCIMConfigurationResponse = await clients(
        "create_scim_configuration",
        pb.CreateSCIMConfigurationRequest(
            organization_id=str(owner.organization.id), sso_configuration_id=sso_id, **fields
        ),
    )
    return response


@pytest.fixture
async def configuration(admin: Clients, acme: Founded, sso_id: str) -> pb.SCIMConfiguration:
    made = (await make(admin, acme, sso_id, name="Okta")).scim_configuration
    assert made is not None
    return made


async def update(clients: Clients, id: str, **fields: Any) -> pb.SCIMConfiguration:
    response = await clients(
        "update_scim_configuration",
        pb.UpdateSCIMConfigurationRequest(scim_configuration_id=id, **fields),
    )
    result: pb.SCIMConfiguration = response.scim_configuration
    return result


async def get(clients: Clients, id: str) -> pb.SCIMConfiguration:
    response = await clients(
        "get_scim_configuration", pb.GetSCIMConfigurationRequest(scim_configuration_id=id)
    )
    result: pb.SCIMConfiguration = response.scim_configuration
    return result


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


class TestUpdate:
    async def test_absent_fields_stay(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        updated = await update(admin, configuration.id, enabled=False)
        assert not updated.enabled
        assert updated.name == "Okta"
        assert updated.sso_configuration_id == configuration.sso_configuration_id
        assert not updated.allow_unverified_email_account_linking
        assert updated == await get(admin, configuration.id)

    @pytest.mark.parametrize("enabled", [True, False])
    async def test_enabled_is_set_either_way(
        self, admin: Clients, configuration: pb.SCIMConfiguration, enabled: bool
    ) -> None:
        await update(admin, configuration.id, enabled=not enabled)
        assert (await update(admin, configuration.id, enabled=enabled)).enabled is enabled

    @pytest.mark.parametrize("name", ["", "x" * 128, "🦄" * 128, "  Ünïcode  "])
    async def test_a_name_of_up_to_128_code_points_is_kept_as_given(
        self, admin: Clients, configuration: pb.SCIMConfiguration, name: str
    ) -> None:
        await update(admin, configuration.id, name=name)
        assert (await get(admin, configuration.id)).name == name

    async def test_an_empty_sso_configuration_unlinks_and_an_id_links(
        self, admin: Clients, acme: Founded, configuration: pb.SCIMConfiguration
    ) -> None:
        unlinked = await update(admin, configuration.id, sso_configuration_id="")
        assert unlinked.sso_configuration_id == ""
        other = await make_sso(admin, acme)
        linked = await update(admin, configuration.id, sso_configuration_id=other)
        assert linked.sso_configuration_id == other

    async def test_account_linking_is_set(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        updated = await update(admin, configuration.id, allow_unverified_email_account_linking=True)
        assert updated.allow_unverified_email_account_linking

    @pytest.mark.parametrize("fields", [{}, {"enabled": True}, {"name": "Okta", "enabled": True}])
    async def test_nothing_different_leaves_updated_at(
        self,
        admin: Clients,
        configuration: pb.SCIMConfiguration,
        clock: SettableClock,
        fields: dict[str, Any],
    ) -> None:
        clock.advance(hours=1)
        assert await update(admin, configuration.id, **fields) == configuration

    async def test_updated_at_grows_with_microseconds(
        self, admin: Clients, configuration: pb.SCIMConfiguration, clock: SettableClock
    ) -> None:
        assert configuration.updated_at is not None
        assert configuration.updated_at.to_datetime() == clock.now
        updated = await update(admin, configuration.id, name="a")
        assert updated.updated_at is not None
        assert updated.updated_at.to_datetime() == clock.now + timedelta(microseconds=1)
        assert updated.created_at == configuration.created_at

    async def test_updates_at_once_all_apply(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        await asyncio.gather(
            update(admin, configuration.id, name="a"),
            update(admin, configuration.id, enabled=False),
            update(admin, configuration.id, sso_configuration_id=""),
            update(admin, configuration.id, allow_unverified_email_account_linking=True),
        )
        final = await get(admin, configuration.id)
        assert (final.name, final.enabled, final.sso_configuration_id) == ("a", False, "")
        assert final.allow_unverified_email_account_linking

    async def test_every_violation_is_listed_in_both_kinds_of_details(self, admin: Clients) -> None:
        error = await refused(
            update(admin, "no-uuid", name="x" * 129, sso_configuration_id="also-none")
        )
        assert error.code is Code.INVALID_ARGUMENT
        assert reason(error) == "INVALID_ARGUMENT"
        details = {detail.type_name: detail for detail in error.details}
        violations = details["buf.validate.Violations"].value(Violations)
        bad_request = details["google.rpc.BadRequest"].value(BadRequest)
        assert violations is not None
        assert bad_request is not None
        fields = ["scim_configuration_id", "name", "sso_configuration_id"]
        assert [v.field for v in bad_request.field_violations] == fields
        assert [v.field.elements[0].field_name for v in violations.violations if v.field] == fields
        assert all(field in error.message for field in fields)
        assert all(v.description for v in bad_request.field_violations)

    async def test_a_missing_id_is_invalid(self, admin: Clients) -> None:
        error = await refused(update(admin, "", enabled=False))
        assert error.code is Code.INVALID_ARGUMENT
        assert "scim_configuration_id" in error.message

    async def test_text_with_nul_is_invalid_and_named(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        error = await refused(update(admin, configuration.id, name="a\0b"))
        assert error.code is Code.INVALID_ARGUMENT
        assert error.message.startswith("name: ")

    async def test_unknown_and_foreign_ids_read_the_same(
        self, stranger: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        answers = set()
        for id in (configuration.id, str(uuid4())):
            error = await refused(update(stranger, id, enabled=False))
            answers.add((error.code, error.message, reason(error)))
        assert answers == {
            (Code.NOT_FOUND, "SCIM configuration not found", "SCIM_CONFIGURATION_NOT_FOUND")
        }

    async def test_an_unknown_or_foreign_sso_configuration_is_not_found_by_its_field(
        self,
        admin: Clients,
        stranger: Clients,
        globex: Founded,
        configuration: pb.SCIMConfiguration,
    ) -> None:
        foreign = await make_sso(stranger, globex)
        for link in (foreign, str(uuid4())):
            error = await refused(
                update(admin, configuration.id, enabled=False, sso_configuration_id=link)
            )
            assert error.code is Code.NOT_FOUND
            assert error.message == "sso_configuration_id: SSO configuration not found"
            assert reason(error) == "SSO_CONFIGURATION_NOT_FOUND"
        assert await get(admin, configuration.id) == configuration

    async def test_a_member_is_denied_even_for_unknown_ids(
        self, member: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        for id in (configuration.id, str(uuid4())):
            error = await refused(update(member, id, enabled=False))
            assert error.code is Code.PERMISSION_DENIED
            assert reason(error) == "PERMISSION_DENIED"

    async def test_a_passed_deadline_is_deadline_exceeded_and_all_or_nothing(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        request = pb.UpdateSCIMConfigurationRequest(
            scim_configuration_id=configuration.id, name="late", enabled=False
        )
        error = await refused(admin("update_scim_configuration", request, timeout_ms=1))
        assert error.code is Code.DEADLINE_EXCEEDED
        after = await get(admin, configuration.id)
        assert (after.name, after.enabled) in {("late", False), ("Okta", True)}


class TestCreate:
    async def test_answers_with_the_configuration_and_its_token_once(
        self, admin: Clients, acme: Founded, sso_id: str, clock: SettableClock
    ) -> None:
        response = await make(admin, acme, sso_id, name="Okta")
        made = response.scim_configuration
        assert made is not None
        assert made.enabled
        assert made.name == "Okta"
        assert made.sso_configuration_id == sso_id
        assert response.token.startswith("orgplane_scim_")
        assert response.token_expires_at is not None
        expected = clock.now + timedelta(days=365)
        assert response.token_expires_at.to_datetime() == expected
        assert made.token_expires_at == response.token_expires_at
        assert response.token not in repr(await get(admin, made.id))

    @pytest.mark.parametrize("seconds", [DAY, 730 * DAY])
    async def test_the_token_lives_a_day_to_two_years(
        self, admin: Clients, acme: Founded, sso_id: str, clock: SettableClock, seconds: int
    ) -> None:
        response = await make(admin, acme, sso_id, token_expires_in=Duration(seconds=seconds))
        assert response.token_expires_at is not None
        assert response.token_expires_at.to_datetime() == clock.now + timedelta(seconds=seconds)

    @pytest.mark.parametrize("seconds", [0, -DAY, DAY - 1, 730 * DAY + 1])
    async def test_any_other_lifetime_is_invalid(
        self, admin: Clients, acme: Founded, sso_id: str, seconds: int
    ) -> None:
        error = await refused(make(admin, acme, sso_id, token_expires_in=Duration(seconds=seconds)))
        assert error.code is Code.INVALID_ARGUMENT
        assert "token_expires_in" in error.message

    async def test_an_sso_configuration_is_required(self, admin: Clients, acme: Founded) -> None:
        error = await refused(make(admin, acme, ""))
        assert error.code is Code.INVALID_ARGUMENT
        assert "sso_configuration_id" in error.message

    async def test_another_organization_is_not_found(
        self, admin: Clients, globex: Founded, sso_id: str
    ) -> None:
        error = await refused(make(admin, globex, sso_id))
        assert (error.code, reason(error)) == (Code.NOT_FOUND, "ORGANIZATION_NOT_FOUND")


class TestRegenerateToken:
    async def test_the_lifetime_defaults_to_the_previous_one(
        self, admin: Clients, acme: Founded, sso_id: str, clock: SettableClock
    ) -> None:
        made = await make(admin, acme, sso_id, token_expires_in=Duration(seconds=2 * DAY))
        assert made.scim_configuration is not None
        clock.advance(days=1)
        again = await admin(
            "regenerate_scim_token",
            pb.RegenerateSCIMTokenRequest(scim_configuration_id=made.scim_configuration.id),
        )
        assert again.token != made.token
        assert again.token_expires_at.to_datetime() == clock.now + timedelta(days=2)
        kept = await get(admin, made.scim_configuration.id)
        assert kept.token_expires_at == again.token_expires_at


class TestDelete:
    async def test_a_deleted_configuration_is_not_found(
        self, admin: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        request = pb.DeleteSCIMConfigurationRequest(scim_configuration_id=configuration.id)
        await admin("delete_scim_configuration", request)
        for call in (get(admin, configuration.id), admin("delete_scim_configuration", request)):
            assert (await refused(call)).code is Code.NOT_FOUND


class TestList:
    async def test_pages_hold_everything_oldest_first(
        self, admin: Clients, acme: Founded, sso_id: str
    ) -> None:
        made = [(await make(admin, acme, sso_id)).scim_configuration for _ in range(5)]
        seen: list[pb.SCIMConfiguration] = []
        pagination = PaginationRequest(page_size=2)
        while True:
            page = await admin(
                "list_scim_configurations", pb.ListSCIMConfigurationsRequest(pagination=pagination)
            )
            seen += page.scim_configurations
            if not page.pagination.next_token:
                break
            pagination = PaginationRequest(page_size=2, token=page.pagination.next_token)
        assert seen == made

    @pytest.mark.parametrize("size", [-1, 101])
    async def test_a_page_size_out_of_range_is_invalid(self, admin: Clients, size: int) -> None:
        error = await refused(
            admin(
                "list_scim_configurations",
                pb.ListSCIMConfigurationsRequest(pagination=PaginationRequest(page_size=size)),
            )
        )
        assert error.code is Code.INVALID_ARGUMENT
        assert "pagination.page_size" in error.message

    async def test_a_page_token_that_is_not_ours_is_refused(self, admin: Clients) -> None:
        error = await refused(
            admin(
                "list_scim_configurations",
                pb.ListSCIMConfigurationsRequest(pagination=PaginationRequest(token="bogus")),
            )
        )
        assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")

    async def test_a_stranger_sees_nothing(
        self, stranger: Clients, configuration: pb.SCIMConfiguration
    ) -> None:
        page = await stranger("list_scim_configurations", pb.ListSCIMConfigurationsRequest())
        assert page.scim_configurations == []
