"""From one provider to another: Okta, then Entra on a second configuration, then the first one is deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from clock import SettableClock
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access
from provisioning import Administration
from pyqwest import Client
from scim_client import ENTERPRISE, GROUP, USER, Scim

OKTA = {
    "accept": "application/scim+json",
    "accept-charset": "utf-8",
    "content-type": "application/scim+json; charset=utf-8",
    "user-agent": "Okta SCIM Client 1.0.0",
}


async def okta_assigns(scim: Scim, name: str) -> Any:
    """What Okta sends when somebody is assigned to the application, and again when their profile changes."""
    address = f"{name}@acme.example"
    looked_for = {"filter": f'userName eq "{address}"', "startIndex": 1, "count": 100}
    assert (await scim("GET", "/Users", None, OKTA, **looked_for)).json["totalResults"] == 0
    body = {
        "schemas": [USER],
        "userName": address,
        "name": {"givenName": name.capitalize(), "familyName": "Example"},
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "displayName": f"{name.capitalize()} Example",
        "locale": "en-US",
        "externalId": f"00u{name}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    made = (await scim("POST", "/Users", body, OKTA)).json
    whole = (await scim("GET", f"/Users/{made['id']}", None, OKTA)).json
    changed = await scim(
        "PUT", f"/Users/{made['id']}", {**whole, "groups": [], "title": "Guide"}, OKTA
    )
    assert changed.status == 200, changed.text
    return changed.json


async def okta_pushes_a_group(scim: Scim, *ids: str) -> None:
    body = {"schemas": [GROUP], "displayName": "Guides", "members": []}
    group = (await scim("POST", "/Groups", body, OKTA)).json
    members = [{"value": id, "display": "x"} for id in ids]
    add = {"op": "add", "path": "members", "value": members}
    assert (await scim.patch(f"/Groups/{group['id']}", add)).status == 204


async def entra_provisions(scim: Scim, name: str) -> Any:
    """What Entra sends about somebody in the scope of a new application, in its default dialect."""
    address = f"{name}@acme.example"
    assert (await scim("GET", "/Users", filter=f'userName eq "{uuid4()}"')).status == 200
    assert await scim.found(f'userName eq "{address}"') == []
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": str(uuid4()),
        "userName": address.capitalize(),
        "active": True,
        "displayName": f"{name.capitalize()} Example",
        "emails": [{"primary": True, "type": "work", "value": address.capitalize()}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "x", "familyName": "Example", "givenName": name.capitalize()},
        "roles": [],
    }
    made = await scim("POST", "/Users", body)
    assert made.status == 201, made.text
    later = {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Guides"}
    assert (await scim.patch(f"/Users/{made.json['id']}", later)).status == 200
    return made.json


async def test_a_move_ends_with_the_same_members_ids_roles_and_tokens(
    database: Database,
    http: Client,
    admin: Administration,
    acme: Founded,
    acme_member: Access,
    clock: SettableClock,
) -> None:
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    authentication = Authentication(database, clock)

    async def member(id: str) -> User:
        found = await database.read(lambda c: users.find(c, acme.organization.id, UserId(UUID(id))))
        assert found is not None
        return found

    okta_configuration, token = await admin.create(linking=True)
    okta = Scim(http, token)
    mel, ann, bob = [await okta_assigns(okta, name) for name in ("mel", "ann", "bob")]
    assert mel["id"] == str(acme_member.user.id)
    await okta_pushes_a_group(okta, mel["id"], ann["id"])
    id = UserId(UUID(ann["id"]))
    await members.set_role(acme.caller, acme.organization.id, id, Role.ADMIN)
    off = {"Operations": [{"op": "replace", "value": {"active": False}}]}
    assert (await okta("PATCH", f"/Users/{bob['id']}", off, OKTA)).json["active"] is False

    entra_configuration, token = await admin.create(linking=True)
    entra = Scim(http, token)
    moved = [await entra_provisions(entra, name) for name in ("mel", "ann")]
    assert [each["id"] for each in moved] == [mel["id"], ann["id"]]
    before = [await member(each["id"]) for each in (mel, ann, bob)]
    assert [each.status for each in before] == [
        UserStatus.ACTIVE,
        UserStatus.ACTIVE,
        UserStatus.SUSPENDED,
    ]
    await admin.configurations.delete(acme.caller, okta_configuration.id)

    after = [await member(each["id"]) for each in (mel, ann, bob)]
    assert after[:2] == before[:2]
    assert [each.role for each in after] == [Role.MEMBER, Role.ADMIN, Role.MEMBER]
    assert after[2].status is UserStatus.SUSPENDED
    assert (await okta("GET", "/Users")).status == 401
    caller = await authentication.authenticate(acme_member.token.reveal(), Origin())
    assert str(caller.user_id) == mel["id"]
    assert sorted(await entra.found("userName pr")) == ["Ann@acme.example", "Mel@acme.example"]
    gone = {"op": "Replace", "path": "active", "value": "False"}
    assert (await entra.patch(f"/Users/{mel['id']}", gone)).json["active"] is False
    assert (await member(mel["id"])).status is UserStatus.SUSPENDED
    assert (await member(mel["id"])).suspended_by_administrator_at is None
    assert entra_configuration.id != okta_configuration.id


async def test_one_providers_word_leaves_no_twin_active(
    database: Database, http: Client, admin: Administration, acme: Founded
) -> None:
    """While both know everybody, either can suspend a person: there is no second member who stays."""
    _, okta_token = await admin.create()
    _, entra_token = await admin.create(linking=True)
    ann = await okta_assigns(Scim(http, okta_token), "ann")
    await entra_provisions(Scim(http, entra_token), "ann")
    off = {"Operations": [{"op": "replace", "value": {"active": False}}]}
    await Scim(http, okta_token)("PATCH", f"/Users/{ann['id']}", off, OKTA)
    table = users.columns[0].table
    rows = await database.read(
        lambda c: c.execute(table.select().where(table.c.email_key == "ann@acme.example")).all()
    )
    assert [row.status for row in rows] == [UserStatus.SUSPENDED]
