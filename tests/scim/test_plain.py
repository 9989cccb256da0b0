"""What is made of a user without the library is what the library makes of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from orgplane_server.domain.scim_attribute import CORE_USER, ENTERPRISE_USER
from orgplane_server.scim import plain
from orgplane_server.scim.user import by_library

_TEXT = st.sampled_from(["", " a ", "work", "WORK", "mobile", "é"])
_ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "value": _TEXT,
        "type": _TEXT | st.none(),
        "primary": st.booleans(),
        "display": _TEXT | st.none(),
    },
)
_ENTRIES = st.none() | st.lists(_ENTRY, max_size=3)
_NAME = st.fixed_dictionaries({}, optional={"familyName": _TEXT, "givenName": _TEXT})
_USER = st.fixed_dictionaries(
    {"schemas": st.sampled_from([[CORE_USER], [CORE_USER, ENTERPRISE_USER]])},
    optional={
        "active": st.none() | st.booleans(),
        "displayName": st.none() | _TEXT,
        "emails": _ENTRIES,
        "externalId": _TEXT,
        "name": st.none() | _NAME,
        "phoneNumbers": _ENTRIES,
        "roles": _ENTRIES,
        "userName": _TEXT,
        ENTERPRISE_USER: st.just({"department": "x"}),
    },
)


@given(_USER)
def test_both_make_the_same(document: dict[str, Any]) -> None:
    made = plain.user(document)
    if made is not None:
        library = by_library(document)
        assert (made, list(made)) == (library, list(library))
        assert [*map(list, made.get("emails", []))] == [*map(list, library.get("emails", []))]


def test_what_providers_send_is_made_without_the_library() -> None:
    entry = {"primary": True, "type": "work", "value": "ada@acme.example"}
    sent = {
        "emails": [entry],
        "active": False,
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "userName": "ada",
        "schemas": [CORE_USER],
        "title": None,
    }
    made = plain.user(sent)
    assert made is not None
    assert list(made) == ["schemas", "userName", "name", "active", "emails"]
    assert list(made["emails"][0]) == ["value", "type", "primary"]
