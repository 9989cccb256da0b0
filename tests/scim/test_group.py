from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from scim_client import GROUP, Scim


@pytest.fixture
async def people(scim: Scim) -> list[Any]:
    return [await scim.create_user(f"user{number}") for number in range(4)]


async def members(scim: Scim, group: Any) -> set[str]:
    answer = await scim("GET", f"/Groups/{group['id']}")
    assert answer.status == 200
    names = {user["id"]: user["userName"] for user in await scim.users()}
    return {names[member["value"]] for member in answer.json.get("members", [])}


async def test_a_group_shows_its_members_and_its_members_show_it(
    scim: Scim, people: list[Any]
) -> None:
    answer = await scim(
        "POST",
        "/Groups",
        {
            "schemas": [GROUP],
            "displayName": "Tour Guides",
            "externalId": "g1",
            "members": [{"value": people[0]["id"]}, {"value": people[1]["id"]}],
        },
    )
    assert answer.status == 201, answer.text
    group = answer.json
    assert answer.headers["location"] == group["meta"]["location"]
    assert group["displayName"] == "Tour Guides"
    assert group["externalId"] == "g1"
    assert group["members"][0] == {
        "value": people[0]["id"],
        "$ref": people[0]["meta"]["location"],
        "display": people[0]["userName"],
        "type": "User",
    }
    assert (await scim("GET", f"/Groups/{group['id']}")).json == group
    user = (await scim("GET", f"/Users/{people[0]['id']}")).json
    assert user["groups"] == [
        {
            "value": group["id"],
            "$ref": group["meta"]["location"],
            "display": "Tour Guides",
            "type": "direct",
        }
    ]
    assert await scim.found('displayName eq "TOUR guides"', "/Groups") == ["Tour Guides"]
    assert await scim.found(f'members.value eq "{people[1]["id"]}"', "/Groups") == ["Tour Guides"]
    assert await scim.found(f'members[value eq "{people[2]["id"]}"]', "/Groups") == []
    assert await scim.found(f'groups.value eq "{group["id"]}"') == ["user0", "user1"]


async def test_members_are_added_removed_and_replaced(scim: Scim, people: list[Any]) -> None:
    group = await scim.create_group("Guides", people[0])
    path, ids = f"/Groups/{group['id']}", [person["id"] for person in people]

    async def patch(*operations: dict[str, Any]) -> set[str]:
        answer = await scim.patch(path, *operations)
        assert (answer.status, answer.text) == (204, "")
        return await members(scim, group)

    added = {"op": "add", "path": "members", "value": [{"value": ids[1]}, {"value": ids[2]}]}
    assert await patch(added) == {"user0", "user1", "user2"}
    assert await patch(added) == {"user0", "user1", "user2"}
    removed = {"op": "remove", "path": f'members[value eq "{ids[0]}"]'}
    assert await patch(removed) == {"user1", "user2"}
    either = f'members[value eq "{ids[1]}" or value eq "{ids[3]}"]'
    assert await patch({"op": "remove", "path": either}) == {"user2"}
    replaced = {"op": "replace", "path": "members", "value": [{"value": ids[3]}]}
    assert await patch(replaced) == {"user3"}
    assert await patch({"op": "remove", "path": "members"}) == set()
    both = {
        "op": "replace",
        "value": {"displayName": "Other", "members": [{"value": ids[0]}]},
    }
    assert await patch(both, added) == {"user0", "user1", "user2"}
    assert (await scim("GET", path)).json["displayName"] == "Other"


async def test_a_patch_with_one_bad_operation_changes_nothing(
    scim: Scim, people: list[Any]
) -> None:
    group = await scim.create_group("Guides", people[0])
    path = f"/Groups/{group['id']}"
    for bad in (
        {"op": "add", "path": "members", "value": [{"value": str(uuid4())}]},
        {"op": "add", "path": "members", "value": [{"value": "no-id"}]},
        {"op": "replace", "path": "displayName", "value": ""},
        {"op": "remove", "path": "displayName"},
        {"op": "replace", "path": "members", "value": [{}]},
        {"op": "remove", "path": 'members[type eq "User"]'},
    ):
        answer = await scim.patch(
            path,
            {"op": "replace", "path": "displayName", "value": "Other"},
            {"op": "add", "path": "members", "value": [{"value": people[1]["id"]}]},
            bad,
        )
        assert answer.error[0] == 400, bad
        assert (await scim("GET", path)).json == group


async def test_what_changes_nothing_leaves_the_version(scim: Scim, people: list[Any]) -> None:
    group = await scim.create_group("Guides", people[0])
    path, id = f"/Groups/{group['id']}", people[0]["id"]
    for operation in (
        {"op": "add", "path": "members", "value": [{"value": id}]},
        {"op": "replace", "path": "members", "value": [{"value": id}]},
        {"op": "replace", "path": "displayName", "value": "Guides"},
        {"op": "remove", "path": f'members[value eq "{people[1]["id"]}"]'},
    ):
        assert (await scim.patch(path, operation)).status == 204
        assert (await scim("GET", path)).json == group
    put = await scim("PUT", path, {"schemas": [GROUP], "displayName": "Guides"})
    assert put.status == 200
    assert put.json == group


async def test_operations_that_do_the_same_are_done_in_one_go(
    scim: Scim, people: list[Any]
) -> None:
    group = await scim.create_group("Guides")
    path, ids = f"/Groups/{group['id']}", [person["id"] for person in people]
    adds = [{"op": "add", "path": "members", "value": [{"value": id}]} for id in ids]
    removes = [{"op": "remove", "path": f'members[value eq "{id}"]'} for id in ids[1:]]
    assert (await scim.patch(path, *adds * 100, *removes * 100)).status == 204
    assert await members(scim, group) == {"user0"}
    assert (await scim("GET", path)).json["meta"]["version"] == 'W/"2"'
    endless = await scim.patch(path, *[adds[0], removes[0]] * 100)
    assert endless.error == (413, None)


async def test_parallel_changes_of_members_all_survive(scim: Scim) -> None:
    people = [await scim.create_user(f"user{number}") for number in range(12)]
    group = await scim.create_group("Guides", *people[:4])

    async def change(number: int) -> int:
        if number < 4:
            operation = {"op": "remove", "path": f'members[value eq "{people[number]["id"]}"]'}
        else:
            operation = {
                "op": "add",
                "path": "members",
                "value": [{"value": people[number]["id"]}],
            }
        return (await scim.patch(f"/Groups/{group['id']}", operation)).status

    assert set(await asyncio.gather(*map(change, range(12)))) == {204}
    assert await members(scim, group) == {f"user{number}" for number in range(4, 12)}
    assert (await scim("GET", f"/Groups/{group['id']}")).json["meta"]["version"] == 'W/"13"'


async def test_users_may_go_while_groups_change(scim: Scim) -> None:
    people = [await scim.create_user(f"user{number}") for number in range(8)]
    groups = [await scim.create_group(f"g{number}", *people[:4]) for number in range(3)]
    value = [{"value": person["id"]} for person in people]
    answers = await asyncio.gather(
        *(
            scim.patch(f"/Groups/{group['id']}", {"op": op, "path": "members", "value": value})
            for group in groups
            for op in ("add", "replace")
        ),
        *(scim("DELETE", f"/Users/{person['id']}") for person in people[2:6]),
    )
    assert {answer.status for answer in answers} <= {204, 400}
    assert {answer.status for answer in answers[-4:]} == {204}
    left = {person["userName"] for person in people} - {f"user{n}" for n in range(2, 6)}
    for group in groups:
        assert await members(scim, group) <= left


async def test_excluded_members_are_not_there(scim: Scim, people: list[Any]) -> None:
    group = await scim.create_group("Guides", *people)
    without = {name: value for name, value in group.items() if name != "members"}
    one = await scim("GET", f"/Groups/{group['id']}", excludedAttributes="members")
    assert one.json == without
    found = await scim(
        "GET", "/Groups", excludedAttributes="members", filter='displayName eq "guides"'
    )
    assert found.json["Resources"] == [without]
    found = await scim("GET", "/Groups", attributes="displayName")
    assert found.json["Resources"] == [
        {"schemas": [GROUP], "id": group["id"], "displayName": "Guides"}
    ]


async def test_names_are_unique(scim: Scim) -> None:
    await scim.create_group("Guides")
    other = await scim.create_group("Others")
    taken = await scim("POST", "/Groups", {"schemas": [GROUP], "displayName": "GUIDES"})
    assert taken.error == (409, "uniqueness")
    renamed = await scim.patch(
        f"/Groups/{other['id']}", {"op": "replace", "path": "displayName", "value": "guides"}
    )
    assert renamed.error == (409, "uniqueness")


async def test_a_deleted_group_is_gone_and_its_name_is_free(scim: Scim, people: list[Any]) -> None:
    group = await scim.create_group("Guides", *people)
    path = f"/Groups/{group['id']}"
    assert (await scim("DELETE", path)).status == 204
    assert (await scim("DELETE", path)).error == (404, None)
    assert (await scim("GET", path)).error == (404, None)
    assert "groups" not in (await scim("GET", f"/Users/{people[0]['id']}")).json
    await scim.create_group("Guides", people[0])


async def test_a_deleted_user_is_in_no_group(scim: Scim, people: list[Any]) -> None:
    group = await scim.create_group("Guides", *people)
    assert (await scim("DELETE", f"/Users/{people[0]['id']}")).status == 204
    after = (await scim("GET", f"/Groups/{group['id']}")).json
    assert len(after["members"]) == 3
    assert after["meta"]["version"] != group["meta"]["version"]
