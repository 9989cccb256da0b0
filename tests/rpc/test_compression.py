"""Large answers are in gzip for those who accept it, small ones never; GET and POST give the same."""

from __future__ import annotations

import base64
import gzip
from typing import Any
from urllib.parse import urlencode

import pytest
from orgplane_api.gitpod.v1.sso_configuration_pb import (
    CreateSSOConfigurationRequest,
    ListSSOConfigurationsRequest,
)
from orgplane_api.gitpod.v1.user_pb import GetAuthenticatedUserRequest
from orgplane_server.rpc.compression import LEAST
from orgplane_server.usecases.organization import Founded
from protobuf import Message
from pyqwest import Client, FullResponse
from rpc_clients import ORIGIN, Clients

SMALL = "/gitpod.v1.UserService/GetAuthenticatedUser"
LARGE = "/gitpod.v1.OrganizationService/ListSSOConfigurations"
KINDS = {
    "application/json": ("accept-encoding", "content-encoding"),
    "application/proto": ("accept-encoding", "content-encoding"),
    "application/grpc+proto": ("grpc-accept-encoding", "grpc-encoding"),
    "application/grpc-web+json": ("grpc-accept-encoding", "grpc-encoding"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def bearer(acme: Founded) -> dict[str, str]:
    return {"authorization": f"Bearer {acme.token.reveal()}"}


@pytest.fixture
async def many(admin: Clients, acme: Founded) -> None:
    """SSO configurations that take more than what is worth compressing, in any codec."""
    for number in range(4):
        request = CreateSSOConfigurationRequest(
            organization_id=str(acme.organization.id),
            client_id=f"client {number}",
            client_secret="secret",
            issuer_url="https://idp.example/" + "x" * 300,
        )
        await admin("create_sso_configuration", request)


def written(request: Message, kind: str) -> bytes:
    message = request.to_json().encode() if kind.endswith("json") else request.to_binary()
    return b"\0" + len(message).to_bytes(4) + message if "grpc" in kind else message


def requests(owner: Founded) -> dict[str, Message]:
    return {
        SMALL: GetAuthenticatedUserRequest(),
        LARGE: ListSSOConfigurationsRequest(organization_id=str(owner.organization.id)),
    }


async def answer(
    http: Client, bearer: dict[str, str], path: str, kind: str, request: Message, accepted: str
) -> tuple[bool, bytes]:
    """Whether the answer's message was compressed, and the message."""
    accept, encoding = KINDS[kind]
    response = await http.post(
        ORIGIN + path,
        headers=bearer | {"content-type": kind, accept: accepted, "te": "trailers"},
        content=written(request, kind),
    )
    assert response.status == 200
    told, content = response.headers.get(encoding), response.content
    if "grpc" not in kind:  # the library unpacks it
        return told == "gzip", content
    compressed, end = content[0] == 1, 5 + int.from_bytes(content[1:5])
    assert compressed <= (told == "gzip")
    return compressed, gzip.decompress(content[5:end]) if compressed else content[5:end]


@every_kind
async def test_a_large_answer_is_compressed_and_a_small_one_is_not(
    http: Client, acme: Founded, bearer: dict[str, str], many: None, kind: str
) -> None:
    for path, request in requests(acme).items():
        plain = await answer(http, bearer, path, kind, request, "identity")
        assert plain[0] is False
        assert (len(plain[1]) >= LEAST) is (path == LARGE)
        for accepted in ("gzip", "br, gzip", "gzip,identity"):
            found = await answer(http, bearer, path, kind, request, accepted)
            assert found == (path == LARGE, plain[1]), (path, accepted)
        for refused in ("", "br", "identity, gzip", "gzip;q=0"):
            assert await answer(http, bearer, path, kind, request, refused) == plain


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("codec", ["json", "proto"])
async def test_get_gives_the_same_answer_as_post(
    http: Client,
    acme: Founded,
    bearer: dict[str, str],
    many: None,
    codec: str,
    compressed: bool,
) -> None:
    headers = bearer | {"accept-encoding": "gzip" if compressed else "identity"}
    kind = f"application/{codec}"
    for path, request in requests(acme).items():
        message = written(request, kind)
        query = {
            "connect": "v1",
            "base64": "1",
            "compression": "gzip" if compressed else "identity",
            "encoding": codec,
            "message": base64.urlsafe_b64encode(
                gzip.compress(message) if compressed else message
            ).decode(),
        }
        got = await http.get(f"{ORIGIN}{path}?{urlencode(query)}", headers=headers)
        posted = await http.post(
            ORIGIN + path, headers=headers | {"content-type": kind}, content=message
        )
        assert got.status == posted.status == 200
        assert got.content == posted.content
        assert told(got) == told(posted)


def told(response: FullResponse) -> dict[str, Any]:
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}
