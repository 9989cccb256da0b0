from __future__ import annotations

from typing import Any

from scim_client import ENTERPRISE, GROUP, Answer, Scim, patch, user

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


async def bulk(scim: Scim, *operations: dict[str, Any], **more: Any) -> Answer:
    return await scim("POST", "/Bulk", {"schemas": [BULK], "Operations": list(operations), **more})


def create(bulk_id: str, user_name: str, **attributes: Any) -> dict[str, Any]:
    return {
        "method": "POST",
        "path": "/Users",
        "bulkId": bulk_id,
        "data": user(user_name, **attributes),
    }


async def test_operations_refer_to_what_others_create_even_later(scim: Scim) -> None:
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "guides",
        "data": {
            "schemas": [GROUP],
            "displayName": "Guides",
            "members": [{"type": "User", "value": "bulkId:alice"}],
        },
    }
    add = {
        "method": "PATCH",
        "path": "/Groups/bulkId:guides",
        "data": {
            "Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:bob"}]}]
        },
    }
    remove = {
        "method": "PATCH",
        "path": "/Groups/bulkId:guides",
        "data": {"Operations": [{"op": "remove", "path": 'members[value eq "bulkId:alice"]'}]},
    }
    answer = await bulk(scim, group, add, create("alice", "alice"), remove, create("bob", "bob"))
    assert answer.status == 200, answer.text
    results = answer.json["Operations"]
    assert [result["status"] for result in results] == ["201", "204", "201", "204", "201"]
    assert [result.get("bulkId") for result in results] == ["guides", None, "alice", None, "bob"]
    assert "response" not in results[0]
    found = (await scim("GET", "/Groups")).json["Resources"]
    assert results[0]["location"] == found[0]["meta"]["location"]
    assert await scim.found(f'groups.value eq "{found[0]["id"]}"') == ["bob"]


async def test_each_operation_has_its_own_outcome(scim: Scim) -> None:
    old = await scim.create_user("old")
    answer = await bulk(
        scim,
        create("a", "alice"),
        create("b", "ALICE"),
        {"method": "DELETE", "path": f"/Users/{old['id']}", "version": 'W/"7"'},
        {"method": "DELETE", "path": f"/Users/{old['id']}", "version": 'W/"1"'},
        {"method": "PUT", "path": "/Users/nobody", "data": user("x")},
    )
    results = answer.json["Operations"]
    assert [result["status"] for result in results] == ["201", "409", "412", "204", "404"]
    assert results[1]["response"]["scimType"] == "uniqueness"
    assert results[0]["version"] == 'W/"1"'
    assert results[3]["location"] == old["meta"]["location"]
    assert await scim.found("userName pr") == ["alice"]


async def test_no_more_is_done_after_as_many_errors_as_are_told(scim: Scim) -> None:
    answer = await bulk(
        scim,
        create("a", "alice"),
        create("b", "alice"),
        create("c", "carol"),
        failOnErrors=1,
    )
    assert [result["status"] for result in answer.json["Operations"]] == ["201", "409"]
    assert await scim.found("userName pr") == ["alice"]


async def test_what_refers_to_what_is_never_created_is_a_conflict(scim: Scim) -> None:
    await scim.create_user("taken")

    def manager(id: str) -> dict[str, Any]:
        return {ENTERPRISE: {"manager": {"value": f"bulkId:{id}"}}}

    answer = await bulk(
        scim,
        create("a", "alice", **manager("b")),
        create("b", "bob", **manager("a")),
        create("c", "taken"),
        create("d", "dave", **manager("c")),
    )
    results = answer.json["Operations"]
    assert [result["status"] for result in results] == ["409", "409", "409", "409"]
    assert "b" in results[0]["response"]["detail"]


async def test_a_request_that_is_no_bulk_request_does_nothing(scim: Scim) -> None:
    good = create("a", "alice")
    for bad, status in (
        ({"Operations": []}, 400),
        ({"Operations": [good, {"method": "GET", "path": "/Users"}]}, 400),
        ({"Operations": [good, {"method": "POST", "path": "/Bulk", "data": {}}]}, 400),
        ({"Operations": [good, {"method": "POST", "path": "/Users/.search", "data": {}}]}, 400),
        ({"Operations": [good, good]}, 400),
        ({"Operations": [good], "failOnErrors": "1"}, 400),
        ({"Operations": [{"method": "DELETE", "path": "/Users/x"}] * 1001}, 413),
        ([good], 400),
    ):
        answer = await scim("POST", "/Bulk", bad)
        assert answer.error[0] == status, bad
    assert await scim.found("userName pr") == []


async def test_what_is_said_twice_in_other_cases_is_refused(scim: Scim) -> None:
    eve = await scim.create_user("eve")
    first = patch({"op": "replace", "path": "title", "value": "Guide"})
    second = patch({"op": "replace", "path": "active", "value": False})
    change = {"method": "PATCH", "path": f"/Users/{eve['id']}", "data": first}
    answers = [
        await bulk(scim, change, operations=[{**change, "data": second}]),
        await bulk(scim, {**change, "Data": second}),
    ]
    assert [answer.error for answer in answers] == [(400, "invalidSyntax")] * 2
    assert (await scim("GET", f"/Users/{eve['id']}")).json == eve
