"""An identity provider and an administrator, each at their door of the real command."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import itertools
import json
import select
import socket
import subprocess
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orgplane
import pytest
from processes import PATIENCE, Organization, Server, create_organization, sqlite_url
from pyqwest import Client, HTTPTransport, HTTPVersion


def curl(url: str, token: str, *arguments: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of what curl is answered."""
    done = subprocess.run(
        [
            *("curl", "-sS", "--max-time", str(PATIENCE), "-D", "-"),
            *("-H", f"Authorization: Bearer {token}"),
            *("-H", "Content-Type: application/scim+json", "-H", "Expect:"),
            *arguments,
            url,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition("\n\n")
    status, *lines = head.splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, json.loads(body) if body else None


def user(user_name: str) -> str:
    return json.dumps(
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name}
    )


@pytest.fixture
def scim_token(client: orgplane.Client, configuration: orgplane.types.SCIMConfiguration) -> str:
    return client.organizations.scim_configurations.regenerate_token(
        scim_configuration_id=configuration.id
    ).token


def test_what_the_administrator_sets_takes_effect_at_once(
    server: Server,
    client: orgplane.Client,
    configuration: orgplane.types.SCIMConfiguration,
    scim_token: str,
) -> None:
    configurations = client.organizations.scim_configurations
    base = f"{server.url}/scim/v2"
    status, headers, made = curl(f"{base}/Users", scim_token, "-d", user("ann"))
    assert status == 201
    assert headers["content-type"] == "application/scim+json"
    assert headers["location"] == made["meta"]["location"] == f"{base}/Users/{made['id']}"
    assert headers["x-request-id"]
    status, _, found = curl(made["meta"]["location"], scim_token)
    assert (status, found) == (200, made)

    configurations.update(scim_configuration_id=configuration.id, enabled=False)
    status, headers, refused = curl(f"{base}/Users", scim_token, "-d", user("ben"))
    assert status == 403
    assert refused["status"] == "403"
    assert "disabled" in refused["detail"]
    assert curl(f"{base}/Users", scim_token)[0] == 403

    configurations.update(scim_configuration_id=configuration.id, enabled=True)
    assert curl(f"{base}/Users", scim_token, "-d", user("ben"))[0] == 201
    query = "filter=userName%20eq%20%22BEN%22"
    status, _, listed = curl(f"{base}/{configuration.id}/Users?{query}", scim_token)
    assert (status, listed["totalResults"]) == (200, 1)
    (ben,) = listed["Resources"]
    location = f"{base}/{configuration.id}/Users/{ben['id']}"
    assert ben["meta"]["location"] == location
    assert curl(f"{server.url}/api/scim/v2/Users", scim_token)[2]["totalResults"] == 2

    newer = configurations.regenerate_token(scim_configuration_id=configuration.id).token
    status, headers, refused = curl(f"{base}/Users", scim_token)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert curl(location, newer, "-X", "DELETE")[0] == 204
    assert curl(location, newer)[0] == 404


def test_odd_requests_are_answered(server: Server, scim_token: str) -> None:
    base = f"{server.url}/scim/v2"
    for path, arguments, expected in (
        ("/Users", ("-d", "{"), 400),
        ("/Users", ("-d", user("x"), "-H", "Content-Type: text/plain"), 415),
        ("/Users", ("-X", "DELETE"), 405),
        ("/Users/", (), 200),
        ("/Nothing", (), 404),
        ("/Me", (), 501),
    ):
        assert curl(base + path, scim_token, *arguments)[0] == expected, path
    head = ["curl", "-sSI", "-H", f"Authorization: Bearer {scim_token}", f"{base}/Users"]
    answer = subprocess.run(head, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert answer.stdout.startswith("HTTP/1.1 200")


def test_a_body_over_the_limit_is_refused(server: Server, scim_token: str, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text(json.dumps({"userName": "x" * 20_000_000}))
    status, _, refused = curl(f"{server.url}/scim/v2/Users", scim_token, "-d", f"@{body}")
    assert status == 413
    assert refused["status"] == "413"


def test_two_servers_on_one_file_provision_together(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization: Organization = create_organization(url)
    with (
        Server("--database-url", url) as one,
        Server("--database-url", url) as other,
        orgplane.Client(url=one.url, token=organization.token) as client,
    ):
        sso = client.organizations.sso_configurations.create(
            organization_id=organization.organization_id,
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
        ).sso_configuration
        made = client.organizations.scim_configurations.create(
            organization_id=organization.organization_id, sso_configuration_id=sso.id
        )

        def provision(number: int) -> int:
            server = (one, other)[number % 2]
            return curl(f"{server.url}/scim/v2/Users", made.token, "-d", user(f"u{number}"))[0]

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(provision, range(12))) == {201}
        client.organizations.scim_configurations.update(
            scim_configuration_id=made.scim_configuration.id, enabled=False
        )
        assert curl(f"{other.url}/scim/v2/Users", made.token)[0] == 403


def test_what_http_has_to_carry(server: Server, scim_token: str, tmp_path: Path) -> None:
    """Bodies in gzip, lists in pieces, answers without content that have a media type: on one connection."""
    base = f"{server.url}/scim/v2"
    users = [
        {"method": "POST", "path": "/Users", "data": json.loads(user(f"user{number}"))}
        for number in range(120)
    ]
    body = tmp_path / "bulk.gz"
    body.write_bytes(gzip.compress(json.dumps({"Operations": users}).encode()))
    zipped = ("-H", "Content-Encoding: gzip", "--data-binary", f"@{body}")
    assert curl(f"{base}/Bulk", scim_token, *zipped)[0] == 200
    assert curl(f"{base}/Bulk", "", *zipped)[0] == 401
    for version in ("--http1.1", "--http2-prior-knowledge"):
        status, _, listed = curl(f"{base}/Users", scim_token, version)
        assert (status, len(listed["Resources"])) == (200, 120)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {scim_token}", "Content-Type": "application/scim+json"}

    def send(method: str, path: str, body: str | None = None) -> tuple[int, str | None, bytes]:
        connection.request(method, f"/scim/v2{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type"), answer.read()

    assert send("HEAD", "/Users") == (200, "application/scim+json", b"")
    _, _, made = send("POST", "/Groups", json.dumps({"displayName": "Guides"}))
    path = f"/Groups/{json.loads(made)['id']}"
    rename = {"Operations": [{"op": "replace", "path": "displayName", "value": "Others"}]}
    for method, content in (("PATCH", json.dumps(rename)), ("DELETE", None)):
        assert send(method, path, content) == (204, "application/scim+json", b"")
    status, _, listed = send("POST", "/Users/.search")
    assert (status, json.loads(listed)["totalResults"]) == (200, 120)
    connection.close()


@pytest.mark.parametrize("version", [HTTPVersion.HTTP1, HTTPVersion.HTTP2])
async def test_a_stranger_is_answered_before_the_body_has_come(
    server: Server, version: HTTPVersion
) -> None:
    async def begun() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {"content-type": "application/scim+json"}
    async with HTTPTransport(http_version=version) as transport, asyncio.timeout(PATIENCE):
        client = Client(transport)
        for method, path in (("POST", "/Bulk"), ("POST", "/.search"), ("PUT", "/Groups/x")):
            url = f"{server.url}/scim/v2{path}"
            async with client.stream(method, url, headers=headers, content=begun()) as answer:
                assert answer.status == 401


def request(method: str, path: str, token: str, body: str) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: orgplane\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/scim+json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return f"{head}{body}".encode()


def test_who_leaves_while_others_have_their_turn_is_not_begun_with(
    server: Server, scim_token: str
) -> None:
    """Requests with much in them are worked on one at a time, of one provider in the order in which they come."""
    attempt = next(n for n in itertools.count() if left_in_time(server, scim_token, n))
    _, _, found = curl(f"{server.url}/scim/v2/Users", scim_token)
    names = [each["userName"] for each in found["Resources"]]
    assert f"stays{attempt}" in names
    assert f"gone{attempt}" not in names


def left_in_time(server: Server, scim_token: str, attempt: int) -> bool:
    """One client waits behind large requests and leaves, one stays; whether the large ones still ran when it left."""
    much = json.dumps({"userName": "", **{f"unknown{n}": n for n in range(45_000)}})
    address = ("127.0.0.1", server.port)
    with contextlib.ExitStack() as stack:
        first, *others = (stack.enter_context(socket.create_connection(address)) for _ in range(5))
        for each in (first, *others):
            each.settimeout(PATIENCE)
            each.sendall(request("POST", "/scim/v2/Users", scim_token, much))
        gone, stays = (stack.enter_context(socket.create_connection(address)) for _ in range(2))
        assert first.recv(64)  # now it is one of the others' turn
        for who, name in ((gone, "gone"), (stays, "stays")):
            named = json.dumps({"userName": f"{name}{attempt}", "unknown": "x" * 20_000})
            who.sendall(request("POST", "/scim/v2/Users", scim_token, named))
        assert server.status("/scim/v2/Users") == 401  # both have come in meanwhile
        gone.close()
        assert server.status("/scim/v2/Users") == 401  # and one has left
        answered, _, _ = select.select(others, [], [], 0)
        stays.settimeout(PATIENCE)
        assert stays.recv(12) == b"HTTP/1.1 201"
        return len(answered) < len(others)
