"""What one request may hold, whatever its bytes: more than any provider sends, and no more than a server can bear."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from orgplane_server.scim.limits import (
    MAX_ENTRIES,
    MAX_MEMBERS,
    MAX_OPERATIONS,
    MAX_VALUES,
    SMALL_BYTES,
)
from scim_client import Scim, group, patch, user

ADD: dict[str, Any] = {"op": "add", "path": "members"}


def ids(count: int) -> list[str]:
    return [str(UUID(int=number)) for number in range(count)]


def mails(count: int) -> list[dict[str, str]]:
    return [{"value": f"{n}@a"} for n in range(count)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_more_than_there_may_be_is_refused_by_name(scim: Scim) -> None:
    made = f"/Users/{(await scim.create_user('ann'))['id']}"
    guides = f"/Groups/{(await scim.create_group('Guides'))['id']}"
    much = mails(MAX_ENTRIES + 1)
    halves = [{"op": "add", "path": "emails", "value": mails(MAX_ENTRIES // 2 + 1)}] * 2
    many = ids(MAX_MEMBERS + 1)
    for method, path, body, status, detail in (
        ("POST", "/Users", user("bob", emails=much), 400, "emails: must have at most 500 entries"),
        ("PUT", made, user("ann", roles=much), 400, "roles: must have at most 500 entries"),
        ("PATCH", made, patch(*halves), 400, "Operations: have more than 500 entries of lists"),
        ("PUT", guides, group("G", *many), 400, "members: must have at most 20000 entries"),
        (
            "PATCH",
            guides,
            patch({**ADD, "value": [{"value": id} for id in many]}),
            400,
            "members: must have at most 20000 entries",
        ),
        (
            "PATCH",
            guides,
            patch(*[{"op": "remove", "path": "members"}] * (MAX_OPERATIONS + 1)),
            413,
            "Operations: must be at most 5000",
        ),
        ("POST", "/Users", {"a": [0] * MAX_VALUES}, 413, "the body has more than 60000 values"),
    ):
        answer = await scim(method, path, body)
        assert (answer.status, answer.detail) == (status, detail), (method, path)
        operation = {"method": method, "path": path, "data": body}
        bulk = await scim("POST", "/Bulk", {"Operations": [operation]})
        inner = bulk.json["Operations"][0]["response"] if bulk.status == 200 else bulk.json
        assert inner["detail"] == detail
    assert await scim.found("userName pr") == ["ann"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_large_bodies_do_what_small_ones_do(scim: Scim) -> None:
    """A thread reads them, alone and as parts of a bulk request."""
    users = [(await scim.create_user(f"u{number}"))["id"] for number in range(3)]
    bulk_ids = ["bulkId:dan", *users[1:]] * 200
    dan = {"method": "POST", "path": "/Users", "bulkId": "dan", "data": user("dan")}
    guides = {"method": "POST", "path": "/Groups", "data": group("Guides", *bulk_ids)}
    answer = await scim("POST", "/Bulk", {"Operations": [guides, dan]})
    assert [each["status"] for each in answer.json["Operations"]] == ["201", "201"]
    path = answer.json["Operations"][0]["location"].partition("/scim/v2")[2]
    assert len((await scim("GET", path)).json["members"]) == 3
    answer = await scim("PUT", path, group("Guides", *users * 200))
    assert {each["value"] for each in answer.json["members"]} == set(users)
    changes = [{**ADD, "op": op, "value": [{"value": users[0]}]} for op in ("remove", "add")]
    assert (await scim.patch(path, *[changes[0]] * 300)).status == 204
    assert len((await scim("GET", path)).json["members"]) == 2
    found = " or ".join(f'userName eq "u{number}"' for number in range(40))
    assert len(found) > 256
    assert await scim.found(found) == ["u0", "u1", "u2"]
    broken = b'{"userName": "' + b"x" * SMALL_BYTES + b'", "a": [1, NaN]}'
    refused = await scim("POST", "/Users", broken)
    assert refused.detail == "body: is not JSON: NaN is no JSON value"
