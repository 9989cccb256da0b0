from __future__ import annotations

from scim_client import USER, Scim


async def test_a_user_is_created_read_found_and_deactivated(scim: Scim) -> None:
    answer = await scim(
        "POST",
        "/Users",
        {
            "schemas": [USER],
            "userName": "Bjensen@example.com",
            "name": {"givenName": "Barbara", "familyName": "Jensen"},
            "emails": [{"value": "bjensen@example.com", "type": "work", "primary": True}],
            "password": "t1meMa$heen",
            "active": True,
        },
    )
    assert answer.status == 201, answer.text
    created = answer.json
    assert created["userName"] == "Bjensen@example.com"
    assert "password" not in created
    assert answer.headers["location"] == created["meta"]["location"]
    assert created["meta"]["location"].endswith(f"/scim/v2/Users/{created['id']}")
    assert answer.headers["etag"] == created["meta"]["version"] == 'W/"1"'
    path = f"/Users/{created['id']}"
    assert (await scim("GET", path)).json == created
    found = (await scim("GET", "/Users", filter='userName eq "BJENSEN@example.com"')).json
    assert found["totalResults"] == 1
    assert found["Resources"] == [created]
    patched = await scim.patch(path, {"op": "replace", "path": "active", "value": False})
    assert patched.status == 200
    assert patched.json["active"] is False
    assert (await scim("GET", path)).json == patched.json
