"""Personal access tokens: what they allow, for how long, and who sees them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import identity_pb, user_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import personal_access_token_pb as own_pb
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.domain.user import UserStatus
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from protobuf.wkt import Duration
from rpc_clients import Clients, ClientsFor, reason

DAY = 86400


async def create(clients: Clients, user_id: object, **fields: Any) -> str:
    response = await clients(
        "create_personal_access_token",
        pb.CreatePersonalAccessTokenRequest(user_id=str(user_id), **fields),
    )
    token: str = response.token
    return token


async def listed(clients: Clients, *user_ids: object) -> list[pb.PersonalAccessToken]:
    filter_ = pb.ListPersonalAccessTokensRequest.Filter(user_ids=[str(id) for id in user_ids])
    response = await clients(
        "list_personal_access_tokens", pb.ListPersonalAccessTokensRequest(filter=filter_)
    )
    found: list[pb.PersonalAccessToken] = response.personal_access_tokens
    return found


async def get(clients: Clients, id: str) -> pb.PersonalAccessToken:
    response = await clients(
        "get_personal_access_token", pb.GetPersonalAccessTokenRequest(personal_access_token_id=id)
    )
    found: pb.PersonalAccessToken = response.pat
    return found


async def delete(clients: Clients, id: str) -> None:
    await clients(
        "delete_personal_access_token",
        pb.DeletePersonalAccessTokenRequest(personal_access_token_id=id),
    )


async def whoami(clients: Clients) -> identity_pb.GetAuthenticatedIdentityResponse:
    response: identity_pb.GetAuthenticatedIdentityResponse = await clients(
        "get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest()
    )
    return response


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


async def test_the_identity_and_the_user_are_the_tokens(admin: Clients, acme: Founded) -> None:
    identity = await whoami(admin)
    assert identity.organization_id == str(acme.organization.id)
    assert identity.subject is not None
    assert identity.subject.id == str(acme.administrator.id)
    assert identity.subject.principal == identity_pb.Principal.USER
    response = await admin("get_authenticated_user", user_pb.GetAuthenticatedUserRequest())
    assert response.user.email == "ada@acme.example"
    assert response.user.name == "Ada"
    assert response.user.organization_id == str(acme.organization.id)
    assert response.user.status == user_pb.UserStatus.ACTIVE


async def test_a_created_token_works_and_is_listed_without_its_secret(
    admin: Clients, clients_for: ClientsFor, acme: Founded, clock: SettableClock
) -> None:
    token = await create(
        admin, acme.administrator.id, description="ci", valid_for=Duration(seconds=DAY)
    )
    assert token.startswith("orgplane_pat_")
    first, second = await listed(admin)
    assert first.description == "first administrator"
    assert (second.description, second.read_only) == ("ci", False)
    assert second.user_id == str(acme.administrator.id)
    assert second.creator is not None
    assert second.creator.id == str(acme.administrator.id)
    assert second.expires_at is not None
    assert second.expires_at.to_datetime() == clock.now + timedelta(days=1)
    assert token not in repr((first, second))
    assert await get(admin, second.id) == second
    assert (await whoami(clients_for(token))).organization_id == str(acme.organization.id)


@pytest.mark.parametrize("fields", [{}, {"valid_for": Duration()}])
async def test_without_a_lifetime_it_lasts_90_days(
    admin: Clients, acme: Founded, clock: SettableClock, fields: dict[str, Any]
) -> None:
    await create(admin, acme.administrator.id, **fields)
    created = (await listed(admin))[-1]
    assert created.expires_at is not None
    assert created.expires_at.to_datetime() == clock.now + timedelta(days=90)


@pytest.mark.parametrize("seconds", [-1, 90 * DAY + 1])
async def test_a_lifetime_is_at_most_90_days(admin: Clients, acme: Founded, seconds: int) -> None:
    error = await refused(create(admin, acme.administrator.id, valid_for=Duration(seconds=seconds)))
    assert error.code is Code.INVALID_ARGUMENT
    assert "valid_for" in error.message


async def test_an_expired_token_is_refused(
    admin: Clients, clients_for: ClientsFor, acme: Founded, clock: SettableClock
) -> None:
    token = await create(admin, acme.administrator.id, valid_for=Duration(seconds=DAY))
    clock.advance(days=1, microseconds=-1)
    await whoami(clients_for(token))
    clock.advance(microseconds=1)
    error = await refused(whoami(clients_for(token)))
    assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")


async def test_a_revoked_token_is_dead_when_the_revocation_answers(
    admin: Clients, clients_for: ClientsFor, acme: Founded
) -> None:
    token = await create(admin, acme.administrator.id)
    revoked = (await listed(admin))[-1]
    await delete(admin, revoked.id)
    error = await refused(whoami(clients_for(token)))
    assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    assert (await refused(get(admin, revoked.id))).code is Code.NOT_FOUND


async def test_a_token_cannot_be_created_for_somebody_else(
    admin: Clients, acme_member: Access
) -> None:
    for user_id in (acme_member.user.id, uuid4()):
        assert (await refused(create(admin, user_id))).code is Code.PERMISSION_DENIED


async def test_last_use_is_shown_to_the_minute(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    async def last_used() -> object:
        access = await get(admin, str(acme.caller.token_id))
        return access.last_used and access.last_used.to_datetime()

    async def becomes(moment: datetime) -> None:
        """Uses are noted soon, while nobody waits for it."""
        async with asyncio.timeout(60):
            while await last_used() != moment:
                pass

    first = clock.now
    await becomes(first)
    clock.advance(seconds=59)
    await whoami(admin)
    assert await last_used() == first
    clock.advance(seconds=1)
    await becomes(clock.now)


async def test_members_see_their_own_tokens_only(
    admin: Clients, member: Clients, acme: Founded, acme_member: Access
) -> None:
    (own,) = await listed(member)
    assert own.user_id == str(acme_member.user.id)
    assert (await refused(listed(member, acme.administrator.id))).code is Code.PERMISSION_DENIED
    error = await refused(get(member, str(acme.caller.token_id)))
    assert reason(error) == "PERSONAL_ACCESS_TOKEN_NOT_FOUND"
    error = await refused(delete(member, str(acme.caller.token_id)))
    assert reason(error) == "PERSONAL_ACCESS_TOKEN_NOT_FOUND"


async def test_an_administrator_sees_and_revokes_tokens_of_members(
    admin: Clients, member: Clients, acme: Founded, acme_member: Access
) -> None:
    found = await listed(admin, acme.administrator.id, acme_member.user.id)
    assert {access.user_id for access in found} == {
        str(acme.administrator.id),
        str(acme_member.user.id),
    }
    (theirs,) = await listed(admin, acme_member.user.id)
    await delete(admin, theirs.id)
    assert (await refused(whoami(member))).code is Code.UNAUTHENTICATED


async def test_another_organizations_tokens_are_not_found(stranger: Clients, acme: Founded) -> None:
    assert await listed(stranger, acme.administrator.id) == []
    for call in (
        get(stranger, str(acme.caller.token_id)),
        delete(stranger, str(acme.caller.token_id)),
    ):
        assert reason(await refused(call)) == "PERSONAL_ACCESS_TOKEN_NOT_FOUND"


async def test_which_were_made_with_a_session_is_told_to_whoever_may_see_them(
    admin: Clients,
    member: Clients,
    stranger: Clients,
    acme: Founded,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    through = SsoConfigurationId(uuid4())
    signed_in = replace(acme.caller, id=acme_member.user.id, signed_in_through=through)
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    await tokens.create(signed_in, acme_member.user.id)
    own, made = await listed(member)
    asked = own_pb.ListPersonalAccessTokenStatusesRequest(
        personal_access_token_ids=[made.id, str(acme.caller.token_id), own.id, str(uuid4())]
    )

    async def statuses(clients: Clients) -> dict[str, str]:
        found = (await clients("list_personal_access_token_statuses", asked)).statuses
        return {
            each.personal_access_token_id: each.signed_in_through_sso_configuration_id
            for each in found
        }

    theirs = {own.id: "", made.id: str(through)}
    assert await statuses(member) == theirs
    assert await statuses(admin) == {str(acme.caller.token_id): "", **theirs}
    assert await statuses(stranger) == {}


async def test_pages_follow_each_other(admin: Clients, acme: Founded) -> None:
    for number in range(4):
        await create(admin, acme.administrator.id, description=str(number))
    seen: list[str] = []
    token = ""
    while True:
        page = await admin(
            "list_personal_access_tokens",
            pb.ListPersonalAccessTokensRequest(
                pagination=PaginationRequest(page_size=2, token=token)
            ),
        )
        seen += [access.description for access in page.personal_access_tokens]
        if not (token := page.pagination.next_token):
            break
    assert seen == ["first administrator", "0", "1", "2", "3"]


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.LEFT])
async def test_tokens_of_a_user_that_is_not_active_are_refused(
    database: Database,
    clients_for: ClientsFor,
    acme: Founded,
    clock: SettableClock,
    status: UserStatus,
) -> None:
    access = await add_user(database, acme, clock.now, status=status)
    error = await refused(whoami(clients_for(access.token.reveal())))
    assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "USER_SUSPENDED")
