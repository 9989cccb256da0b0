"""Users and groups searched at once."""

from __future__ import annotations

from typing import Any

import pytest
from scim_client import GROUP, USER, Scim


@pytest.fixture
async def everything(scim: Scim) -> list[str]:
    """The ids of three users and two groups, in the order of the root."""
    users = [await scim.create_user(f"user{n}", displayName="Guides") for n in range(3)]
    groups = [await scim.create_group(name, users[0]) for name in ("Guides", "Others")]
    return [each["id"] for each in (*users, *groups)]


async def ids(scim: Scim, **query: Any) -> list[str]:
    """Asked by GET and by POST, which give the same."""
    got = await scim("GET", "/", **query)
    posted = await scim("POST", "/.search", query)
    assert got.status == posted.status == 200, got.text
    assert got.json == posted.json
    return [each["id"] for each in got.json["Resources"]]


async def test_all_of_both(scim: Scim, everything: list[str]) -> None:
    answer = (await scim("GET", "")).json
    assert (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"]) == (5, 5, 1)
    kinds = [each["meta"]["resourceType"] for each in answer["Resources"]]
    assert kinds == ["User"] * 3 + ["Group"] * 2
    assert answer["Resources"][0] == (await scim("GET", f"/Users/{everything[0]}")).json
    assert answer["Resources"][3] == (await scim("GET", f"/Groups/{everything[3]}")).json


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
async def test_pages_go_from_users_to_groups(scim: Scim, everything: list[str], count: int) -> None:
    seen: list[str] = []
    while len(seen) < len(everything):
        page = (await scim("GET", "/", startIndex=len(seen) + 1, count=count)).json
        assert (page["totalResults"], page["startIndex"]) == (5, len(seen) + 1)
        assert page["itemsPerPage"] == min(count, 5 - len(seen))
        seen += [each["id"] for each in page["Resources"]]
    assert seen == everything
    assert await ids(scim, startIndex=6) == []
    assert (await scim("GET", "/", count=0)).json["totalResults"] == 5


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('displayName eq "guides"', [0, 1, 2, 3]),
        ('userName eq "user1"', [1]),
        ('userName eq "user1" or displayName eq "Others"', [1, 4]),
        ('userName eq "user1" and displayName eq "Others"', []),
        ('not (userName eq "user1")', [0, 2, 3, 4]),
        ("members pr", [3, 4]),
        ("userName pr", [0, 1, 2]),
        ('emails[type eq "work"]', []),
        (f'{USER}:userName eq "user2"', [2]),
        (f'{GROUP}:displayName eq "Others"', [4]),
        ('meta.resourceType eq "User"', [0, 1, 2]),
        ('meta.resourceType eq "Group"', [3, 4]),
        ('meta.resourceType ne "Group"', [0, 1, 2]),
        ('meta.resourceType eq "Pet"', []),
        ("(meta.resourceType eq User) or (meta.resourceType eq Group)", [0, 1, 2, 3, 4]),
        ('META.resourceType  eq Group and displayName eq "guides"', [3]),
        (f"{USER}:meta.resourceType eq User", [0, 1, 2]),
        ('displayName eq "meta.resourceType eq User"', []),
        ('(meta.resourceType eq "User") and (displayName sw "g")', [0, 1, 2]),
        (f'schemas eq "{GROUP}"', [3, 4]),
        (f'schemas eq "{USER.lower()}"', [0, 1, 2]),
        ('meta.version eq "W/\\"1\\""', [0, 1, 2, 3, 4]),
    ],
)
async def test_what_one_of_them_does_not_have_is_never_true_of_it(
    scim: Scim, everything: list[str], filter: str, found: list[int]
) -> None:
    assert await ids(scim, filter=filter) == [everything[n] for n in found]


async def test_what_neither_has_is_refused(scim: Scim) -> None:
    for filter in (
        *('shoeSize eq "42"', 'userName eq "a" or shoeSize pr', "userName eq"),
        *("meta.resourceType eq User Group", "displayName eq User", 'meta.created gt "2030"'),
        "meta.resourceType eq Us-er",
    ):
        for answer in (
            await scim("GET", "/", filter=filter),
            await scim("POST", "/.search", {"filter": filter}),
        ):
            assert answer.error == (400, "invalidFilter")


async def test_only_what_is_asked_for(scim: Scim, everything: list[str]) -> None:
    answer = (await scim("GET", "/", attributes="userName,displayName")).json
    assert [sorted(each) for each in answer["Resources"]] == [
        *[["displayName", "id", "schemas", "userName"]] * 3,
        *[["displayName", "id", "schemas"]] * 2,
    ]
    answer = (await scim("GET", "/", excludedAttributes="members")).json
    assert not any("members" in each for each in answer["Resources"])


async def test_sorting_and_cursors_are_for_one_kind(scim: Scim) -> None:
    for query in ({"sortBy": "displayName"}, {"cursor": ""}):
        assert (await scim("GET", "/", **query)).error == (501, None)
        assert (await scim("POST", "/.search", query)).error == (501, None)


async def test_strangers_find_nothing(scim: Scim, stranger: Scim, everything: list[str]) -> None:
    assert await ids(stranger) == []
    assert (await Scim(scim.http, "")("GET", "/")).error == (401, None)
