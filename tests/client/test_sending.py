"""What the client puts on the wire: every request as it is, by POST, whatever its size."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import parse_qs

import orgplane
import pytest
from connectrpc.errors import ConnectError
from either_client import settled
from fake_gateway import Gateway
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync
from orgplane_api.gitpod.v1.scim_configuration_pb import (
    GetSCIMConfigurationRequest,
    UpdateSCIMConfigurationRequest,
)

ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
SERVICE = "/gitpod.v1.OrganizationService"
#: Of no use to whoever gets it: what was sent is looked at.
ANSWER = (400, b"<p>no")


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return orgplane.Client if request.param == "sync" else orgplane.AsyncClient


@pytest.mark.parametrize("protocol", ["connect", "connect-json", "grpc", "grpc-web"])
@pytest.mark.parametrize("name", ["Okta", "x" * 20_000], ids=["small", "large"])
async def test_no_request_is_compressed(kind: Any, protocol: str, name: str) -> None:
    protocol, as_json, _ = protocol.partition("-json")
    with Gateway(*ANSWER) as gateway:
        client = kind(
            url=gateway.url,
            token="orgplane_pat_x",
            protocol=protocol,
            codec="json" if as_json else "proto",
        )
        update = client.organizations.scim_configurations.update
        with pytest.raises(orgplane.APIError):
            await settled(update(scim_configuration_id=ID, name=name))
        await settled(client.close())
    (head,), (body,) = gateway.asked, gateway.bodies
    message = UpdateSCIMConfigurationRequest(scim_configuration_id=ID, name=name).to_binary()
    if as_json:
        assert json.loads(body) == {"scimConfigurationId": ID, "name": name}
    elif protocol == "connect":
        assert body == message
    else:
        assert body == b"\0" + len(message).to_bytes(4) + message
    if protocol != "grpc":  # whose head is packed itself
        asked, *lines = head.decode().split("\r\n")
        assert asked == f"POST {SERVICE}/UpdateSCIMConfiguration HTTP/1.1"
        headers = dict(line.lower().split(": ", 1) for line in lines)
        assert "content-encoding" not in headers
        assert headers.get("grpc-encoding", "identity") == "identity"


class TestStubs:
    """The generated stubs by themselves, which docs/clients.md says how to use."""

    def sent(self, *, use_get: bool = False, **options: Any) -> tuple[bytes, bytes]:
        """Request line and body of a read."""
        with Gateway(*ANSWER) as gateway:
            client = OrganizationServiceClientSync(gateway.url, **options)
            request = GetSCIMConfigurationRequest(scim_configuration_id=ID)
            with client, pytest.raises(ConnectError):
                client.get_scim_configuration(request, use_get=use_get)
        return gateway.asked[0].partition(b"\r\n")[0], gateway.bodies[0]

    def test_compress_whatever_they_send_unless_told_otherwise(self) -> None:
        message = GetSCIMConfigurationRequest(scim_configuration_id=ID).to_binary()
        assert gzip.decompress(self.sent()[1]) == message
        assert self.sent(send_compression=None)[1] == message

    def test_send_a_read_to_the_same_url_by_get_each_time(self) -> None:
        first, second = (self.sent(use_get=True, send_compression=None)[0] for _ in range(2))
        assert first == second
        path, _, query = first.decode().split()[1].partition("?")
        assert path == f"{SERVICE}/GetSCIMConfiguration"
        assert list(parse_qs(query)) == ["connect", "base64", "compression", "encoding", "message"]
