from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_server.usecases.organization import Founded
from rpc_clients import Clients, reason


async def get(clients: Clients, id: object) -> pb.Organization:
    response = await clients("get_organization", pb.GetOrganizationRequest(organization_id=str(id)))
    found: pb.Organization = response.organization
    return found


async def update(clients: Clients, id: object, **fields: Any) -> pb.Organization:
    response = await clients(
        "update_organization", pb.UpdateOrganizationRequest(organization_id=str(id), **fields)
    )
    updated: pb.Organization = response.organization
    return updated


async def test_members_and_administrators_see_their_organization(
    admin: Clients, member: Clients, acme: Founded, clock: SettableClock
) -> None:
    for clients in (admin, member):
        found = await get(clients, acme.organization.id)
        assert (found.id, found.name) == (str(acme.organization.id), "Acme")
        assert found.tier == pb.OrganizationTier.ENTERPRISE
        assert found.created_at is not None
        assert found.created_at.to_datetime() == clock.now


async def test_an_administrator_renames_it(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(minutes=1)
    updated = await update(admin, acme.organization.id, name="Acme & Söhne")
    assert updated.name == "Acme & Söhne"
    assert updated.updated_at is not None
    assert updated.updated_at.to_datetime() == clock.now
    assert await get(admin, acme.organization.id) == updated


async def test_invite_domains_are_set_and_cleared_and_otherwise_stay(
    admin: Clients, acme: Founded
) -> None:
    domains = pb.InviteDomains(domains=["acme.example", "b.example"])
    await update(admin, acme.organization.id, invite_domains=domains)
    renamed = await update(admin, acme.organization.id, name="A")
    assert renamed.invite_domains == domains
    cleared = await update(admin, acme.organization.id, invite_domains=pb.InviteDomains())
    assert cleared.invite_domains == pb.InviteDomains()


@pytest.mark.parametrize("fields", [{}, {"name": "Acme"}])
async def test_nothing_different_leaves_updated_at(
    admin: Clients, acme: Founded, clock: SettableClock, fields: dict[str, Any]
) -> None:
    before = await get(admin, acme.organization.id)
    clock.advance(days=1)
    assert await update(admin, acme.organization.id, **fields) == before


@pytest.mark.parametrize("name", ["", "   ", "a\0b"])
async def test_a_name_that_is_none_is_invalid(admin: Clients, acme: Founded, name: str) -> None:
    with pytest.raises(ConnectError) as caught:
        await update(admin, acme.organization.id, name=name)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message.startswith("name: ")


async def test_any_other_organization_is_not_found(admin: Clients, globex: Founded) -> None:
    for id in (globex.organization.id, uuid4()):
        for call in (get(admin, id), update(admin, id, name="x")):
            with pytest.raises(ConnectError) as caught:
                await call
            assert caught.value.code is Code.NOT_FOUND
            assert caught.value.message == "organization not found"
            assert reason(caught.value) == "ORGANIZATION_NOT_FOUND"


async def test_a_member_does_not_change_it(member: Clients, acme: Founded) -> None:
    with pytest.raises(ConnectError) as caught:
        await update(member, acme.organization.id, name="Mine")
    assert caught.value.code is Code.PERMISSION_DENIED
