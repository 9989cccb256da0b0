from __future__ import annotations

import json

import pytest
from orgplane_server.domain import scim_request
from orgplane_server.domain.scim_request import MAX_BODY_BYTES
from orgplane_server.domain.text import storable


def test_an_address_is_kept_as_it_was_sent() -> None:
    kept = scim_request.path(b"/scim/v2/Users/a%20b%00", b"filter=x%20eq%201")
    assert kept == "/scim/v2/Users/a%20b%00?filter=x%20eq%201"


@pytest.mark.parametrize("raw", [b"/\x00\xff", "/ü\ud800".encode("utf-8", "surrogatepass")])
def test_what_no_database_can_keep_is_never_in_it(raw: bytes) -> None:
    storable(path=scim_request.path(raw, raw), agent=scim_request.user_agent(raw))
    text = json.dumps({"detail": "\0\ud800"}).encode()
    storable(body=scim_request.body(text, len(text)), detail=scim_request.error(text)[0])


def test_nothing_is_kept_without_bound() -> None:
    assert len(scim_request.path(b"/" * 9000, b"")) == 2048
    assert len(scim_request.user_agent(b"x" * 9000)) == 512
    body = json.dumps({"x": "y" * 60_000}).encode()
    assert len(scim_request.body(body, len(body))) == 16_384
    large = b"1" * MAX_BODY_BYTES
    assert scim_request.body(large, MAX_BODY_BYTES + 1) == "(65537 bytes, too many to keep)"


def test_a_body_is_kept_without_secrets_or_not_at_all() -> None:
    body = b'{"userName": "ada", "password": "hunter2"}'
    kept = scim_request.body(body, len(body))
    assert json.loads(kept) == {"userName": "ada", "password": "[redacted]"}
    assert scim_request.body(b"password=hunter2", 16) == "(16 bytes that are not JSON)"
    deep = b"[" * 60_000
    assert scim_request.body(deep, len(deep)) == "(60000 bytes that are not JSON)"
    assert scim_request.body(b"", 0) == ""
    parsed = b"[" * 900 + b"]" * 900
    assert scim_request.body(parsed, 1800) == "(1800 bytes of JSON, nested too deep to keep)"
    text = json.dumps('{"password": "hunter2"}').encode()
    assert scim_request.body(text, len(text)) == (
        f"({len(text)} bytes of JSON that are neither an object nor a list)"
    )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"detail": "taken", "scimType": "uniqueness"}', ("taken", "uniqueness")),
        (b'{"detail": null}', ("", "")),
        (b"[]", ("", "")),
        (b"oops", ("", "")),
    ],
)
def test_an_error_is_told_in_its_own_words(body: bytes, error: tuple[str, str]) -> None:
    assert scim_request.error(body) == error
