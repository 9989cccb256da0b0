"""The least that an identity provider does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


def scim(url: str, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and answer of a SCIM request."""
    request = urllib.request.Request(
        f"{url}/scim/v2{path}",
        None if body is None else json.dumps(body).encode(),
        {"authorization": f"Bearer {token}", "content-type": "application/scim+json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def provision(url: str, token: str, email: str, user_name: str = "") -> str:
    """The id of a new user, who is called as the address is unless it is said how."""
    status, user = scim(
        url,
        token,
        "POST",
        "/Users",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name or email,
            "emails": [{"value": email}],
        },
    )
    assert status == 201, user
    return str(user["id"])


def push_group(url: str, token: str, name: str, *members: str) -> str:
    """The id of a new group."""
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": [{"value": member} for member in members],
    }
    status, group = scim(url, token, "POST", "/Groups", body)
    assert status == 201, group
    return str(group["id"])
