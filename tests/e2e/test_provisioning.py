"""A provider provisions over SCIM with curl, an administrator watches: the real command on a real port."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orgplane
import pytest
from processes import Organization, Server, create_organization, sqlite_url
from provider import PROTOCOLS, curl, new_configuration, user


def test_what_a_provider_does_is_seen_by_its_administrators(
    server: Server, organization: Organization, client: orgplane.Client
) -> None:
    scim = client.organizations.scim_configurations
    id, token = new_configuration(client, organization)
    status, made = curl(server.url, token, "/Users", user("eve"))
    assert status == 201
    eve, ada = sorted(
        client.organizations.members.list(organization_id=organization.organization_id),
        key=lambda member: member.login_provider != "sso",
    )
    assert (eve.user_id, eve.email, eve.login_provider) == (made["id"], "eve@acme.example", "sso")
    assert ada.login_provider == "none"
    assert curl(server.url, token, "/Users", user("EVE"))[0] == 409
    scim.update(scim_configuration_id=id, enabled=False)
    assert curl(server.url, token, "/Users")[0] == 403
    disabled, duplicate, created = scim.requests.list(scim_configuration_id=id, page_size=2)
    assert (created.method, created.path, created.status) == ("POST", "/scim/v2/Users", 201)
    assert (created.user_agent, created.failed) == ("provider/1", False)
    assert (duplicate.status, duplicate.scim_type) == (409, "uniqueness")
    assert disabled.detail.startswith("the SCIM configuration is disabled")
    failed = scim.requests.list(scim_configuration_id=id, failed=True, oldest_first=True)
    assert list(failed) == [duplicate, disabled]
    fares = scim.retrieve_status(scim_configuration_id=id)
    assert (fares.enabled, fares.linked, fares.user_count) == (False, True, 1)
    assert (fares.last_successful_request, fares.last_failed_request) == (created, disabled)


@pytest.mark.parametrize("options", PROTOCOLS, ids=lambda o: "-".join(o.values()))
def test_a_watch_tells_of_requests_as_they_come(
    server: Server, organization: Organization, client: orgplane.Client, options: dict[str, Any]
) -> None:
    id, token = new_configuration(client, organization)
    with orgplane.Client(url=server.url, token=organization.token, **options) as watcher:
        requests = watcher.organizations.scim_configurations.requests
        with requests.watch(scim_configuration_id=id) as watch:
            curl(server.url, token, "/Users")
            curl(server.url, token, "/Users/1")
            assert [next(watch).path, next(watch).path] == ["/scim/v2/Users", "/scim/v2/Users/1"]
        assert list(watch) == []
        with requests.watch(scim_configuration_id=id, failed=True, recent=2) as watch:
            assert next(watch).status == 404


def test_a_watch_tells_of_requests_through_any_process(
    server: Server, other: Server, organization: Organization, client: orgplane.Client
) -> None:
    id, token = new_configuration(client, organization)
    requests = client.organizations.scim_configurations.requests
    with requests.watch(scim_configuration_id=id) as watch:
        for number, through in enumerate((other, server, other)):
            curl(through.url, token, f"/Users/{number}")
            assert next(watch).path == f"/scim/v2/Users/{number}"


async def test_a_watch_survives_the_server(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with Server("--database-url", url, "--scim-log-bodies") as first:
        with orgplane.Client(url=first.url, token=organization.token) as client:
            id, token = new_configuration(client, organization)
        async with orgplane.AsyncClient(url=first.url, token=organization.token) as watcher:
            requests = watcher.organizations.scim_configurations.requests
            async with requests.watch(scim_configuration_id=id) as watch:
                await asyncio.to_thread(curl, first.url, token, "/Users", user("eve"))
                made = await anext(watch)
                assert '"userName": "eve@acme.example"' in made.request_body
                assert '"password": "[redacted]"' in made.request_body
                assert "hunter2" not in repr(made)
                assert await asyncio.to_thread(first.stop) == 0
                again = ("--database-url", url, "--listen", f"127.0.0.1:{first.port}")
                with Server(*again) as second:
                    await asyncio.to_thread(curl, second.url, token, "/Users/2")
                    assert (await anext(watch)).path == "/scim/v2/Users/2"


def test_a_stopping_server_keeps_what_it_has_answered(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with Server("--database-url", url) as server:
        with orgplane.Client(url=server.url, token=organization.token) as client:
            id, token = new_configuration(client, organization)
        for number in range(3):
            curl(server.url, token, f"/Users/{number}")
        assert server.stop() == 0
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        found = list(
            client.organizations.scim_configurations.requests.list(scim_configuration_id=id)
        )
        assert [each.path[-1] for each in found] == ["2", "1", "0"]
