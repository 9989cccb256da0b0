from __future__ import annotations

from typing import Any

import pytest
from orgplane_server.domain.redaction import REDACTED, redacted, redacted_query, redacted_text
from orgplane_server.domain.token import Token, TokenKind

SCIM = Token.mint(TokenKind.SCIM, bytes(32)).reveal()
PAT = Token.mint(TokenKind.PERSONAL_ACCESS, bytes(range(32))).reveal()
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.mark.parametrize(
    "document",
    [
        {"userName": "ada", "password": "hunter2"},
        {"PassWord": "hunter2"},
        {"data": [{"nested": {"password": ["hunter2", {"x": "hunter2"}]}}]},
        {f"{USER}:password": "hunter2"},
        {"Operations": [{"op": "replace", "path": "password", "value": "hunter2"}]},
        {"operations": [{"op": "Add", "Path": f"{USER}:Password", "Value": {"x": "hunter2"}}]},
        {"Operations": [{"op": "replace", "value": {"password": "hunter2"}}]},
        {"Operations": [{"data": {"Operations": [{"path": "password", "value": "hunter2"}]}}]},
        {"filter": 'userName eq "ada" and password eq "hunter2"'},
        {"filter": r'password co "a\"hunter2"'},
        {"filter": f'{USER}:password sw "hunter2'},
        {"clientSecret": "hunter2", "access_token": "hunter2", "Authorization": "Basic hunter2"},
        {"note": "Bearer hunter2"},
        [[["Bearer hunter2"]]],
    ],
)
def test_no_secret_stays_wherever_it_is(document: Any) -> None:
    assert "hunter2" not in str(redacted(document))
    assert REDACTED in str(redacted(document))


@pytest.mark.parametrize("token", [SCIM, PAT])
def test_tokens_of_ours_are_recognised_in_any_text(token: str) -> None:
    text = redacted_text(f"it is {token}, keep it")
    assert token[-20:] not in text
    assert text.endswith(f"{REDACTED}, keep it")
    assert token[-20:] not in str(redacted({"externalId": token}))


def test_everything_else_stays() -> None:
    document = {
        "schemas": [USER],
        "userName": "ada@acme.example",
        "active": False,
        "emails": [{"value": "ada@acme.example", "primary": True}],
        "nothing": None,
        "number": 1.5,
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    }
    assert redacted(document) == document


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("filter=userName%20eq%20%22a%22&count=1", "filter=userName%20eq%20%22a%22&count=1"),
        ("startIndex=1&x=", "startIndex=1&x="),
        ("filter=password+eq+%22hunter2%22&count=1", "filter=[redacted]&count=1"),
        ("filter=%70assword%20eq%20%22hunter2%22", "filter=[redacted]"),
        ("access_token=hunter2&a=b", "access_token=[redacted]&a=b"),
        (f"q={SCIM}", "q=orgplane_scim_[redacted]"),
    ],
)
def test_a_query_is_kept_as_it_was_sent_but_for_secrets(query: str, kept: str) -> None:
    assert redacted_query(query) == kept
