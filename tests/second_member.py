"""A second member of an organization, made as members are: by an identity provider."""

from __future__ import annotations

import json
import urllib.request

import orgplane
from processes import PATIENCE, Organization, Server


def provision_member(server: Server, organization: Organization) -> str:
    """The id of an active member; the configuration that they came through is gone again."""
    with orgplane.Client(url=server.url, token=organization.token) as client:
        configurations = client.organizations
        sso = configurations.sso_configurations.create(
            organization_id=organization.organization_id,
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
        ).sso_configuration.id
        made = configurations.scim_configurations.create(
            organization_id=organization.organization_id, sso_configuration_id=sso
        )
        request = urllib.request.Request(
            f"{server.url}/scim/v2/Users",
            json.dumps(
                {
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": "mel@acme.example",
                    "emails": [{"value": "mel@acme.example", "primary": True}],
                    "active": True,
                }
            ).encode(),
            {
                "authorization": f"Bearer {made.token}",
                "content-type": "application/scim+json",
            },
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            user = json.load(answer)
        configurations.scim_configurations.delete(scim_configuration_id=made.scim_configuration.id)
        configurations.sso_configurations.delete(sso_configuration_id=sso)
    return str(user["id"])
