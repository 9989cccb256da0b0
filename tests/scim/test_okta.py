"""Okta's SCIM 2.0 suite, and what Okta does afterwards to users and groups, step by step."""

from __future__ import annotations

from typing import Any

import pytest
from pyqwest import Client
from scim_client import ERROR, GROUP, LIST, USER, Scim

#: On every request, on those without a body as well.
HEADERS = {
    "accept": "application/scim+json",
    "accept-charset": "utf-8",
    "content-type": "application/scim+json; charset=utf-8",
    "user-agent": "Okta SCIM Client 1.0.0",
}
NEW = {
    "schemas": [USER],
    "userName": "Runscope300Abc@atko.example",
    "name": {"givenName": "Runscope300", "familyName": "Abc"},
    "emails": [{"primary": True, "value": "Runscope300Abc@atko.example", "type": "work"}],
    "displayName": "Runscope300 Abc",
    "active": True,
}


class Okta:
    def __init__(self, scim: Scim) -> None:
        self._scim = scim

    async def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        return await self._scim(method, path, body, headers=HEADERS, **query)


@pytest.fixture
async def okta(scim: Scim) -> Okta:
    """The suite wants a user to be there already."""
    await scim.create_user(
        "first@atko.example",
        name={"givenName": "Fay", "familyName": "First"},
        emails=[{"value": "first@atko.example", "primary": True}],
    )
    return Okta(scim)


async def test_the_suite_of_twelve_steps(okta: Okta, http: Client) -> None:
    # 1: a page of users, of whom the suite takes the first.
    listed = await okta("GET", "/Users", count=1, startIndex=1)
    assert listed.status == 200
    assert listed.json["schemas"] == [LIST]
    for counter in ("itemsPerPage", "startIndex", "totalResults"):
        assert isinstance(listed.json[counter], int)
    (first,) = listed.json["Resources"]
    for user in (first, (await okta("GET", f"/Users/{first['id']}")).json):  # 2: one user
        assert user["id"]
        assert user["name"]["familyName"]
        assert user["name"]["givenName"]
        assert user["userName"]
        assert user["active"] is True
        assert user["emails"][0]["value"]

    # 3: a name that nobody has; 4: an id that nobody has.
    nobody = await okta("GET", "/Users", filter='userName eq "nobody@atko.example"')
    assert (nobody.status, nobody.json["totalResults"]) == (200, 0)
    missing = await okta("GET", "/Users/010101001010101011001010101011")
    assert missing.status == 404
    assert missing.json["schemas"] == [ERROR]
    assert missing.json["status"] == "404"
    assert missing.json["detail"]

    # 5: still not there; 6: created; 7: read back; 8: created again.
    nobody = await okta("GET", "/Users", filter=f'userName eq "{NEW["userName"]}"')
    assert nobody.json["totalResults"] == 0
    created = await okta("POST", "/Users", NEW)
    assert created.status == 201
    read = await okta("GET", f"/Users/{created.json['id']}")
    assert read.status == 200
    for user in (created.json, read.json):
        assert user["active"] is True
        assert user["schemas"] == [USER]
        assert user["userName"] == NEW["userName"]
        assert user["name"] == NEW["name"]
    assert (await okta("POST", "/Users", NEW)).error == (409, "uniqueness")

    # 9: the name in capitals; 10: groups.
    found = await okta("GET", "/Users", filter=f'userName eq "{NEW["userName"].upper()}"')
    assert (found.status, found.json["totalResults"]) == (200, 1)
    groups = await okta("GET", "/Groups")
    assert groups.status == 200
    assert groups.json["schemas"] == [LIST]

    # 11: no token, in a header without a scheme; 12: another id that nobody has.
    anonymous = Scim(http, "")
    refused = await anonymous("GET", "/Groups", headers={**HEADERS, "authorization": "non-token"})
    assert refused.error == (401, None)
    assert (await okta("GET", "/Users/00919288221112222")).error == (404, None)


async def test_a_user_is_created_changed_by_put_and_deactivated(okta: Okta) -> None:
    looked_for = await okta(
        "GET", "/Users", filter='userName eq "isaac@atko.example"', startIndex=1, count=100
    )
    assert looked_for.json["totalResults"] == 0
    created = await okta(
        "POST",
        "/Users",
        {
            **NEW,
            "userName": "isaac@atko.example",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "locale": "en-US",
            "groups": [],
            "password": "1mz050nq",
        },
    )
    assert created.status == 201
    assert created.json["externalId"] == "00ujl29u0le5T6Aj10h7"
    assert "password" not in created.json
    path = f"/Users/{created.json['id']}"

    whole = (await okta("GET", path)).json
    whole["name"]["familyName"] = "Brooke"
    replaced = await okta("PUT", path, {**whole, "groups": []})
    assert replaced.status == 200
    assert replaced.json["name"]["familyName"] == "Brooke"
    assert replaced.json["id"] == created.json["id"]

    deactivated = await okta("PUT", path, {**replaced.json, "active": False, "groups": []})
    assert (deactivated.status, deactivated.json["active"]) == (200, False)
    assert (await okta("GET", path)).json["active"] is False
    found = await okta("GET", "/Users", filter='userName eq "isaac@atko.example"')
    assert found.json["Resources"][0]["active"] is False


async def test_a_catalogue_application_deactivates_and_restores_without_a_path(okta: Okta) -> None:
    created = await okta("POST", "/Users", NEW)
    path = f"/Users/{created.json['id']}"
    for active in (False, True):
        change = {"Operations": [{"op": "replace", "value": {"active": active}}]}
        changed = await okta("PATCH", path, change)
        assert (changed.status, changed.json["active"]) == (200, active)


async def test_a_group_is_pushed_renamed_filled_emptied_and_deleted(okta: Okta) -> None:
    users = [
        (await okta("POST", "/Users", {**NEW, "userName": f"u{n}@atko.example", "emails": []})).json
        for n in range(3)
    ]
    looked_for = await okta(
        "GET", "/Groups", filter='displayName eq "Engineering"', startIndex=1, count=100
    )
    assert looked_for.json["totalResults"] == 0
    created = await okta(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "Engineering", "members": []}
    )
    assert created.status == 201
    id = created.json["id"]
    path = f"/Groups/{id}"

    async def changed(*operations: dict[str, Any]) -> Any:
        answer = await okta("PATCH", path, {"Operations": list(operations)})
        assert answer.status in (200, 204), answer.text
        return (await okta("GET", path)).json

    def members(group: Any) -> set[str]:
        return {member["value"] for member in group.get("members", [])}

    filled = await changed(
        {
            "op": "add",
            "path": "members",
            "value": [{"value": user["id"], "display": user["userName"]} for user in users[:2]],
        }
    )
    assert members(filled) == {users[0]["id"], users[1]["id"]}

    renamed = await changed({"op": "replace", "value": {"id": id, "displayName": "Platform"}})
    assert renamed["displayName"] == "Platform"
    assert members(renamed) == members(filled)

    swapped = await changed(
        {"op": "remove", "path": f'members[value eq "{users[0]["id"]}"]'},
        {"op": "add", "path": "members", "value": [{"value": users[2]["id"], "display": "u2"}]},
    )
    assert members(swapped) == {users[1]["id"], users[2]["id"]}

    emptied = await changed(
        {"op": "replace", "value": {"members": [], "id": id, "displayName": "Platform"}}
    )
    assert members(emptied) == set()
    pushed = await changed(
        {"op": "replace", "path": "members", "value": [{"value": users[0]["id"]}]}
    )
    assert members(pushed) == {users[0]["id"]}
    assert members(await changed({"op": "replace", "path": "members", "value": []})) == set()

    assert (await okta("DELETE", path)).status == 204
    assert (await okta("GET", path)).status == 404


async def test_an_import_pages_through_everybody_once(okta: Okta) -> None:
    for n in range(7):
        await okta("POST", "/Users", {**NEW, "userName": f"u{n}@atko.example", "emails": []})
    seen = []
    for start in (1, 4, 7, 10):
        page = (await okta("GET", "/Users", startIndex=start, count=3)).json
        assert page["totalResults"] == 8
        assert page["startIndex"] == start
        assert page["itemsPerPage"] == len(page["Resources"])
        seen += [user["id"] for user in page["Resources"]]
    assert len(seen) == len(set(seen)) == 8
