"""What Microsoft Entra ID's validator and provisioning send, in both dialects, in their order."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from scim_client import ENTERPRISE, GROUP, USER, Scim

MANAGER = f"{ENTERPRISE}:manager"

#: One user with all that the validator maps.
NEW = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "walker@acme.example",
    "active": True,
    "displayName": "Walker",
    "title": "Captain",
    "emails": [{"type": "work", "value": "walker@acme.example", "primary": True}],
    "preferredLanguage": "en-IE",
    "name": {"givenName": "Wal", "familyName": "Ker", "formatted": "Wal Ker"},
    "addresses": [
        {"type": "work", "formatted": "f", "streetAddress": "s", "locality": "l", "region": "r", "postalCode": "p", "country": "c"}
    ],
    "phoneNumbers": [
        {"type": "work", "value": "1"},
        {"type": "mobile", "value": "2"},
        {"type": "fax", "value": "3"},
    ],
    "roles": [{"primary": "True", "display": "d", "value": "v", "type": "t"}],
    "meta": {"resourceType": "User"},
    ENTERPRISE: {"employeeNumber": "7", "department": "d", "costCenter": "c", "organization": "o", "division": "v"},
}  # fmt: skip

#: Attribute by attribute: the path, and where its value is in the user.
ATTRIBUTES: dict[str, tuple[Any, ...]] = {
    "displayName": ("displayName",),
    "title": ("title",),
    "preferredLanguage": ("preferredLanguage",),
    "name.givenName": ("name", "givenName"),
    "name.familyName": ("name", "familyName"),
    "name.formatted": ("name", "formatted"),
    'emails[type eq "work"].value': ("emails", 0, "value"),
    **{
        f'addresses[type eq "work"].{name}': ("addresses", 0, name)
        for name in ("formatted", "streetAddress", "locality", "region", "postalCode", "country")
    },
    'phoneNumbers[type eq "work"].value': ("phoneNumbers", 0, "value"),
    'phoneNumbers[type eq "mobile"].value': ("phoneNumbers", 1, "value"),
    'phoneNumbers[type eq "fax"].value': ("phoneNumbers", 2, "value"),
    'roles[primary eq "True"].display': ("roles", 0, "display"),
    'roles[primary eq "True"].value': ("roles", 0, "value"),
    'roles[primary eq "True"].type': ("roles", 0, "type"),
    **{
        f"{ENTERPRISE}:{name}": (ENTERPRISE, name)
        for name in ("employeeNumber", "department", "costCenter", "organization", "division")
    },
    "externalId": ("externalId",),
    "nickName": ("nickName",),
    "userType": ("userType",),
    "locale": ("locale",),
    "timezone": ("timezone",),
}


def at(user: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        user = user[step]
    return user


async def test_the_connection_is_tested_with_a_name_that_nobody_has(scim: Scim) -> None:
    for attribute in ("userName", "externalId"):
        answer = await scim("GET", "/Users", filter=f'{attribute} eq "{uuid4()}"')
        assert (answer.status, answer.json["totalResults"]) == (200, 0)


async def test_a_duplicate_user_is_a_conflict(scim: Scim) -> None:
    assert (await scim("POST", "/Users", NEW)).status == 201
    assert (await scim("POST", "/Users", NEW)).error == (409, "uniqueness")


async def test_users_are_found_whatever_the_case_and_by_their_work_address(scim: Scim) -> None:
    await scim("POST", "/Users", NEW)
    for filter in (
        'userName eq "walker@acme.example"',
        'userName eq "WALKER@ACME.EXAMPLE"',
        'userName eq "walker%40acme.example"',
        f'externalId eq "{NEW["externalId"]}"',
        'emails[type eq "work"].value eq "Walker@acme.example"',
        'emails[type eq "work"].value eq "walker@acme.example" and active eq true',
    ):
        assert await scim.found(filter) == ["walker@acme.example"], filter
    for filter in ('userName eq "runner"', 'emails[type eq "home"].value eq "walker@acme.example"'):
        assert await scim.found(filter) == [], filter


async def test_a_user_without_anything_gets_everything_by_add(scim: Scim) -> None:
    user = await scim.create_user("walker@acme.example")
    operations = [
        {"op": "Add", "path": path, "value": f"new {n}"} for n, path in enumerate(ATTRIBUTES)
    ]
    answer = await scim.patch(f"/Users/{user['id']}", *operations)
    assert answer.status == 200, answer.text
    read = (await scim("GET", f"/Users/{user['id']}")).json
    for operation in operations:
        assert at(read, ATTRIBUTES[operation["path"]]) == operation["value"]
    assert read["roles"][0]["primary"] is True


@pytest.mark.parametrize("op", ["Add", "Replace", "replace"])
async def test_a_user_with_everything_gets_everything_anew(scim: Scim, op: str) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    operations = [
        {"op": op, "path": path, "value": f"new {n}"} for n, path in enumerate(ATTRIBUTES)
    ]
    answer = await scim.patch(f"/Users/{user['id']}", *operations)
    assert answer.status == 200, answer.text
    for operation in operations:
        assert at(answer.json, ATTRIBUTES[operation["path"]]) == operation["value"]
    assert len(answer.json["emails"]) == len(answer.json["roles"]) == 1


async def test_everything_at_once_without_a_path(scim: Scim) -> None:
    user = await scim.create_user("walker@acme.example")
    values = {path: f"new {n}" for n, path in enumerate(ATTRIBUTES)}
    answer = await scim.patch(f"/Users/{user['id']}", {"op": "replace", "value": values})
    assert answer.status == 200, answer.text
    for path, value in values.items():
        assert at(answer.json, ATTRIBUTES[path]) == value


@pytest.mark.parametrize("nothing", ["", None])
async def test_attributes_are_cleared_by_empty_texts_and_by_null(scim: Scim, nothing: Any) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    for path, place in ATTRIBUTES.items():
        answer = await scim.patch(
            f"/Users/{user['id']}", {"op": "Replace", "path": path, "value": nothing}
        )
        assert answer.status == 200, (path, answer.text)
        with suppress(KeyError, IndexError):  # gone altogether
            assert at(answer.json, place) in (None, "", []), path


async def test_a_user_is_renamed_without_a_path(scim: Scim) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    renamed = await scim.patch(
        f"/Users/{user['id']}", {"op": "Replace", "value": {"userName": "runner@acme.example"}}
    )
    assert (renamed.status, renamed.json["userName"]) == (200, "runner@acme.example")
    assert await scim.found('userName eq "runner@acme.example"') == ["runner@acme.example"]
    assert await scim.found('userName eq "walker@acme.example"') == []


@pytest.mark.parametrize("value", ["False", False])
async def test_a_disabled_user_stays_visible_and_is_restored(scim: Scim, value: Any) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    path = f"/Users/{user['id']}"
    disabled = await scim.patch(path, {"op": "Replace", "path": "active", "value": value})
    assert (disabled.status, disabled.json["active"]) == (200, False)
    assert (await scim("GET", path)).json["active"] is False
    assert await scim.found('userName eq "walker@acme.example"') == ["walker@acme.example"]
    restored = await scim.patch(path, {"op": "Replace", "path": "active", "value": "True"})
    assert restored.json["active"] is True


async def test_a_manager_is_set_checked_replaced_and_removed_by_an_empty_value(scim: Scim) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    first = await scim.create_user("first@acme.example")
    second = await scim.create_user("second@acme.example")
    path = f"/Users/{user['id']}"
    added = await scim.patch(path, {"op": "Add", "path": MANAGER, "value": first["id"]})
    assert added.json[ENTERPRISE]["manager"]["value"] == first["id"]
    check = {"filter": f'id eq "{user["id"]}" and manager eq "{first["id"]}"', "attributes": "id"}
    assert (await scim("GET", "/Users", **check)).json["totalResults"] == 1
    replaced = await scim.patch(
        path, {"op": "Replace", "path": "manager", "value": [{"value": second["id"]}]}
    )
    assert replaced.json[ENTERPRISE]["manager"]["value"] == second["id"]
    assert (await scim("GET", "/Users", **check)).json["totalResults"] == 0
    removed = await scim.patch(path, {"op": "Replace", "path": MANAGER, "value": {"value": ""}})
    assert "manager" not in removed.json[ENTERPRISE]


async def test_a_deleted_user_is_gone_and_cannot_be_deleted_again(scim: Scim) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    path = f"/Users/{user['id']}"
    assert (await scim("DELETE", path)).status == 204
    assert (await scim("GET", path)).error == (404, None)
    assert (await scim("DELETE", path)).error == (404, None)
    assert await scim.found('userName eq "walker@acme.example"') == []


async def test_several_operations_on_one_attribute_apply_in_order(scim: Scim) -> None:
    user = (await scim("POST", "/Users", NEW)).json
    answer = await scim.patch(
        f"/Users/{user['id']}",
        {"op": "Replace", "path": "displayName", "value": "one"},
        {"op": "Add", "path": "displayName", "value": "two"},
        {"op": "Remove", "path": "title"},
        {"op": "Add", "path": "title", "value": "three"},
    )
    assert (answer.json["displayName"], answer.json["title"]) == ("two", "three")


async def test_a_page_says_where_it_starts(scim: Scim) -> None:
    for n in range(4):
        await scim.create_user(f"u{n}")
    page = (await scim("GET", "/Users", startIndex=3, count=5)).json
    assert (page["startIndex"], page["itemsPerPage"], page["totalResults"]) == (3, 2, 4)


async def test_groups_are_unique_and_found_without_their_members(scim: Scim) -> None:
    member = await scim.create_user("member@acme.example")
    new = {
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Engineering",
        "members": [{"value": member["id"]}],
    }  # fmt: skip
    created = await scim("POST", "/Groups", new)
    assert created.status == 201, created.text
    assert (await scim("POST", "/Groups", new)).error == (409, "uniqueness")
    path = f"/Groups/{created.json['id']}"
    assert (await scim("GET", path)).json["members"][0]["value"] == member["id"]
    assert "members" not in (await scim("GET", path, excludedAttributes="members")).json
    for name in ("Engineering", "eNGINEERING"):
        for query in ({}, {"excludedAttributes": "members"}):
            found = (await scim("GET", "/Groups", filter=f'displayName eq "{name}"', **query)).json
            assert found["totalResults"] == 1
            assert ("members" in found["Resources"][0]) is (not query)
    assert await scim.found(f'externalId eq "{new["externalId"]}"', "/Groups") == ["Engineering"]
    assert await scim.found('displayName eq "Nobody"', "/Groups") == []


async def test_a_group_is_changed_in_both_dialects(scim: Scim) -> None:
    one, two = [(await scim.create_user(f"{n}@acme.example"))["id"] for n in ("one", "two")]
    group = await scim.create_group("Engineering")
    path = f"/Groups/{group['id']}"

    async def members(*operations: dict[str, Any]) -> set[str]:
        answer = await scim.patch(path, *operations)
        assert answer.status == 204, answer.text
        read = (await scim("GET", path)).json
        return {member["value"] for member in read.get("members", [])}

    add = {"op": "Add", "path": "members"}
    remove = {"op": "Remove", "path": "members"}
    assert await members({**add, "value": [{"$ref": None, "value": one}]}) == {one}
    assert await members({**add, "value": [{"$ref": None, "value": one}]}) == {one}
    assert await members({**add, "value": [{"value": two}]}) == {one, two}
    assert await members({**remove, "value": [{"$ref": None, "value": one}]}) == {two}
    assert await members({**remove, "value": []}) == {two}
    assert await members({"op": "replace", "path": "members", "value": [{"value": one}]}) == {one}
    assert await members({"op": "remove", "path": f'members[value eq "{one}"]'}) == set()
    assert (
        await members({"op": "replace", "value": {"displayName": "Platform", "externalId": "x"}})
        == set()
    )
    read = (await scim("GET", path)).json
    assert (read["displayName"], read["externalId"]) == ("Platform", "x")
    assert (await scim("DELETE", path)).status == 204
    assert (await scim("DELETE", path)).status == 404


async def test_a_member_that_is_no_user_is_refused_whole(scim: Scim) -> None:
    one = await scim.create_user("one@acme.example")
    group = await scim.create_group("Engineering")
    for id in (str(uuid4()), "no id at all"):
        answer = await scim.patch(
            f"/Groups/{group['id']}",
            {"op": "Add", "path": "members", "value": [{"value": one["id"]}, {"value": id}]},
        )
        assert answer.error == (400, "invalidValue")
    assert "members" not in (await scim("GET", f"/Groups/{group['id']}")).json


async def test_the_reference_collection_is_read_by_its_slashes_and_capitals(scim: Scim) -> None:
    created = await scim(
        "POST",
        "/Users/",
        {"Schemas": [USER], "UserName": "Ryan", "Active": "True", "Emails": [{"Primary": True, "Value": "ryan@acme.example"}]},
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert (created.status, created.json["userName"], created.json["active"]) == (201, "Ryan", True)
    found = await scim("GET", "/Users/", filter='userName eq "ryan"')
    assert found.json["totalResults"] == 1
    refused = await scim("GET", "/Users/", filter="userName eq ryan")
    assert refused.error == (400, "invalidFilter")
    assert "double quotes" in refused.detail


async def test_the_schemas_are_a_list_with_the_group_in_it(scim: Scim) -> None:
    schemas = (await scim("GET", "/Schemas")).json
    assert GROUP in [schema["id"] for schema in schemas["Resources"]]
    user = (await scim("GET", f"/Schemas/{USER}")).json
    emails = next(a for a in user["attributes"] if a["name"] == "emails")
    kind = next(a for a in emails["subAttributes"] if a["name"] == "type")
    assert "work" in kind["canonicalValues"]


async def test_answers_are_scim_json_unless_only_json_is_accepted(scim: Scim) -> None:
    for accept, answered in (
        ("", "application/scim+json"),
        ("application/scim+json", "application/scim+json"),
        ("application/json", "application/json"),
    ):
        headers = {"accept": accept} if accept else {}
        answer = await scim("GET", "/Users", headers=headers)
        assert answer.headers["content-type"].startswith(answered)
