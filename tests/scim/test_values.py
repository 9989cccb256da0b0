"""A value means the same however it comes: in POST, PUT and PATCH, with a path and without one, and in Bulk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scim_client import ENTERPRISE, USER, Answer, Scim, group, ignored, patch, user

#: The requests that set an attribute of a user who is there.
WAYS: dict[str, Callable[[str, Any], tuple[str, Any]]] = {
    "PUT": lambda name, value: ("PUT", user("eve", **{name: value})),
    "replace": lambda name, value: (
        "PATCH",
        patch({"op": "replace", "path": name, "value": value}),
    ),
    "add": lambda name, value: ("PATCH", patch({"op": "add", "path": name, "value": value})),
    "without a path": lambda name, value: (
        "PATCH",
        patch({"op": "replace", "value": {name: value}}),
    ),
    "in a list": lambda name, value: ("PATCH", patch({"op": "add", "value": [{name: value}]})),
}
every_way = pytest.mark.parametrize("way", WAYS)


async def set_to(scim: Scim, eve: Any, way: str, name: str, value: Any) -> Answer:
    method, body = WAYS[way](name, value)
    return await scim(method, f"/Users/{eve['id']}", body)


async def in_bulk(scim: Scim, eve: Any, way: str, name: str, value: Any) -> Any:
    method, body = WAYS[way](name, value)
    operation = {"method": method, "path": f"/Users/{eve['id']}", "data": body}
    answer = await scim("POST", "/Bulk", {"Operations": [operation]})
    (outcome,) = answer.json["Operations"]
    return outcome


# Two primaries.

BOTH = [
    {"value": "eve@acme.example", "type": "work", "primary": True},
    {"value": "eve@home.example", "type": "home", "primary": "True"},
]


def primaries(resource: Any) -> list[str]:
    return [entry["value"] for entry in resource["emails"] if entry.get("primary")]


async def test_of_two_primary_entries_a_new_user_has_the_first(scim: Scim) -> None:
    answer = await scim("POST", "/Users", user("eve", emails=BOTH))
    assert primaries(answer.json) == ["eve@acme.example"]
    assert ignored(answer) == ["emails.primary"]


@every_way
async def test_of_two_primary_entries_the_first_is_the_primary_one(scim: Scim, way: str) -> None:
    eve = await scim.create_user("eve", emails=[{"value": "old@acme.example", "primary": True}])
    answer = await set_to(scim, eve, way, "emails", BOTH)
    assert primaries(answer.json) == ["eve@acme.example"]
    assert ignored(answer) == ["emails.primary"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": 'emails[type eq "home"].primary', "value": "True"},
        {"op": "add", "path": 'emails[type eq "home"]', "value": {"primary": True}},
        {"op": "replace", "value": {'emails[type eq "home"].primary': True}},
        {"op": "add", "path": "emails", "value": {"value": "eve@home.example", "primary": True}},
    ],
)
async def test_a_patch_that_makes_an_entry_primary_takes_it_from_the_others(
    scim: Scim, operation: dict[str, Any]
) -> None:
    mails = [BOTH[0], {"value": "old@home.example", "type": "home"}]
    eve = await scim.create_user("eve", emails=mails)
    (primary,) = primaries((await scim.patch(f"/Users/{eve['id']}", operation)).json)
    assert primary.endswith("@home.example")


# What only decorates.

NO_URLS = [" ", "eve.png", "://", 'data:image/png;base64,"' + "A" * 9000]


@pytest.mark.parametrize("value", NO_URLS, ids=["blank", "file", "broken", "picture"])
async def test_what_is_no_url_costs_nobody_the_account(scim: Scim, value: str) -> None:
    photos = [{"value": value, "type": "photo"}, {"value": "https://acme.example/eve.png"}]
    answer = await scim("POST", "/Users", user("eve", profileUrl=value, photos=photos))
    assert answer.status == 201, answer.text
    assert "profileUrl" not in answer.json
    assert answer.json["photos"] == photos[1:]
    assert ignored(answer) == ["profileUrl", "photos.value"]


@every_way
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("profileUrl", " ", "profileUrl"),
        ("photos", [{"value": "eve.png", "type": "photo"}], "photos.value"),
    ],
)
async def test_what_is_no_url_takes_the_place_of_a_good_one(
    scim: Scim, way: str, name: str, value: Any, told: str
) -> None:
    good = {
        "profileUrl": "https://acme.example/eve",
        "photos": [{"value": "https://acme.example/eve.png", "type": "photo"}],
    }
    eve = await scim.create_user("eve", **good)
    answer = await set_to(scim, eve, way, name, value)
    assert ignored(answer) == [told]
    adds_an_entry = name == "photos" and way in ("add", "in a list")
    assert answer.json.get(name) == (good[name] if adds_an_entry else None)


async def test_a_photo_that_a_filter_selects_is_unassigned_by_what_is_no_url(scim: Scim) -> None:
    eve = await scim.create_user(
        "eve", photos=[{"value": "https://acme.example/eve.png", "type": "photo"}]
    )
    path = 'photos[type eq "photo"].value'
    answer = await scim.patch(
        f"/Users/{eve['id']}", {"op": "replace", "path": path, "value": "eve.png"}
    )
    assert answer.json["photos"] == [{"type": "photo"}]
    assert ignored(answer) == ["photos[type%20eq%20%22photo%22].value"]


# Objects, and lists of one.


@every_way
async def test_a_list_of_one_object_is_that_object(scim: Scim, way: str) -> None:
    eve = await scim.create_user("eve")
    answer = await set_to(scim, eve, way, "name", [{"givenName": "Eve"}])
    assert answer.json["name"] == {"givenName": "Eve"}
    answer = await set_to(scim, eve, way, ENTERPRISE, [{"manager": [{"value": "m"}]}])
    assert answer.json[ENTERPRISE] == {"manager": {"value": "m"}}
    for names in ([], [{"givenName": "Eve"}, {"givenName": "Ada"}]):
        refused = await set_to(scim, eve, way, "name", names)
        assert refused.error == (400, "invalidValue")
        assert refused.detail == "name: must be an object"


# What does not fit.


@every_way
@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("nickName", 7, "nickName"),
        ("displayName", True, "displayName"),
        ("active", 0, "active"),
        ("name", "Eve", "name"),
        ("name", {"givenName": 7}, "name.givenName"),
        ("emails", "eve@acme.example", "emails"),
        ("emails", ["eve@acme.example"], "emails[0]"),
        ("addresses", [{"postalCode": 12345}], "addresses.postalCode"),
        ("roles", [{"primary": 1}], "roles.primary"),
        (ENTERPRISE, {"employeeNumber": 7}, f"{ENTERPRISE}:employeeNumber"),
        (ENTERPRISE, "sales", ENTERPRISE),
        ("phoneNumbers", [{"operation": "delete", "value": "1"}], "phoneNumbers.operation"),
        ("name", {"operation": "delete", "givenName": "Eve"}, "name.operation"),
        ("x509Certificates", [{"value": "MIIB!!"}], "x509Certificates.value"),
        ("x509Certificates", [{"value": "QR=="}], "x509Certificates.value"),
        ("x509Certificates", [{"value": "MII B"}], "x509Certificates.value"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_by_the_name_it_was_sent_under(
    scim: Scim, way: str, name: str, value: Any, field: str
) -> None:
    eve = await scim.create_user("eve", title="Guide")
    refused = await set_to(scim, eve, way, name, value)
    assert refused.error == (400, "invalidValue")
    assert refused.detail.startswith(f"{field}: ")
    outcome = await in_bulk(scim, eve, way, name, value)
    assert (outcome["status"], outcome["response"]["detail"]) == ("400", refused.detail)
    assert (await scim("GET", f"/Users/{eve['id']}")).json == eve


async def test_a_scim_1_operation_in_an_entry_that_says_nothing_else_is_nothing(
    scim: Scim,
) -> None:
    eve = await scim.create_user("eve")
    entry = {"operation": "delete", "type": "work", "value": ""}
    answer = await scim.patch(
        f"/Users/{eve['id']}", {"op": "replace", "value": {"phoneNumbers": [entry]}}
    )
    assert answer.status == 200
    assert "phoneNumbers" not in answer.json


# What says nothing, and what the server assigns.


@pytest.mark.parametrize("way", ["PUT", "replace", "add", "without a path", "in a list"])
@pytest.mark.parametrize("value", [None, ""])
async def test_a_suspended_user_does_not_come_back_by_what_is_not_said(
    scim: Scim, way: str, value: Any
) -> None:
    eve = await scim.create_user("eve", active=False)
    answer = await set_to(scim, eve, way, "active", value)
    assert answer.json["active"] is False
    assert await scim.found("active eq true") == []
    assert await scim.found("active eq false") == ["eve"]


@pytest.mark.parametrize("active", [True, False])
async def test_active_that_is_removed_or_left_out_stays_as_it_is(scim: Scim, active: bool) -> None:
    eve = await scim.create_user("eve", active=active)
    path = f"/Users/{eve['id']}"
    for removal in ({"path": "active"}, {"path": "active", "value": str(not active)}):
        answer = await scim.patch(path, {"op": "remove", **removal})
        assert answer.json["active"] is active
        assert ignored(answer) == ["active"]
    answer = await scim("PUT", path, user("eve"))
    assert answer.json["active"] is active
    assert ignored(answer) == []


@every_way
async def test_what_the_server_assigns_stays_in_a_value_that_says_more(
    scim: Scim, way: str
) -> None:
    eve = await scim.create_user("eve")
    await scim.create_group("Guides", eve)
    eve = (await scim("GET", f"/Users/{eve['id']}")).json
    manager = {"manager": {"value": "m", "displayName": "Boss"}}
    answer = await set_to(scim, eve, way, ENTERPRISE, manager)
    assert answer.json[ENTERPRISE] == {"manager": {"value": "m"}}
    assert ignored(answer) == [f"{ENTERPRISE}:manager.displayName"]


@pytest.mark.parametrize("op", ["add", "replace"])
async def test_a_whole_user_can_be_sent_back(scim: Scim, op: str) -> None:
    eve = await scim.create_user("eve")
    await scim.create_group("Guides", eve)
    whole = (await scim("GET", f"/Users/{eve['id']}")).json
    path = f"/Users/{eve['id']}"
    for value in (whole, {USER: whole}):
        answer = await scim.patch(path, {"op": op, "value": {**value, "displayName": op}})
        assert answer.json["groups"] == whole["groups"]
        assert ignored(answer) == ["groups"]
    foreign = {"op": op, "value": {"id": "another", "displayName": "Eve"}}
    answer = await scim.patch(path, foreign)
    assert (answer.json["id"], answer.json["displayName"]) == (eve["id"], "Eve")
    assert ignored(answer) == ["id"]


async def test_schemas_are_known_in_any_case(scim: Scim) -> None:
    body = {**user("eve"), "schemas": [USER.upper(), "urn:acme:1.0:User"]}
    made = await scim("POST", "/Users", body)
    assert made.json["schemas"] == [USER]
    assert (await scim("PUT", f"/Users/{made.json['id']}", body)).status == 200
    for schemas in ([ENTERPRISE], "x", [7]):
        refused = await scim("PUT", f"/Users/{made.json['id']}", {**body, "schemas": schemas})
        assert refused.detail.startswith("schemas: ")


async def test_a_member_is_shown_as_the_user_is(scim: Scim) -> None:
    eve = await scim.create_user("eve")
    ada = await scim.create_user("ada", displayName="Ada")
    made = await scim("POST", "/Groups", group("Guides", eve, ada))
    assert {member["display"] for member in made.json["members"]} == {"eve", "Ada"}
    await scim.patch(f"/Users/{eve['id']}", {"op": "add", "path": "displayName", "value": "Eve"})
    shown = (await scim("GET", f"/Groups/{made.json['id']}")).json["members"]
    assert {member["display"] for member in shown} == {"Eve", "Ada"}
