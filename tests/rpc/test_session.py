"""`orgplane.v1.SessionService`: the session that a call is made with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.identity_pb import GetAuthenticatedIdentityRequest
from orgplane_api.orgplane.v1 import event_pb, session_pb
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.store.engine.database import Database
from people import Access, add_session
from rpc_clients import Clients, ClientsFor, reason


async def test_it_tells_when_it_ends(
    signed_in: Clients,
    acme_member: Access,
    sso_configuration_id: SsoConfigurationId,
    clock: SettableClock,
) -> None:
    session = (await signed_in("get_session", session_pb.GetSessionRequest())).session
    assert session.user_id == str(acme_member.user.id)
    assert session.sso_configuration_id == str(sso_configuration_id)
    assert session.created_at.to_datetime() == clock.now
    assert session.expires_at.to_datetime() == clock.now + timedelta(hours=24)
    assert session.idle_expires_at.to_datetime() == clock.now + timedelta(hours=8)


async def test_it_ends_with_the_answer_and_no_other_does(
    database: Database,
    signed_in: Clients,
    admin: Clients,
    clients_for: ClientsFor,
    acme_member: Access,
    sso_configuration_id: SsoConfigurationId,
    clock: SettableClock,
) -> None:
    user = acme_member.user
    other = clients_for(
        (await add_session(database, user, sso_configuration_id, clock.now)).reveal()
    )
    id = (await signed_in("get_session", session_pb.GetSessionRequest())).session.id
    await signed_in("end_session", session_pb.EndSessionRequest())
    for rpc, request in (
        ("get_authenticated_identity", GetAuthenticatedIdentityRequest()),
        ("end_session", session_pb.EndSessionRequest()),
    ):
        with pytest.raises(ConnectError) as refused:
            await signed_in(rpc, request)
        assert refused.value.code == Code.UNAUTHENTICATED
        assert reason(refused.value) == "TOKEN_UNKNOWN"
    await other("get_authenticated_identity", GetAuthenticatedIdentityRequest())
    listed = await admin("list_events", event_pb.ListEventsRequest(page_size=1, newest_first=True))
    (event,) = listed.events
    assert (event.actor.id, event.actor.token_id) == (str(user.id), id)
    assert event.resource_id == str(user.id)
    (change,) = event.changes
    assert change.field == "signed_in_through"
    assert change.before.kind.value == str(sso_configuration_id)
    assert change.after.kind.value == ""


@pytest.mark.parametrize("rpc", ["get_session", "end_session"])
async def test_a_personal_access_token_belongs_to_none(member: Clients, rpc: str) -> None:
    request = (
        session_pb.GetSessionRequest() if rpc == "get_session" else session_pb.EndSessionRequest()
    )
    with pytest.raises(ConnectError) as refused:
        await member(rpc, request)
    assert (refused.value.code, reason(refused.value)) == (Code.FAILED_PRECONDITION, "NO_SESSION")
    await member("get_authenticated_identity", GetAuthenticatedIdentityRequest())
