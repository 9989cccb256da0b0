"""What the operations of a PATCH reach: done as they are meant, or refused by name; never 200 with nothing done."""

from __future__ import annotations

from typing import Any

import pytest
from scim_client import ENTERPRISE, PATCH_OP, USER, Scim, ignored, patch
from scim_client import GROUP as GROUP_URN

MAILS = [{"value": "eve@acme.example", "type": "work"}, {"value": "eve@home.example"}]


@pytest.fixture
async def eve(scim: Scim) -> Any:
    return await scim.create_user("eve", emails=MAILS, **{ENTERPRISE: {"department": "d"}})


@pytest.fixture
async def guides(scim: Scim, eve: Any) -> Any:
    return await scim.create_group("Guides", eve, await scim.create_user("ada"))


async def members(scim: Scim, group: Any) -> int:
    return len((await scim("GET", f"/Groups/{group['id']}")).json.get("members", []))


# A part of every entry of a list.


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize("pathless", [True, False])
async def test_an_entry_is_made_where_a_path_leads_into_a_list_without_one(
    scim: Scim, eve: Any, op: str, pathless: bool
) -> None:
    operations: list[dict[str, Any]] = [
        {"op": op, "value": {"roles.value": "Admin"}}
        if pathless
        else {"op": op, "path": "roles.value", "value": "Admin"},
        {"op": op, "path": "roles.type", "value": "default"},
    ]
    answer = await scim.patch(f"/Users/{eve['id']}", *operations)
    assert answer.json["roles"] == [{"value": "Admin", "type": "default"}]
    assert (await scim("GET", f"/Users/{eve['id']}")).json == answer.json


async def test_a_path_into_a_list_means_every_entry_that_is_there(scim: Scim, eve: Any) -> None:
    path = f"/Users/{eve['id']}"
    answer = await scim.patch(path, {"op": "add", "path": "emails.display", "value": "Eve"})
    assert answer.json["emails"] == [{**mail, "display": "Eve"} for mail in MAILS]
    answer = await scim.patch(path, {"op": "remove", "path": "emails.display"})
    assert answer.json["emails"] == MAILS
    answer = await scim.patch(path, {"op": "remove", "path": "roles.display"})
    assert "roles" not in answer.json


# Names.


@pytest.mark.parametrize(
    ("path", "value", "query"),
    [
        (f"{USER}.active", False, "active eq false"),
        (f"{USER}.name.givenName", "Eve", f'{USER}.name.givenName eq "Eve"'),
        (f"{ENTERPRISE}.department", "Army", f'{ENTERPRISE}.department eq "army"'),
        (f"{ENTERPRISE.upper()}.manager.value", "m", f'{ENTERPRISE}.manager.value eq "m"'),
    ],
)
@pytest.mark.parametrize("pathless", [True, False])
async def test_a_dot_after_a_urn_is_a_colon(
    scim: Scim, eve: Any, path: str, value: Any, query: str, pathless: bool
) -> None:
    operation = {"value": {path: value}} if pathless else {"path": path, "value": value}
    answer = await scim.patch(f"/Users/{eve['id']}", {"op": "replace", **operation})
    assert ignored(answer) == []
    assert await scim.found(query) == ["eve"]
    assert await scim.found(query, sortBy=f"{USER}.userName", attributes=f"{USER}.userName") == [
        "eve"
    ]


async def test_members_are_removed_with_a_dot_after_the_urn(
    scim: Scim, eve: Any, guides: Any
) -> None:
    operation = {"op": "remove", "path": f"{GROUP_URN}.members", "value": [{"value": eve["id"]}]}
    assert (await scim.patch(f"/Groups/{guides['id']}", operation)).status == 204
    assert await members(scim, guides) == 1


@pytest.mark.parametrize("op", ["add", "replace", "remove"])
@pytest.mark.parametrize(
    "path",
    [
        *("emails.work", 'emails[type eq "work"].work', "name.nick", f"{USER}:name.nick"),
        *("userName.x", "manager.name", f"{ENTERPRISE}:manager.name"),
    ],
)
async def test_a_part_that_an_attribute_does_not_have_is_refused(
    scim: Scim, eve: Any, op: str, path: str
) -> None:
    refused = await scim.patch(f"/Users/{eve['id']}", {"op": op, "path": path, "value": "x"})
    assert refused.error == (400, "invalidPath")
    assert path.rpartition(".")[0] in refused.detail
    if op != "remove":
        refused = await scim.patch(f"/Users/{eve['id']}", {"op": op, "value": {path: "x"}})
        assert refused.error == (400, "invalidPath")
    assert (await scim("GET", f"/Users/{eve['id']}")).json == eve


@pytest.mark.parametrize("path", ["member", "users", f"{GROUP_URN}:member", "members.name"])
async def test_people_do_not_stay_because_a_removal_names_no_attribute_of_a_group(
    scim: Scim, eve: Any, guides: Any, path: str
) -> None:
    operation = {"op": "remove", "path": path, "value": [{"value": eve["id"]}]}
    refused = await scim.patch(f"/Groups/{guides['id']}", operation)
    assert refused.error == (400, "invalidPath")
    assert await members(scim, guides) == 2


async def test_a_custom_attribute_that_is_removed_does_not_keep_a_leaver_active(
    scim: Scim, eve: Any
) -> None:
    custom = ["urn:acme:1.0:User:badge", f"{ENTERPRISE}:badge", f"{USER}:badge", "badge.number"]
    answer = await scim.patch(
        f"/Users/{eve['id']}",
        *({"op": "Remove", "path": path} for path in custom),
        {"op": "Replace", "path": "active", "value": "False"},
    )
    assert answer.json["active"] is False
    assert ignored(answer) == custom


@pytest.mark.parametrize("op", ["add", "replace", "remove"])
@pytest.mark.parametrize(
    "path",
    ["id", "meta", "meta.version", "groups", "groups.value", f"{ENTERPRISE}:manager.displayName"],
)
async def test_what_the_server_assigns_is_not_changed_by_its_own_path(
    scim: Scim, eve: Any, op: str, path: str
) -> None:
    refused = await scim.patch(f"/Users/{eve['id']}", {"op": op, "path": path, "value": "x"})
    assert refused.error == (400, "mutability")


# Members.


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        ('value eq "{id}" and type eq "User"', 1),
        ('type eq "user" and value eq "{id}"', 1),
        ('value eq "{id}" and type eq "Group"', 2),
        ('value eq "{id}" or value eq "{id}"', 1),
        ('value eq "{id}" and value eq "x"', 2),
    ],
)
async def test_members_are_selected_by_value_and_type(
    scim: Scim, eve: Any, guides: Any, filter: str, left: int
) -> None:
    path = f"members[{filter.format(id=eve['id'])}]"
    assert (
        await scim.patch(f"/Groups/{guides['id']}", {"op": "remove", "path": path})
    ).status == 204
    assert await members(scim, guides) == left


@pytest.mark.parametrize("path", ["members[value sw {id}]", "members[not (value eq {id})]", "members[value pr]", "members[type eq \"User\"]", "members[value eq {id} or type eq \"User\"]"])  # fmt: skip
async def test_members_are_selected_in_no_other_way(
    scim: Scim, eve: Any, guides: Any, path: str
) -> None:
    path = path.format(id=f'"{eve["id"]}"')
    refused = await scim.patch(f"/Groups/{guides['id']}", {"op": "remove", "path": path})
    assert refused.error == (400, "invalidPath")


@pytest.mark.parametrize("part", ["value", "type", "display", "$ref"])
async def test_a_member_does_not_go_because_a_part_of_them_is_removed(
    scim: Scim, eve: Any, guides: Any, part: str
) -> None:
    path = f'members[value eq "{eve["id"]}"].{part}'
    refused = await scim.patch(f"/Groups/{guides['id']}", {"op": "remove", "path": path})
    assert refused.error == (400, "mutability")
    assert await members(scim, guides) == 2


# A PATCH that asks for nothing, or in another form.


@pytest.mark.parametrize("nothing", [{}, {"Operations": []}, {"operations": None}])
async def test_a_patch_without_operations_does_nothing(
    scim: Scim, eve: Any, guides: Any, nothing: dict[str, Any]
) -> None:
    body, eve = {"schemas": [PATCH_OP], **nothing}, (await scim("GET", f"/Users/{eve['id']}")).json
    assert (await scim("PATCH", f"/Users/{eve['id']}", body)).json == eve
    assert (await scim("PATCH", f"/Groups/{guides['id']}", body)).status == 204
    for more in ({"active": False}, {"displayName": "New"}):
        refused = await scim("PATCH", f"/Users/{eve['id']}", {**body, **more})
        assert refused.error == (400, "invalidSyntax")
    assert (await scim("PATCH", f"/Users/{eve['id']}", {})).error == (400, "invalidSyntax")


async def test_what_stands_beside_operations_is_told(scim: Scim, eve: Any) -> None:
    body = {**patch({"op": "add", "path": "title", "value": "Guide"}), "active": False}
    assert ignored(await scim("PATCH", f"/Users/{eve['id']}", body)) == ["active"]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"members": None}, 2),
        ({"members": ""}, 2),
        ({"members": "{new}"}, 3),
        ({"members": {"value": "{new}"}}, 3),
        ({"members": [{"value": "{id}", "operation": "delete"}, "{new}"]}, 2),
    ],
)
async def test_members_change_as_scim_1_has_it(
    scim: Scim, eve: Any, guides: Any, body: dict[str, Any], left: int
) -> None:
    new = await scim.create_user("new")

    def with_ids(value: Any) -> Any:
        match value:
            case dict():
                return {name: with_ids(said) for name, said in value.items()}
            case list():
                return [with_ids(said) for said in value]
            case str():
                return value.format(new=new["id"], id=eve["id"])
        return value

    answer = await scim("PATCH", f"/Groups/{guides['id']}", with_ids(body))
    assert answer.status == 204, answer.text
    assert await members(scim, guides) == left


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"members": 7}, "members[0]"),
        ({"members": [{"value": "x", "operation": "add"}]}, "members[0].operation"),
        ({"members": [], "meta": {"attributes": ["members"]}}, "meta.attributes"),
    ],
)
async def test_what_scim_1_means_otherwise_is_refused(
    scim: Scim, guides: Any, body: dict[str, Any], field: str
) -> None:
    refused = await scim("PATCH", f"/Groups/{guides['id']}", body)
    assert refused.status == 400
    assert refused.detail.startswith(f"{field}: ")


async def test_a_text_with_json_in_it_is_no_value(scim: Scim, eve: Any) -> None:
    refused = await scim.patch(
        f"/Users/{eve['id']}", {"op": "replace", "value": '{"nickName":"nn"}'}
    )
    assert refused.error == (400, "invalidValue")
    assert refused.detail.startswith("Operations[0].value: ")


# A remove takes no more than it says.


@pytest.mark.parametrize("path", ["members", "emails"])
async def test_a_remove_that_says_what_by_another_name_is_refused(
    scim: Scim, eve: Any, guides: Any, path: str
) -> None:
    where = f"/Groups/{guides['id']}" if path == "members" else f"/Users/{eve['id']}"
    before = (await scim("GET", where)).json
    operation = {"op": "remove", "path": path, "values": [{"value": eve["id"]}]}
    answer = await scim.patch(where, operation)
    assert answer.error == (400, "invalidSyntax")
    assert answer.detail.startswith("Operations[0].values")
    assert (await scim("GET", where)).json == before


async def test_a_remove_of_a_part_of_entries_takes_it_from_those_that_have_the_value(
    scim: Scim, eve: Any
) -> None:
    removal = {"op": "remove", "path": "emails.value", "value": MAILS[0]["value"]}
    answer = await scim.patch(f"/Users/{eve['id']}", removal)
    assert answer.json["emails"] == [{"type": "work"}, MAILS[1]]


async def test_a_remove_of_an_extension_with_a_value_takes_what_it_lists(scim: Scim) -> None:
    both = {"department": "d", "employeeNumber": "7"}
    ada = await scim.create_user("ada", **{ENTERPRISE: both})
    removal = {"op": "remove", "path": ENTERPRISE, "value": {"department": "d"}}
    answer = await scim.patch(f"/Users/{ada['id']}", removal)
    assert answer.json[ENTERPRISE] == {"employeeNumber": "7"}


async def test_all_of_a_resource_is_not_removed_by_a_patch(
    scim: Scim, eve: Any, guides: Any
) -> None:
    for where, urn in ((f"/Users/{eve['id']}", USER), (f"/Groups/{guides['id']}", GROUP_URN)):
        answer = await scim.patch(where, {"op": "remove", "path": urn})
        assert answer.error == (400, "mutability")


# Members of whom nothing is said.


@pytest.mark.parametrize("nothing", [None, "", {"members": None}])
async def test_members_without_a_value_stay_who_they_are(
    scim: Scim, guides: Any, nothing: Any
) -> None:
    where = f"/Groups/{guides['id']}"
    named = {"displayName": "Others", "members": nothing}
    for method, body in (
        ("PUT", {"schemas": [GROUP_URN], **named}),
        ("PATCH", patch({"op": "replace", "value": named})),
        ("PATCH", patch({"op": "replace", "path": "members", "value": nothing})),
    ):
        answer = await scim(method, where, body)
        assert answer.status in (200, 204), answer.text
        assert ignored(answer) == ["members"]
        assert await members(scim, guides) == 2
    assert (await scim("GET", where)).json["displayName"] == "Others"


async def test_a_remove_of_members_that_are_null_is_refused(scim: Scim, guides: Any) -> None:
    removal = {"op": "remove", "path": "members", "value": None}
    answer = await scim.patch(f"/Groups/{guides['id']}", removal)
    assert answer.error == (400, "invalidValue")
    assert await members(scim, guides) == 2


# Full names.


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "full",
    [
        {USER: {"active": "False", "title": "Guide"}, f"{ENTERPRISE}:department": "Tours"},
        {f"{USER}:active": False, f"{USER}.title": "Guide", ENTERPRISE: {"department": "Tours"}},
    ],
)
async def test_attributes_are_known_by_their_full_names(
    scim: Scim, eve: Any, method: str, full: dict[str, Any]
) -> None:
    where = "/Users" if method == "POST" else f"/Users/{eve['id']}"
    body = {"schemas": [USER], "userName": "ada", **full}
    if method == "PATCH":
        body = patch({"op": "replace", "value": full})
    answer = await scim(method, where, body)
    assert (answer.json["active"], answer.json["title"]) == (False, "Guide")
    assert answer.json[ENTERPRISE]["department"] == "Tours"
    assert ignored(answer) == []


@pytest.mark.parametrize(
    "twice",
    [
        {"active": True, f"{USER}:active": False},
        {"active": True, USER: {"Active": False}},
        {ENTERPRISE: {"department": "a"}, f"{ENTERPRISE}:department": "b"},
    ],
)
async def test_an_attribute_that_is_said_by_two_names_is_refused(
    scim: Scim, eve: Any, twice: dict[str, Any]
) -> None:
    answer = await scim("PUT", f"/Users/{eve['id']}", {"userName": "eve", **twice})
    assert answer.error == (400, "invalidSyntax")
