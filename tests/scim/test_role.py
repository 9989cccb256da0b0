"""What a group's role makes of whom a provider pushes into it, from the answer on, and that somebody can always act."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from clock import SettableClock
from orgplane_server.domain.caller import Caller, Origin, Permission
from orgplane_server.domain.errors import AlreadyExists, NotFound, PermissionDenied, Reason
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.role import Principal, PrincipalKind, Role, Told
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.group import Groups
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.role import AssignmentFilter, Roles
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from provisioning import Administration
from pyqwest import Client
from scim_client import ORIGIN, Answer, Scim

PAGES = PageTokens(Sealer(bytes(32)))
MEL = "mel@acme.example"


class Acme:
    """An organization whose provider knows Mel, who has a token, and has them in a group, or not."""

    def __init__(
        self,
        database: Database,
        clock: SettableClock,
        owner: Founded,
        scim: Scim,
        mel: Access,
        group: str,
        linked: str,
    ) -> None:
        self.roles = Roles(database, clock, PAGES)
        self.members = Members(database, clock, PAGES)
        self.tokens = PersonalAccessTokens(database, clock, PAGES)
        self.owner = owner
        self.scim = scim
        self.mel = mel
        self.group = Principal(PrincipalKind.GROUP, UUID(group))
        self.linked = linked
        self._authentication = Authentication(database, clock)

    async def caller(self) -> Caller:
        """Mel, as their next call finds them."""
        return await self._authentication.authenticate(self.mel.token.reveal(), Origin())

    async def has(self, role: Role) -> bool:
        return role in (await self.caller()).roles

    async def assign(self, role: Role) -> Told:
        return await self.roles.assign(self.owner.caller, self.group, role)

    async def patch(self, op: str) -> Answer:
        operation = {"op": op, "path": "members", "value": [{"value": self.linked}]}
        return await self.scim.patch(f"/Groups/{self.group.id}", operation)

    async def step_down(self) -> None:
        """Ada is no administrator by herself any more: Mel is one, if somebody is."""
        await self.members.set_role(
            self.owner.caller,
            self.owner.organization.id,
            self.owner.administrator.id,
            Role.MEMBER,
        )

    async def last_administrator(self) -> None:
        """Mel is the only administrator, because of the group."""
        await self.assign(Role.ADMIN)
        assert (await self.patch("add")).status < 300
        await self.step_down()


@pytest.fixture
async def acme_(
    admin: Administration,
    acme: Founded,
    database: Database,
    clock: SettableClock,
    http: object,
) -> tuple[Acme, ScimConfiguration]:
    configuration, token = await admin.create(linking=True)
    scim = Scim(http, token)  # type: ignore[arg-type]
    mel = await add_user(database, acme, clock.now, email=MEL)
    linked = await scim.create_user(MEL)
    assert linked["id"] == str(mel.user.id)
    group = await scim.create_group("Administrators")
    return Acme(database, clock, acme, scim, mel, group["id"], linked["id"]), configuration


@pytest.fixture
def groups(database: Database, clock: SettableClock) -> Groups:
    return Groups(database, clock, PAGES)


@pytest.fixture
def there(acme_: tuple[Acme, ScimConfiguration]) -> Acme:
    return acme_[0]


async def test_who_is_pushed_into_a_group_has_its_role_with_the_next_call_and_not_after_the_removal(
    there: Acme,
) -> None:
    assert not await there.has(Role.ADMIN)
    await there.assign(Role.ADMIN)
    assert not await there.has(Role.ADMIN)
    await there.patch("add")
    (await there.caller()).require(Permission.CHANGE_ORGANIZATION)
    found = await there.roles.of(await there.caller(), UserId(there.mel.user.id))
    assert found.roles == {Role.ADMIN, Role.MEMBER}
    assert [(told.name, told.assignment.role) for told in found.because] == [
        ("Administrators", Role.ADMIN)
    ]
    await there.patch("remove")
    assert not await there.has(Role.ADMIN)


async def test_a_role_is_of_the_id_of_a_group_and_not_of_its_name(there: Acme) -> None:
    await there.assign(Role.AUDIT_LOG_READER)
    await there.patch("add")
    renamed = {"op": "replace", "path": "displayName", "value": "Readers"}
    await there.scim.patch(f"/Groups/{there.group.id}", renamed)
    assert await there.has(Role.AUDIT_LOG_READER)
    assert (await there.scim("DELETE", f"/Groups/{there.group.id}")).status == 204
    assert not await there.has(Role.AUDIT_LOG_READER)
    await there.scim.create_group("Readers", {"id": there.linked})
    assert not await there.has(Role.AUDIT_LOG_READER)
    page = await there.roles.list(there.owner.caller, PageRequest(10, ""), AssignmentFilter())
    assert page.items == []


async def test_a_role_of_a_group_is_gone_with_its_configuration(
    acme_: tuple[Acme, ScimConfiguration], admin: Administration
) -> None:
    there, configuration = acme_
    await there.assign(Role.ADMIN)
    await there.patch("add")
    await admin.update(configuration, {"enabled": False})
    assert await there.has(Role.ADMIN)  # what a provider has said last, holds
    await admin.configurations.delete(there.owner.caller, configuration.id)
    assert not await there.has(Role.ADMIN)
    with pytest.raises(NotFound):
        await there.assign(Role.ADMIN)


async def test_roles_that_scim_speaks_of_give_nothing(there: Acme) -> None:
    roles = {"op": "add", "path": "roles", "value": [{"value": "ORG_ADMIN", "primary": True}]}
    await there.scim.patch(f"/Users/{there.linked}", roles)
    assert (await there.caller()).roles == {Role.MEMBER}


async def _empty(there: Acme) -> Answer:
    return await there.scim.patch(
        f"/Groups/{there.group.id}", {"op": "replace", "path": "members", "value": []}
    )


async def _remove_all(there: Acme) -> Answer:
    return await there.scim.patch(f"/Groups/{there.group.id}", {"op": "remove", "path": "members"})


#: What takes the last administrator away whom a group makes one.
WAYS: dict[str, Callable[[Acme], Awaitable[Answer]]] = {
    "PATCH remove": lambda there: there.patch("remove"),
    "PATCH remove all": _remove_all,
    "PATCH replace": _empty,
    "PUT": lambda there: there.scim(
        "PUT", f"/Groups/{there.group.id}", {"displayName": "Administrators", "members": []}
    ),
    "DELETE group": lambda there: there.scim("DELETE", f"/Groups/{there.group.id}"),
    "DELETE user": lambda there: there.scim("DELETE", f"/Users/{there.linked}"),
    "PATCH user": lambda there: there.scim.patch(
        f"/Users/{there.linked}", {"op": "replace", "path": "active", "value": False}
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_provider_takes_the_last_administrator_from_no_group(there: Acme, way: str) -> None:
    await there.last_administrator()
    refused = await WAYS[way](there)
    assert refused.status == 403, refused.text
    assert await there.has(Role.ADMIN)
    found = await there.scim("GET", f"/Groups/{there.group.id}")
    assert [each["value"] for each in found.json["members"]] == [there.linked]
    # As soon as another can act, it is done.
    await there.members.set_role(
        await there.caller(), there.owner.organization.id, there.owner.administrator.id, Role.ADMIN
    )
    assert (await WAYS[way](there)).status in (200, 204, 404)


async def test_of_two_who_stop_administering_at_once_by_a_group_and_by_set_role_one_goes_on(
    there: Acme,
) -> None:
    await there.assign(Role.ADMIN)
    organization, ada = there.owner.organization.id, there.owner.administrator.id
    for _ in range(6):
        assert (await there.patch("add")).status < 300
        removed, stepped_down = await asyncio.gather(
            there.patch("remove"), there.step_down(), return_exceptions=True
        )
        assert isinstance(removed, Answer)
        if removed.status == 403:
            assert stepped_down is None
            assert await there.has(Role.ADMIN)
            await there.members.set_role(await there.caller(), organization, ada, Role.ADMIN)
        else:
            assert removed.status < 300
            assert isinstance(stepped_down, PermissionDenied)
            assert stepped_down.reason is Reason.LAST_ADMINISTRATOR
            assert not await there.has(Role.ADMIN)


async def test_nobody_takes_the_role_of_the_last_administrator(
    acme_: tuple[Acme, ScimConfiguration], admin: Administration
) -> None:
    there, configuration = acme_
    told = await there.assign(Role.ADMIN)
    await there.patch("add")
    await there.step_down()
    mel = await there.caller()
    for refused in (
        there.roles.revoke(mel, told.assignment.id),
        there.members.set_suspended(mel, mel.user_id, True),
        there.members.leave(mel, mel.user_id),
        there.members.delete(mel, mel.user_id),
        there.tokens.delete(mel, mel.token_id),
        admin.configurations.delete(mel, configuration.id),
    ):
        with pytest.raises(PermissionDenied) as caught:
            await refused
        assert caught.value.reason is Reason.LAST_ADMINISTRATOR
    assert await there.has(Role.ADMIN)


async def test_own_role_and_assigned_role_are_two(there: Acme) -> None:
    """Whoever takes one leaves the other."""
    organization = there.owner.organization.id
    await there.assign(Role.ADMIN)
    await there.patch("add")
    await there.members.set_role(there.owner.caller, organization, there.mel.user.id, Role.ADMIN)
    await there.step_down()
    mel = await there.caller()
    await there.members.set_role(mel, organization, mel.user_id, Role.MEMBER)
    assert await there.has(Role.ADMIN)


async def test_nobody_grants_what_they_do_not_have(
    there: Acme, database: Database, clock: SettableClock
) -> None:
    mel = Principal(PrincipalKind.USER, there.mel.user.id)
    assigned = await there.assign(Role.ADMIN)
    for role in (Role.GROUPS_ADMIN, Role.SECURITY_ADMIN):
        await there.roles.assign(there.owner.caller, mel, role)
    caller = await there.caller()
    other = await add_user(database, there.owner, clock.now, email="cid@acme.example")
    cid = Principal(PrincipalKind.USER, other.user.id)
    await there.roles.assign(caller, cid, Role.AUDIT_LOG_READER)  # as a security administrator may
    for refused in (
        there.roles.assign(caller, cid, Role.ADMIN),
        there.roles.revoke(caller, assigned.assignment.id),
    ):
        with pytest.raises(PermissionDenied):
            await refused
    with pytest.raises(AlreadyExists):
        await there.roles.assign(caller, cid, Role.AUDIT_LOG_READER)
    reader = Authentication(database, clock)
    cids = await reader.authenticate(other.token.reveal(), Origin())
    cids.require(Permission.READ_AUDIT_LOG)
    with pytest.raises(PermissionDenied, match="a groups administrator may assign roles"):
        await there.roles.assign(cids, mel, Role.MEMBER)


@pytest.mark.parametrize("make_administrator", [False, True])
async def test_a_token_of_the_operator_makes_nobody_an_administrator_who_is_one_by_a_group_unless_asked(
    there: Acme, database: Database, clock: SettableClock, make_administrator: bool
) -> None:
    await there.assign(Role.ADMIN)
    await there.patch("add")
    operations, id = Operations(database, clock), there.owner.organization.id
    await operations.create_token(id, MEL, make_administrator=make_administrator)
    assert await there.has(Role.ADMIN)
    await there.patch("remove")
    assert await there.has(Role.ADMIN) is make_administrator


async def test_who_leaves_and_comes_back_has_no_roles_of_their_own(there: Acme) -> None:
    mel = Principal(PrincipalKind.USER, there.mel.user.id)
    await there.roles.assign(there.owner.caller, mel, Role.SECURITY_ADMIN)
    await there.members.leave(there.owner.caller, there.mel.user.id)
    for active in (False, True):
        said = {"op": "replace", "path": "active", "value": active}
        await there.scim.patch(f"/Users/{there.linked}", said)
    found = await there.roles.of(there.owner.caller, there.mel.user.id)
    assert found.roles == {Role.MEMBER}


async def test_the_status_of_a_configuration_tells_what_whoever_holds_its_token_can_give(
    acme_: tuple[Acme, ScimConfiguration], http: Client
) -> None:
    there, configuration = acme_
    await there.assign(Role.ADMIN)
    answer = await http.post(
        f"{ORIGIN}/orgplane.v1.ScimProvisioningService/GetProvisioningStatus",
        {
            "authorization": f"Bearer {there.owner.token.reveal()}",
            "content-type": "application/json",
        },
        json.dumps({"scimConfigurationId": str(configuration.id)}).encode(),
    )
    (told,) = json.loads(answer.text())["status"]["groupRoles"]
    assert (told["role"], told["principalName"]) == ("ROLE_ADMIN", "Administrators")


async def test_a_local_group_gives_roles_to_whom_somebody_puts_into_it_who_has_them(
    there: Acme, groups: Groups, database: Database, clock: SettableClock
) -> None:
    owner, organization = there.owner.caller, there.owner.organization.id
    administrators = (await groups.create(owner, organization, "Ours", "")).group.id
    readers = (await groups.create(owner, organization, "Readers", "")).group.id
    for id, role in ((administrators, Role.ADMIN), (readers, Role.MEMBER)):
        told = await there.roles.assign(owner, Principal(PrincipalKind.GROUP, id), role)
    assert told.name == "Readers"
    mel = there.mel.user.id
    await there.roles.assign(owner, Principal(PrincipalKind.USER, mel), Role.GROUPS_ADMIN)
    caller = await there.caller()
    await groups.add(caller, readers, mel)
    with pytest.raises(PermissionDenied):  # nobody makes themselves an administrator
        await groups.add(caller, administrators, mel)
    added = await groups.add(owner, administrators, mel)
    await there.step_down()
    assert await there.has(Role.ADMIN)
    for refused in (groups.remove(caller, added.id), groups.delete(caller, administrators)):
        with pytest.raises(PermissionDenied):
            await refused
    admin = await there.caller()
    await there.members.set_role(admin, organization, there.owner.administrator.id, Role.ADMIN)
    await groups.delete(admin, administrators)
    assert (await there.caller()).roles == {Role.MEMBER, Role.GROUPS_ADMIN}
