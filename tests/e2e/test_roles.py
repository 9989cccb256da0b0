"""A provider's group that administers, over real processes."""

from __future__ import annotations

import json

import orgplane
import pytest
from processes import Organization, Server, run
from provider import curl, new_configuration, user
from scim_client import group, patch

#: New connections, which the kernel spreads over the processes of a server.
CONNECTIONS = 4


def test_who_is_pushed_into_a_group_administers_through_any_process_until_they_are_removed(
    server: Server,
    other: Server,
    database_url: str,
    organization: Organization,
    client: orgplane.Client,
) -> None:
    _, scim = new_configuration(client, organization)
    assert curl(server.url, scim, "/Users", user("cid"))[0] == 201
    eve = curl(server.url, scim, "/Users", user("eve"))[1]["id"]
    id = curl(other.url, scim, "/Groups", group("Administrators"))[1]["id"]
    client.organizations.roles.assign(
        principal=orgplane.types.RolePrincipal.GROUP,
        principal_id=id,
        role=orgplane.types.Role.ADMIN,
    )

    def change(op: str, through: Server) -> None:
        body = patch({"op": op, "path": "members", "value": [{"value": eve}]})
        assert curl(through.url, scim, f"/Groups/{id}", body, "-X", "PATCH")[0] in (200, 204)

    change("add", server)
    told = run(
        *("create-token", "--organization", organization.organization_id, "--json"),
        *("--email", "eve@acme.example", "--database-url", database_url),
    )
    assert told.returncode == 0, told.stderr
    token = json.loads(told.stdout)["token"]

    def administer(through: Server) -> None:
        with orgplane.Client(url=through.url, token=token, max_retries=0) as eves:
            eves.organizations.update(organization_id=organization.organization_id, name="Hers")

    for changed_through in (server, other):
        for through in (server, *[other] * CONNECTIONS):
            administer(through)
        change("remove", changed_through)
        for through in (server, *[other] * CONNECTIONS):
            with pytest.raises(orgplane.PermissionDeniedError):
                administer(through)
        change("add", changed_through)
