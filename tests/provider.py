"""An identity provider that speaks SCIM with curl, and the protocols that administrators speak."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import orgplane
from processes import PATIENCE, Organization

PROTOCOLS: tuple[dict[str, Any], ...] = (
    {"protocol": "connect"},
    {"protocol": "connect", "codec": "json"},
    {"protocol": "grpc"},
    {"protocol": "grpc-web"},
)


def curl(
    url: str,
    token: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *options: str,
) -> tuple[int, Any]:
    """Status and document of a GET or, with a body, of a POST; `options` say otherwise."""
    sent = (
        []
        if body is None
        else ["-H", "content-type: application/scim+json", "-d", json.dumps(body)]
    )
    done = subprocess.run(
        [
            *("curl", "-sS", "-H", f"Authorization: Bearer {token}", "-A", "provider/1"),
            *("-w", "\n%{http_code}", *sent, *options, f"{url}/scim/v2{path}"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    document, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(document or "null")


def user(name: str) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": f"{name}@acme.example",
        "password": "hunter2",
    }


def new_configuration(client: orgplane.Client, organization: Organization) -> tuple[str, str]:
    sso = client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    )
    made = client.organizations.scim_configurations.create(
        organization_id=organization.organization_id,
        sso_configuration_id=sso.sso_configuration.id,
    )
    return made.scim_configuration.id, made.token
