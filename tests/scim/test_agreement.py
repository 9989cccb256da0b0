"""The store agrees with the SCIM library on plain objects: which users a filter or an order means, and what a PATCH makes of one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orgplane_server.domain.errors import OrgplaneError
from orgplane_server.scim import dialects, errors
from orgplane_server.scim.attributes import GROUP as GROUP_ATTRIBUTES
from orgplane_server.scim.attributes import USER as USER_ATTRIBUTES
from orgplane_server.scim.models import Group, ProvisionedUser
from orgplane_server.scim.operations import Operations
from pydantic import ValidationError
from scim2_models import Context, PatchOp, SCIMException, ScimFilter, SearchRequest
from scim2_server.testing import SEARCH_FILTERS, SEARCH_SORTS, SEARCH_USERS
from scim_client import ENTERPRISE, GROUP, USER, Scim

BOUNDED = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

#: Beside scim2-server's users: characters that fold, wildcards, quotes, equal values, nothing at all.
MORE_USERS: list[dict[str, Any]] = [
    {"userName": "Ärger", "title": 'say "hi"', "nickName": "\\back", "roles": [{"value": "x"}]},
    {"userName": "zoë", "emails": [{"value": "a"}, {"value": "b", "type": "work", "primary": True}]},
    {"userName": "eve%", "displayName": "E_e", "active": False, "userType": "Boss"},
    {"userName": "f", "externalId": "Ext-1", ENTERPRISE: {"manager": {"value": "M1"}, "department": "d"}},
    {"userName": "g", "externalId": "ext-1", "name": {"givenName": "alice"}, "phoneNumbers": [{"value": "1", "type": "fax"}]},
]  # fmt: skip


@pytest.fixture
async def users(scim: Scim) -> list[Any]:
    """All users, as the library reads what the server says of them."""
    for attributes in (*SEARCH_USERS, *MORE_USERS):
        answer = await scim("POST", "/Users", {"schemas": [USER], **attributes})
        assert answer.status == 201, answer.text
    listed = (await scim("GET", "/Users")).json["Resources"]
    return [read(user) for user in listed]


def read(user: dict[str, Any]) -> Any:
    return ProvisionedUser.model_validate(user, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


async def ids(scim: Scim, **query: str) -> list[str]:
    answer = await scim("GET", "/Users", count=200, **query)
    assert answer.status == 200, answer.text
    found = [user["id"] for user in answer.json["Resources"]]
    assert answer.json["totalResults"] == len(found)
    return found


def matching(users: list[Any], filter: str) -> list[str]:
    """The ids of the users whom the library finds, comparing texts as the server does."""
    with dialects.POLICY:
        return [user.id for user in users if ScimFilter[ProvisionedUser](filter).match(user)]


#: The server refuses to look for a part of a time; the library finds none.
FILTERS = [filter for filter in SEARCH_FILTERS if not filter.startswith("meta.created co")]


@pytest.mark.parametrize("filter", FILTERS)
async def test_a_filter_finds_whom_the_library_would(
    scim: Scim, users: list[Any], filter: str
) -> None:
    assert sorted(await ids(scim, filter=filter)) == sorted(matching(users, filter))


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("attribute", SEARCH_SORTS)
async def test_a_list_is_sorted_as_the_library_would(
    scim: Scim, users: list[Any], attribute: str, order: str
) -> None:
    request = SearchRequest[ProvisionedUser](sort_by=attribute, sort_order=order)
    by_id = {user.id: user for user in users}
    found = [by_id[id] for id in await ids(scim, sortBy=attribute, sortOrder=order)]
    assert len(found) == len(users)
    with dialects.POLICY:
        assert [request.sort_value(user) for user in found] == [
            request.sort_value(user) for user in request.sort(users)
        ]


_TEXTS = (
    *("userName", "title", "displayName", "nickName", "externalId", "userType", "name.givenName"),
    *("name.familyName", f"{ENTERPRISE}:employeeNumber", f"{ENTERPRISE}:department"),
    *("emails", "emails.value", "emails.type", "roles.value", "phoneNumbers.type"),
    *(f"{ENTERPRISE}:manager.value", f"{USER}:userName", "USERNAME"),
)
_FLAGS = ("active", "emails.primary")
_PRESENT = (*_TEXTS, *_FLAGS, "name", "emails", "roles", "phoneNumbers", "addresses", "id", "meta")
_VALUES = (
    *("alice", "ALICE", "a", "b", "boss", "work", "%", "_", "50% off", "ä", "Ä", "ext-1", "Ext-1"),
    *('say "hi"', "\\back", "m1", "M1", "1", "2", "100", "", "bob@work.example", "E_e", "ZOË"),
)
_OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


def _quoted(value: str) -> str:
    return str(ScimFilter.quote(value))


def _comparisons(texts: tuple[str, ...], flags: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(
            "{} {} {}".format,
            st.sampled_from(texts),
            st.sampled_from(_OPERATORS),
            st.sampled_from(_VALUES).map(_quoted),
        ),
        st.builds(
            "{} {} {}".format,
            st.sampled_from(flags),
            st.sampled_from(["eq", "ne"]),
            st.sampled_from(["true", "false"]),
        ),
    )


def _combined(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("{} and {}".format, inner, inner),
            st.builds("{} or {}".format, inner, inner),
            st.builds("({})".format, inner),
            st.builds("not ({})".format, inner),
        ),
        max_leaves=4,
    )


_SELECTIONS = st.builds(
    "{}[{}]".format,
    st.sampled_from(["emails", "roles", "phoneNumbers"]),
    _combined(
        st.one_of(
            _comparisons(("value", "type", "display"), ("primary",)),
            st.sampled_from(["value pr", "type pr", "primary pr"]),
        )
    ),
)
_FILTERS = _combined(
    st.one_of(
        _comparisons(_TEXTS, _FLAGS),
        st.builds("{} pr".format, st.sampled_from(_PRESENT)),
        st.builds("{} eq null".format, st.sampled_from(_TEXTS)),
        _SELECTIONS,
    )
)


@BOUNDED
@given(filter=_FILTERS)
async def test_any_filter_finds_whom_the_library_would(
    scim: Scim, users: list[Any], filter: str
) -> None:
    try:
        expected = matching(users, filter)
    except SCIMException:
        assert (await scim("GET", "/Users", filter=filter)).error == (400, "invalidFilter")
        return
    assert sorted(await ids(scim, filter=filter)) == sorted(expected), filter


# PATCH.

_SHORT = st.sampled_from(["", "a", "b", "Boss", "x@acme.example", "work", "home"])
_ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "value": _SHORT,
        "type": st.sampled_from(["work", "home", "other", "odd"]),
        "primary": st.sampled_from([True, False, "True", None]),
        "display": _SHORT,
    },
)
_NAMES = st.fixed_dictionaries(
    {}, optional={"givenName": st.one_of(_SHORT, st.none()), "familyName": _SHORT}
)
_VALUES_AT: dict[str, st.SearchStrategy[Any]] = {
    "title": st.one_of(_SHORT, st.none()),
    "displayName": _SHORT,
    "userName": st.sampled_from(["one", "two", ""]),
    "active": st.sampled_from([True, False, "True", "false", None]),
    "name": _NAMES,
    "name.givenName": _SHORT,
    "emails": st.one_of(st.lists(_ENTRIES, max_size=3), _ENTRIES, st.none()),
    "roles": st.lists(_ENTRIES, max_size=2),
    'emails[type eq "work"]': _ENTRIES,
    'emails[type eq "work"].value': _SHORT,
    'emails[type eq "home" and primary eq "True"].value': _SHORT,
    "emails[primary eq true]": _ENTRIES,
    'emails[not (type eq "work")].display': _SHORT,
    "emails.display": _SHORT,
    'roles[primary eq "True"].display': _SHORT,
    ENTERPRISE: st.fixed_dictionaries({}, optional={"department": _SHORT, "manager": _SHORT}),
    f"{ENTERPRISE}:department": st.one_of(_SHORT, st.none()),
    f"{ENTERPRISE}:manager": st.sampled_from(["m", {"value": "m"}, {"value": ""}, [{"value": "m"}]]),
    "password": _SHORT,
    "shoeSize": _SHORT,
    "id": _SHORT,
    "groups": st.just([]),
}  # fmt: skip
_PATHS = st.sampled_from(list(_VALUES_AT))
_OPERATIONS = st.one_of(
    _PATHS.flatmap(
        lambda path: st.fixed_dictionaries(
            {
                "op": st.sampled_from(["add", "replace", "Replace"]),
                "path": st.just(path),
                "value": _VALUES_AT[path],
            }
        )
    ),
    st.fixed_dictionaries({"op": st.just("remove"), "path": _PATHS}),
    st.fixed_dictionaries({"op": st.just("Remove"), "path": st.just("emails"), "value": st.lists(_ENTRIES, max_size=2)}),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace"]),
            "value": st.lists(_PATHS, max_size=4, unique=True).flatmap(
                lambda paths: st.fixed_dictionaries({path: _VALUES_AT[path] for path in paths})
            ),
        }
    ),
)  # fmt: skip
_BEFORE = st.fixed_dictionaries(
    {"schemas": st.just([USER]), "userName": st.just("one")},
    optional={
        "title": _SHORT,
        "active": st.booleans(),
        "name": _NAMES,
        "emails": st.sampled_from(
            [
                [{"value": "a", "type": "work"}],
                [{"value": "a", "type": "work", "primary": True}, {"value": "b", "type": "home"}],
                [{"value": "a"}, {"value": "a", "type": "home"}],
            ]
        ),
        "roles": st.just([{"value": "r", "primary": True}]),
        ENTERPRISE: st.just({"department": "d", "manager": {"value": "m"}}),
    },
)


@BOUNDED
@given(before=_BEFORE, operations=st.lists(_OPERATIONS, min_size=1, max_size=3))
async def test_any_patch_does_what_the_library_would(
    scim: Scim, before: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    path = f"/Users/{await the_user(scim)}"
    put = await scim("PUT", path, before)
    assert put.status == 200, put.text
    user = read(put.json)
    refused = None
    try:
        document = Operations(USER_ATTRIBUTES).patch({"Operations": operations})
        for operation in document["Operations"]:
            if operation["path"] == "emails.display" and not user.emails:
                if operation["op"] != "remove":  # the library says yes, and does nothing
                    user.emails = [ProvisionedUser.Email(display=operation["value"])]
                continue
            PatchOp[ProvisionedUser].model_validate(
                {**document, "Operations": [operation]},
                scim_ctx=Context.RESOURCE_PATCH_REQUEST,
                scim_policy=dialects.POLICY,
            ).patch(user, dialects.POLICY)
    except (OrgplaneError, SCIMException, ValidationError) as error:
        refused = errors.refusal(error)
    answer = await scim.patch(path, *operations)
    if refused is not None:
        assert answer.error == (refused.status, refused.scim_type)
        assert (await scim("GET", path)).json == put.json
    else:
        assert answer.status == 200, answer.text
        assert attributes(answer.json) == attributes(user.model_dump())
        assert (await scim("GET", path)).json == answer.json


async def the_user(scim: Scim) -> str:
    listed = (await scim("GET", "/Users")).json["Resources"]
    if not listed:
        listed = [await scim.create_user("one")]
    return str(listed[0]["id"])


def attributes(user: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in user.items()
        if name not in ("id", "meta", "groups") and value
    }
    return {"active": user.get("active", True), **kept, "schemas": sorted(kept["schemas"])}


# PATCH of groups, which the server does as sets of rows and the library as lists of objects.

_PEOPLE = st.lists(st.integers(0, 3), max_size=3)
_MEMBER_OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["add", "Add", "replace", "Remove"]), _PEOPLE),
    st.tuples(st.just("filter"), st.integers(0, 3)),
    st.tuples(st.just("pathless"), _PEOPLE),
    st.tuples(st.just("all"), st.none()),
    st.tuples(st.just("rename"), st.sampled_from(["Guides", "Others"])),
)


def _operation(people: list[str], kind: str, about: Any) -> dict[str, Any]:
    match kind:
        case "filter":
            return {"op": "remove", "path": f'members[value eq "{people[about]}"]'}
        case "pathless":
            return {"op": "replace", "value": {"members": [{"value": people[n]} for n in about]}}
        case "all":
            return {"op": "remove", "path": "members"}
        case "rename":
            return {"op": "replace", "path": "displayName", "value": about}
    return {"op": kind, "path": "members", "value": [{"value": people[n]} for n in about]}


@BOUNDED
@given(before=_PEOPLE, changes=st.lists(_MEMBER_OPERATIONS, min_size=1, max_size=4))
async def test_any_patch_of_a_group_does_what_the_library_would(
    scim: Scim, before: list[int], changes: list[tuple[str, Any]]
) -> None:
    people = await ids_of(scim, "/Users", scim.create_user)
    (id,) = await ids_of(scim, "/Groups", scim.create_group, count=1)
    path = f"/Groups/{id}"
    old = {
        "schemas": [GROUP],
        "displayName": "Guides",
        "members": [{"value": people[n]} for n in before],
    }
    assert (await scim("PUT", path, old)).status == 200
    operations = [_operation(people, *change) for change in changes]
    document = Operations(GROUP_ATTRIBUTES).patch({"Operations": operations})
    group = Group.model_validate({**old, "members": [{"value": people[n]} for n in set(before)]})
    if document["Operations"]:
        PatchOp[Group].model_validate(
            document, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=dialects.POLICY
        ).patch(group, dialects.POLICY)
    answer = await scim.patch(path, *operations)
    assert answer.status == 204, answer.text
    read = (await scim("GET", path)).json
    assert read["displayName"] == group.display_name
    expected = {member.value for member in group.members or []}
    found = [member["value"] for member in read.get("members", [])]
    assert len(found) == len(set(found))
    assert set(found) == expected


async def ids_of(scim: Scim, path: str, create: Any, count: int = 4) -> list[str]:
    """The ids of that many users, or groups; made if they are not there."""
    listed = (await scim("GET", path, count=count)).json["Resources"]
    if not listed:
        listed = [await create(f"{path} {n}") for n in range(count)]
    return [each["id"] for each in listed]
