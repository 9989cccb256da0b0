"""How identity providers know members, who suspends them, and what a deletion would mean."""

from __future__ import annotations

from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import user_pb
from orgplane_api.orgplane.v1 import membership_pb as pb
from orgplane_api.orgplane.v1 import scim_provisioning_pb
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from people import Access, add_user
from provisioning import administration
from pyqwest import Client
from rpc_clients import Clients, reason
from scim_client import Scim

ANN = "ann@acme.example"
ON = {"op": "replace", "path": "active", "value": True}
OFF = {"op": "replace", "path": "active", "value": False}


async def membership(clients: Clients, id: object) -> pb.Membership:
    response = await clients("get_membership", pb.GetMembershipRequest(user_id=str(id)))
    found: pb.Membership = response.membership
    return found


async def suspend(clients: Clients, id: str, suspended: bool = True) -> None:
    await clients("set_suspended", user_pb.SetSuspendedRequest(user_id=id, suspended=suspended))


class Two:
    """Two providers that know Ann."""

    def __init__(self, ids: list[str], scims: list[Scim], ann: str) -> None:
        self.okta, self.entra = scims
        self.okta_id, self.entra_id = ids
        self.ann = ann

    async def says(self, provider: Scim, operation: dict[str, object]) -> None:
        assert (await provider.patch(f"/Users/{self.ann}", operation)).status == 200


@pytest.fixture
async def two(database: Database, http: Client, acme: Founded, clock: SettableClock) -> Two:
    acts = administration(database, clock, acme)
    made = [await acts.create(linking=True) for _ in range(2)]
    await acts.update(made[0][0], {"name": "Okta"})
    scims = [Scim(http, token) for _, token in made]
    ann = await scims[0].create_user(ANN, externalId="00u1")
    await scims[1].create_user(ANN)
    return Two([str(configuration.id) for configuration, _ in made], scims, ann["id"])


async def test_it_tells_links_and_everybody_who_denies(
    admin: Clients, two: Two, clock: SettableClock
) -> None:
    found = await membership(admin, two.ann)
    assert (found.user_id, found.status, list(found.denials)) == (
        two.ann,
        user_pb.UserStatus.ACTIVE,
        [],
    )
    assert [
        (link.scim_configuration_id, link.scim_configuration_name, link.user_name, link.external_id)
        for link in found.links
    ] == [(two.okta_id, "Okta", ANN, "00u1"), (two.entra_id, "", ANN, "")]
    clock.advance(minutes=1)
    await two.says(two.okta, OFF)
    denied_at = clock.now
    clock.advance(minutes=1)
    await suspend(admin, two.ann)
    found = await membership(admin, two.ann)
    assert found.status == user_pb.UserStatus.SUSPENDED
    by_administrator, by_okta = found.denials
    assert by_administrator.scim_configuration_id == ""
    assert by_administrator.since is not None
    assert by_administrator.since.to_datetime() == clock.now
    assert (by_okta.scim_configuration_id, by_okta.scim_configuration_name) == (two.okta_id, "Okta")
    assert by_okta.since is not None
    assert by_okta.since.to_datetime() == denied_at
    assert [link.active for link in found.links] == [False, True]


async def test_nobody_provisioned_an_administrator(admin: Clients, acme: Founded) -> None:
    found = await membership(admin, acme.administrator.id)
    assert (list(found.links), list(found.denials)) == ([], [])


async def test_strangers_and_members_learn_nothing(
    admin: Clients, stranger: Clients, member: Clients, two: Two
) -> None:
    for clients, code in ((stranger, Code.NOT_FOUND), (member, Code.PERMISSION_DENIED)):
        for method, request in (
            ("get_membership", pb.GetMembershipRequest(user_id=two.ann)),
            (
                "preview_scim_configuration_deletion",
                pb.PreviewScimConfigurationDeletionRequest(scim_configuration_id=two.okta_id),
            ),
        ):
            with pytest.raises(ConnectError) as caught:
                await clients(method, request)
            assert caught.value.code is code
    with pytest.raises(ConnectError) as caught:
        await membership(admin, uuid4())
    assert reason(caught.value) == "USER_NOT_FOUND"


async def test_a_preview_is_what_a_deletion_then_does(
    admin: Clients, two: Two, clock: SettableClock
) -> None:
    bob = await two.okta.create_user("bob@acme.example", active=False)
    await two.says(two.okta, OFF)
    preview = pb.PreviewScimConfigurationDeletionRequest(scim_configuration_id=two.okta_id)
    before = await admin("preview_scim_configuration_deletion", preview)
    assert (before.reactivated_count, before.suspended_by_administrator_count) == (0, 2)
    await two.says(two.entra, ON)
    found = await admin("preview_scim_configuration_deletion", preview)
    assert [(each.user_id, each.email) for each in found.reactivated] == [(two.ann, ANN)]
    assert (found.reactivated_count, found.suspended_by_administrator_count) == (1, 1)
    assert (await membership(admin, two.ann)).status == user_pb.UserStatus.SUSPENDED
    await admin(
        "delete_scim_configuration",
        scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=two.okta_id),
    )
    ann, left = await membership(admin, two.ann), await membership(admin, bob["id"])
    assert (ann.status, len(ann.links)) == (user_pb.UserStatus.ACTIVE, 1)
    assert [denial.scim_configuration_id for denial in left.denials] == [""]


async def test_the_request_log_says_when_active_does_not_make_active(
    admin: Clients, two: Two
) -> None:
    async def remarks(configuration: str) -> list[str]:
        request = scim_provisioning_pb.ListScimRequestsRequest(scim_configuration_id=configuration)
        response = await admin("list_scim_requests", request)
        return [each.remark for each in response.scim_requests]

    await two.says(two.okta, OFF)
    await two.says(two.entra, ON)
    await two.says(two.entra, ON)
    again, first, *_ = await remarks(two.entra_id)
    assert again == ""
    assert f"stays suspended, by SCIM configuration {two.okta_id} since" in first
    await two.says(two.okta, ON)
    await suspend(admin, two.ann)
    await two.says(two.okta, ON)
    told, active, *_ = await remarks(two.okta_id)
    assert active == ""
    assert "stays suspended, by an administrator since" in told


async def test_an_address_that_several_active_members_have_is_in_the_status_and_in_the_request_log(
    database: Database,
    admin: Clients,
    two: Two,
    acme: Founded,
    acme_member: Access,
    clock: SettableClock,
) -> None:
    mailbox = [{"value": ANN.upper()}]
    other = await two.okta.create_user("adm-ann", emails=mailbox)
    await add_user(database, acme, clock.now, email="")  # which is nobody's address
    await add_user(database, acme, clock.now, email="")
    request = scim_provisioning_pb.GetProvisioningStatusRequest(scim_configuration_id=two.okta_id)
    status = (await admin("get_provisioning_status", request)).status
    (shared,) = status.shared_addresses
    assert (shared.email, shared.user_ids) == (ANN, [two.ann, other["id"]])
    assert two.ann in status.last_successful_request.remark
    await suspend(admin, other["id"])
    status = (await admin("get_provisioning_status", request)).status
    assert list(status.shared_addresses) == []
