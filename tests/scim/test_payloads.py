"""Every payload sent to the server does what its provider means by it."""

from __future__ import annotations

from typing import Any

import pytest
from scim_client import Scim
from scim_payloads import PAYLOADS, Payload


def parametrized(payloads: list[Payload]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("payload", payloads, ids=[p.name for p in payloads])


@pytest.fixture
async def ids(scim: Scim) -> dict[str, str]:
    """People and a group that payloads are about."""
    users = {name: (await scim.create_user(f"{name}@example.com"))["id"] for name in ("user", "other", "third")}  # fmt: skip
    group = await scim.create_group("Somebody")
    return {**users, "group": group["id"]}


async def sent(scim: Scim, payload: Payload) -> Any:
    if payload.filter:
        return await scim(payload.method, payload.sends["path"], filter=payload.filter)
    return await scim(payload.method, payload.sends["path"], payload.sends["body"])


@parametrized([p for p in PAYLOADS if not p.refused])
async def test_is_answered_with_success(scim: Scim, ids: dict[str, str], payload: Payload) -> None:
    payload = payload.about(ids)
    answer = await sent(scim, payload)
    successes = {
        ("GET", "Users"): 200,
        ("POST", "Users"): 201,
        ("PUT", "Users"): 200,
        ("PATCH", "Users"): 200,
        ("POST", "Groups"): 201,
        ("PATCH", "Groups"): 204,
    }
    assert answer.status == successes[payload.method, payload.endpoint], answer.text


@parametrized([p for p in PAYLOADS if p.refused])
async def test_is_refused_by_name(scim: Scim, ids: dict[str, str], payload: Payload) -> None:
    payload = payload.about(ids)
    answer = await sent(scim, payload)
    assert answer.error == (400, payload.refused["scimType"])
    assert payload.refused["field"] in answer.detail


@parametrized([p for p in PAYLOADS if p.method in ("POST", "PUT") and p.endpoint == "Users"])
async def test_creates_or_replaces_the_user(
    scim: Scim, ids: dict[str, str], payload: Payload
) -> None:
    payload = payload.about(ids)
    answer = await sent(scim, payload)
    user = (await scim("GET", f"/Users/{answer.json['id']}")).json
    assert answer.json == user
    for name, value in assigned(payload.means).items():
        assert name == "schemas" or user[name] == value
    for name in payload.means:
        assert name == "schemas" or name in assigned(payload.means) or name not in user


@parametrized([p for p in PAYLOADS if p.before and p.endpoint == "Users"])
async def test_patches_the_user(scim: Scim, ids: dict[str, str], payload: Payload) -> None:
    payload = payload.about(ids)
    path = f"/Users/{ids['user']}"
    assert (await scim("PUT", path, payload.before)).status == 200
    answer = await sent(scim, payload)
    assert answer.status == 200, answer.text
    expected = {"active": True, **assigned(payload.after)}
    assert without_server_attributes(answer.json) == expected
    assert (await scim("GET", path)).json == answer.json


@parametrized([p for p in PAYLOADS if p.before and p.endpoint == "Groups"])
async def test_patches_the_group(scim: Scim, ids: dict[str, str], payload: Payload) -> None:
    payload = payload.about(ids)
    path = f"/Groups/{ids['group']}"
    before = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": payload.before["displayName"],
        "members": [{"value": id} for id in payload.before["members"]],
    }
    assert (await scim("PUT", path, before)).status == 200
    answer = await sent(scim, payload)
    assert answer.status == 204, answer.text
    group = (await scim("GET", path)).json
    assert group["displayName"] == payload.after["displayName"]
    members = {member["value"] for member in group.get("members", [])}
    assert members == set(payload.after["members"])


def assigned(value: Any) -> Any:
    """Without what RFC 7643 section 2.5 calls unassigned."""
    if isinstance(value, dict):
        kept = {name: assigned(said) for name, said in value.items()}
        return {name: said for name, said in kept.items() if said not in (None, [], {})}
    return [assigned(each) for each in value] if isinstance(value, list) else value


def without_server_attributes(user: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in user.items() if name not in ("id", "meta", "groups")}
