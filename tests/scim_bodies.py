"""JSON of any shape, some of it close to what SCIM has: for tests that throw it at the server."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_NAMES = st.sampled_from(
    [
        "schemas", "id", "externalId", "meta", "userName", "USERNAME", "active", "name", "givenName",
        "emails", "value", "type", "primary", "display", "$ref", "members", "displayName", "manager",
        "roles", "photos", "x509Certificates", "groups", "password", "name.givenName", "operation",
        'emails[type eq "work"].value', "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:core:2.0:User", "Operations", "op", "path", "bulkId", "method", "data",
    ]
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "True", "work", "x@acme.example", "\0", "\ud800", "a" * 3000, "%40", "null"]
    ),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    _TEXTS,
)

#: Any JSON value.
JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(_NAMES, st.text(max_size=6)), inner, max_size=4),
    ),
    max_leaves=12,
)

_PATHS = st.sampled_from(
    [
        'emails[type eq "work"]', 'emails[type eq "work" and primary eq true].value', "emails[",
        'members[value eq "x"]', 'members[not (value eq "x")]', "members.value", "meta.version",
        'roles[primary eq "True"].display', 'schemas eq "urn:x:y"', 'emails.type eq "work"', "a b",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName", 'name[givenName eq "a"]', "emails[value pr]",
    ]
)  # fmt: skip

#: One thing that may be wrong in what would else be right.
_WILD = st.dictionaries(_NAMES, JSON, max_size=2)
_RIGHT = st.fixed_dictionaries(
    {
        "schemas": st.just(
            ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"]
        ),
        "userName": st.text(min_size=1, max_size=8),
        "displayName": st.text(min_size=1, max_size=8),
    }
)  # fmt: skip

#: Bodies of POST and PUT.
RESOURCES = st.one_of(
    JSON, _WILD, *[st.builds(lambda right, wild: {**right, **wild}, _RIGHT, _WILD)] * 3
)

_TARGETED = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "Replace", "remove"]),
        "path": st.one_of(_NAMES, _PATHS, st.text(max_size=10)),
    },
    optional={"value": JSON},
)
_UNTARGETED = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "replace"]),
        "value": st.dictionaries(st.one_of(_NAMES, _PATHS), JSON, max_size=3),
    }
)
_OPERATIONS = st.one_of(
    JSON,
    st.fixed_dictionaries({"op": JSON}, optional={"path": JSON, "value": JSON}),
    *[_TARGETED, _UNTARGETED] * 3,
)

#: Bodies of PATCH.
PATCHES = st.one_of(
    JSON, *[st.fixed_dictionaries({"Operations": st.lists(_OPERATIONS, max_size=2)})] * 4
)
