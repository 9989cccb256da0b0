"""What a request says in vain is told: to the client in a header, to administrators in the request log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.usecases.organization import Founded
from pyqwest import Client
from scim_client import ENTERPRISE, ORIGIN, USER, Scim, group, ignored, patch, user

UNDECLARED = "urn:acme:1.0:User"


async def remarks(http: Client, owner: Founded, configuration: ScimConfiguration) -> list[str]:
    """What the request log says of each request, oldest first."""
    response = await http.post(
        f"{ORIGIN}/orgplane.v1.ScimProvisioningService/ListScimRequests",
        {
            "authorization": f"Bearer {owner.token.reveal()}",
            "content-type": "application/json",
        },
        json.dumps({"scimConfigurationId": str(configuration.id), "oldestFirst": True}).encode(),
    )
    listed = json.loads(response.text())["scimRequests"]
    return [request.get("remark", "") for request in listed]


async def test_what_is_understood_needs_no_remark(
    scim: Scim, http: Client, acme: Founded, configuration: ScimConfiguration
) -> None:
    made = await scim("POST", "/Users", user("eve", title="Guide", shoeSize=None))
    assert ignored(made) == []
    await scim("GET", "/Users", filter="nonsense")
    assert await remarks(http, acme, configuration) == ["", ""]


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("PUT", user("eve", shoeSize=7)),
        ("PATCH", patch({"op": "add", "path": "shoeSize", "value": 7})),
        ("PATCH", patch({"op": "replace", "path": "shoeSize", "value": 7})),
        ("PATCH", patch({"op": "remove", "path": "shoeSize"})),
        ("PATCH", patch({"op": "replace", "value": {"shoeSize": 7, "title": "Guide"}})),
    ],
)
async def test_an_attribute_that_nobody_declared_is_told_alike_whatever_is_done_to_it(
    scim: Scim,
    http: Client,
    acme: Founded,
    configuration: ScimConfiguration,
    method: str,
    body: dict[str, Any],
) -> None:
    eve = await scim.create_user("eve")
    assert ignored(await scim(method, f"/Users/{eve['id']}", body)) == ["shoeSize"]
    bulk = {"Operations": [{"method": method, "path": f"/Users/{eve['id']}", "data": body}]}
    assert ignored(await scim("POST", "/Bulk", bulk)) == ["shoeSize"]
    remark = "shoeSize was ignored: it is no attribute here"
    assert await remarks(http, acme, configuration) == ["", remark, remark]


async def test_names_are_told_as_they_were_sent(scim: Scim) -> None:
    extended = {
        UNDECLARED: {"shoeSize": 7},
        ENTERPRISE: {"shoeSize": 7},
        "emails": [{"value": "eve@acme.example", "verified": True}],
        "Schuhgröße, links": 7,
    }
    told = [
        UNDECLARED,
        f"{ENTERPRISE}:shoeSize",
        "emails.verified",
        "Schuhgr%C3%B6%C3%9Fe%2C%20links",
    ]
    assert ignored(await scim("POST", "/Users", user("eve", **extended))) == told
    answer = await scim("POST", "/Groups", {**group("Guides"), "owner": "eve"})
    assert ignored(answer) == ["owner"]
    eve = (await scim.users())[0]["id"]
    paths = [f"{UNDECLARED}:shoeSize", f"{USER}:shoeSize", "shoeSize.left"]
    operations = [{"op": "replace", "path": path, "value": 7} for path in paths]
    assert ignored(await scim.patch(f"/Users/{eve}", *operations)) == paths


async def test_more_names_than_a_header_holds_are_cut_short(scim: Scim) -> None:
    made = await scim("POST", "/Users", user("eve", **{f"custom{n}": 1 for n in range(500)}))
    told = ignored(made)
    assert told[:2] == ["custom0", "custom1"]
    assert told[-1] == "..."
    assert len(made.headers["orgplane-ignored"]) < 1500


async def test_a_refused_request_did_nothing_in_part(
    scim: Scim, http: Client, acme: Founded, configuration: ScimConfiguration
) -> None:
    refused = await scim("POST", "/Users", {"userName": "", "shoeSize": 7})
    assert refused.status == 400
    assert "orgplane-ignored" not in refused.headers
    assert await remarks(http, acme, configuration) == [""]


@pytest.mark.parametrize("op", ["add", "replace"])
async def test_active_without_a_value_is_told_whatever_is_done_with_it(scim: Scim, op: str) -> None:
    eve = await scim.create_user("eve")
    answer = await scim.patch(f"/Users/{eve['id']}", {"op": op, "path": "active", "value": None})
    assert ignored(answer) == ["active"]


async def test_what_is_no_part_of_an_operation_is_told(scim: Scim) -> None:
    eve = await scim.create_user("eve")
    guides = await scim.create_group("Guides")
    added = {"name": "addMember", "op": "Add", "path": "members", "value": [{"value": eve["id"]}]}
    answer = await scim.patch(f"/Groups/{guides['id']}", added)
    assert answer.status == 204
    assert ignored(answer) == ["Operations[0].name"]
    path = f'members[value eq "{eve["id"]}"]'
    removed = {"name": "removeMember", "op": "Remove", "path": path}
    answer = await scim.patch(f"/Groups/{guides['id']}", removed)
    assert answer.status == 204
    assert ignored(answer) == ["Operations[0].name"]
