"""Bodies, queries and paths of any shape: the server answers, and never with 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim_bodies import JSON, PATCHES, RESOURCES
from scim_client import ERROR, Scim

BOUNDED = settings(
    max_examples=120,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def answered(scim: Scim, method: str, path: str, body: Any = None, **query: Any) -> None:
    answer = await scim(method, path, body, **query)
    assert answer.status < 500 or (answer.status == 501 and path == "/Me"), answer.text
    if answer.status >= 400:
        document = answer.json
        assert document["schemas"] == [ERROR]
        assert document["status"] == str(answer.status)
        assert document["detail"]


async def ids(scim: Scim) -> dict[str, str]:
    """A user and a group; made anew when an earlier request renamed or removed them."""
    found = {}
    for name, path, make in (
        ("user", "/Users", scim.create_user),
        ("group", "/Groups", scim.create_group),
    ):
        listed = (await scim("GET", path, count=1)).json["Resources"]
        found[name] = (listed[0] if listed else await make("somebody"))["id"]
    return found


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Me", "/Users/.search", "/Groups/.search"])
@BOUNDED
@given(body=RESOURCES)
async def test_posted(scim: Scim, path: str, body: Any) -> None:
    await answered(scim, "POST", path, body)


@pytest.mark.parametrize("kind", ["user", "group"])
@BOUNDED
@given(body=RESOURCES)
async def test_put(scim: Scim, kind: str, body: Any) -> None:
    await answered(scim, "PUT", f"/{kind.title()}s/{(await ids(scim))[kind]}", body)


@pytest.mark.parametrize("kind", ["user", "group"])
@BOUNDED
@given(body=PATCHES)
async def test_patched(scim: Scim, kind: str, body: Any) -> None:
    await answered(scim, "PATCH", f"/{kind.title()}s/{(await ids(scim))[kind]}", body)


_BULK = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {
            "Operations": st.lists(
                st.fixed_dictionaries(
                    {
                        "method": st.one_of(st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]), JSON),
                        "path": st.one_of(
                            st.sampled_from(["/Users", "/Groups", "/Users/bulkId:a", "/Groups/x", "/"]),
                            JSON,
                        ),
                    },
                    optional={"bulkId": st.one_of(st.just("a"), JSON), "data": st.one_of(RESOURCES, PATCHES)},
                ),
                max_size=3,
            )
        },
        optional={"failOnErrors": JSON},
    ),
)  # fmt: skip


@BOUNDED
@given(body=_BULK)
async def test_in_bulk(scim: Scim, body: Any) -> None:
    await answered(scim, "POST", "/Bulk", body)


@BOUNDED
@given(raw=st.binary(max_size=60))
async def test_no_json_at_all(scim: Scim, raw: bytes) -> None:
    await answered(scim, "POST", "/Users", raw)


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
@BOUNDED
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"]
        ),
        st.one_of(
            st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
            st.sampled_from(
                ["0", "-1", "1" * 40, "userName", "members", "emails.value", 'emails[type eq "work"]', "\0", "a b"]
            ),
        ),
        max_size=4,
    )
)  # fmt: skip
async def test_asked(scim: Scim, path: str, query: dict[str, str]) -> None:
    await answered(scim, "GET", path, **query)


@pytest.mark.parametrize("depth", [10, 1000, 100_000])
async def test_nested_deeply(scim: Scim, depth: int) -> None:
    for body in (b"[" * depth + b"]" * depth, b'{"name":' * depth + b"1" + b"}" * depth):
        await answered(scim, "POST", "/Users", body)


async def test_a_filter_nested_deeply_or_long(scim: Scim) -> None:
    for filter in (
        "(" * 3000 + 'userName eq "a"' + ")" * 3000,
        " or ".join(['userName eq "a"'] * 2000),
        "not (" * 500 + "title pr" + ")" * 500,
    ):
        await answered(scim, "GET", "/Users", filter=filter)
        await answered(scim, "POST", "/Users/.search", {"filter": filter})


async def test_numbers_that_are_none(scim: Scim) -> None:
    for text in ("NaN", "Infinity", "-Infinity", "1e400", "1" * 5000):
        await answered(scim, "POST", "/Users", f'{{"userName": {text}}}'.encode())
        await answered(scim, "POST", "/Users", f'{{"userName": "n", "active": {text}}}'.encode())


def test_the_shapes_are_json() -> None:
    """Lone surrogates, too, are texts that a JSON parser gives."""
    assert json.loads(json.dumps("\ud800")) == "\ud800"
