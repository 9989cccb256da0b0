"""How old personal access tokens may get, and who has to sign in for theirs to work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import identity_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as token_pb
from orgplane_api.orgplane.v1 import event_pb
from orgplane_api.orgplane.v1 import personal_access_token_pb as status_pb
from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as pb
from orgplane_server.domain.user import Role
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Founded
from people import Access, add_user
from protobuf.wkt import Duration
from rpc_clients import PROTOCOLS, Clients, ClientsFor, reason

DAY = 86400


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The rules are the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


def days(number: float) -> Duration:
    return Duration.from_timedelta(timedelta(days=number))


async def update(clients: Clients, owner: Founded, **fields: Any) -> pb.PersonalAccessTokenPolicy:
    request = pb.UpdatePersonalAccessTokenPolicyRequest(
        organization_id=str(owner.organization.id), **fields
    )
    found: pb.PersonalAccessTokenPolicy = (
        await clients("update_personal_access_token_policy", request)
    ).policy
    return found


async def get(clients: Clients, owner: Founded) -> pb.PersonalAccessTokenPolicy:
    request = pb.GetPersonalAccessTokenPolicyRequest(organization_id=str(owner.organization.id))
    found: pb.PersonalAccessTokenPolicy = (
        await clients("get_personal_access_token_policy", request)
    ).policy
    return found


async def create(clients: Clients, user: object, **fields: Any) -> str:
    request = token_pb.CreatePersonalAccessTokenRequest(user_id=str(user), **fields)
    token: str = (await clients("create_personal_access_token", request)).token
    return token


async def whoami(clients: Clients) -> None:
    await clients("get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest())


async def refused(call: Any) -> tuple[Code, str, str]:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value.code, reason(caught.value), caught.value.message


async def test_tokens_get_no_older_than_the_bound_from_the_answer_on(
    admin: Clients,
    member: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    acme_member: Access,
    clock: SettableClock,
) -> None:
    clock.advance(days=7)
    await whoami(member)
    await create(admin, acme.administrator.id, description="younger")
    shown = pb.PersonalAccessTokenPolicy(
        organization_id=str(acme.organization.id), max_token_age=days(7)
    )
    assert await update(admin, acme, max_token_age=days(7)) == shown
    code, why, _ = await refused(whoami(member))
    assert (code, why) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")
    code, why, _ = await refused(whoami(admin))
    assert (code, why) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")


async def test_who_wants_a_token_for_longer_is_refused_by_name_and_without_a_wish_gets_the_most(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    await update(admin, acme, max_token_age=days(30))
    code, _, message = await refused(
        create(admin, acme.administrator.id, valid_for=Duration(seconds=30 * DAY + 1))
    )
    assert code is Code.INVALID_ARGUMENT
    assert message.startswith("valid_for: must be at most 30 days")
    for wish in ({}, {"valid_for": days(30)}, {"valid_for": days(1)}):
        await create(admin, acme.administrator.id, **wish)
    request = token_pb.ListPersonalAccessTokensRequest()
    listed = (await admin("list_personal_access_tokens", request)).personal_access_tokens
    ends = [each.expires_at.to_datetime() - clock.now for each in listed]
    assert ends == [timedelta(days=number) for number in (30, 30, 30, 1)]
    # The bound goes, what has been shortened stays so.
    await update(admin, acme, max_token_age=Duration())
    assert (await get(admin, acme)).max_token_age is None
    listed = (await admin("list_personal_access_tokens", request)).personal_access_tokens
    assert listed[0].expires_at.to_datetime() == clock.now + timedelta(days=30)
    await create(admin, acme.administrator.id, valid_for=days(90))


@pytest.mark.parametrize(
    ("field", "number", "most"),
    [("max_token_age", 1.9, 90), ("max_token_age", 91, 90), ("sign_in_within", 400, 365)],
)
async def test_bounds_that_there_cannot_be_are_refused_by_name(
    admin: Clients, acme: Founded, field: str, number: float, most: int
) -> None:
    code, _, message = await refused(update(admin, acme, **{field: days(number)}))
    assert code is Code.INVALID_ARGUMENT
    assert message == f"{field}: must be between 2 and {most} days, or 0 for none"


async def test_somebody_can_act_whatever_is_asked(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(days=6, hours=1)
    for change in ({"max_token_age": days(7)}, {"sign_in_within": days(7)}):
        code, why, message = await refused(update(admin, acme, **change))
        assert (code, why) == (Code.PERMISSION_DENIED, "LAST_ADMINISTRATOR")
        assert next(iter(change)) in message
    assert await get(admin, acme) == pb.PersonalAccessTokenPolicy(
        organization_id=str(acme.organization.id)
    )
    await create(admin, acme.administrator.id)
    await update(admin, acme, max_token_age=days(7))


async def test_who_was_let_in_by_the_operator_is_told_when_their_tokens_rest(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    begun = clock.now
    ask = status_pb.ListPersonalAccessTokenStatusesRequest(
        personal_access_token_ids=[str(acme.caller.token_id)]
    )

    async def rests_at() -> datetime | None:
        (status,) = (await admin("list_personal_access_token_statuses", ask)).statuses
        return None if status.rests_at is None else status.rests_at.to_datetime()

    assert await rests_at() is None
    clock.advance(days=1)
    await update(admin, acme, sign_in_within=days(5))
    assert await rests_at() == begun + timedelta(days=5)
    clock.advance(days=4)
    assert (await refused(whoami(admin)))[1] == "SIGN_IN_DUE"


async def test_whom_the_operator_lets_in_can_act_although_nobody_signs_in(
    database: Database,
    admin: Clients,
    member: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    clock: SettableClock,
) -> None:
    operations = Operations(database, clock)
    made = await operations.create_token(acme.organization.id, "ada@acme.example")
    await update(admin, acme, sign_in_within=days(2))
    (warning,) = await ExpiryWarnings(database, clock).announce()
    assert warning.ends_at == clock.now + timedelta(days=2)
    await whoami(admin)
    code, why, message = await refused(whoami(member))
    assert (code, why) == (Code.UNAUTHENTICATED, "SIGN_IN_DUE")
    assert "sign in" in message
    clock.advance(days=2)
    vouched = clients_for(made.token.reveal())
    assert (await refused(whoami(vouched)))[1] == "SIGN_IN_DUE"
    again = await operations.create_token(acme.organization.id, "ada@acme.example")
    await whoami(vouched)
    # Nothing that was refused is gone.
    await update(clients_for(again.token.reveal()), acme, sign_in_within=Duration())
    await whoami(member)


async def test_only_administrators_change_it_and_only_their_own(
    admin: Clients, member: Clients, stranger: Clients, acme: Founded
) -> None:
    await update(admin, acme, max_token_age=days(60))
    assert (await get(member, acme)).max_token_age == days(60)
    assert (await refused(update(member, acme, max_token_age=days(90))))[1] == "PERMISSION_DENIED"
    for call in (get(stranger, acme), update(stranger, acme, max_token_age=days(90))):
        assert (await refused(call))[1] == "ORGANIZATION_NOT_FOUND"
    await update(admin, acme, max_token_age=days(60))
    request = event_pb.ListEventsRequest(page_size=1, newest_first=True)
    (event,) = (await admin("list_events", request)).events
    (change,) = event.changes
    assert (change.field, change.after.to_python()) == ("max_token_age", 60.0 * DAY)


async def test_another_administrator_is_enough(
    database: Database, admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(days=80)
    await add_user(database, acme, clock.now, role=Role.ADMIN, email="eve@acme.example")
    await update(admin, acme, max_token_age=days(30))
    assert (await refused(whoami(admin)))[1] == "TOKEN_EXPIRED"
