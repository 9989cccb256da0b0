"""Every client that our users have, against the real command on a real port."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import orgplane
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status
from orgplane.types import SCIMConfiguration
from orgplane_grpc.buf.validate import validate_pb2
from orgplane_grpc.gitpod.v1 import organization_service_pb2_grpc, scim_configuration_pb2
from processes import PATIENCE, Organization, Server

UPDATE = "gitpod.v1.OrganizationService/UpdateSCIMConfiguration"
PROTOCOLS: Sequence[dict[str, Any]] = (
    {"protocol": "connect"},
    {"protocol": "connect", "codec": "json"},
    {"protocol": "grpc"},
    {"protocol": "grpc-web"},
)


@pytest.mark.parametrize("options", PROTOCOLS, ids=lambda o: "-".join(o.values()))
class TestOurClient:
    def test_sync(
        self,
        server: Server,
        organization: Organization,
        configuration: SCIMConfiguration,
        options: dict[str, Any],
    ) -> None:
        with orgplane.Client(url=server.url, token=organization.token, **options) as client:
            scim = client.organizations.scim_configurations
            updated = scim.update(scim_configuration_id=configuration.id, enabled=False)
            assert not updated.scim_configuration.enabled
            assert updated.scim_configuration.updated_at > configuration.updated_at
            assert list(scim.list()) == [updated.scim_configuration]
            with pytest.raises(orgplane.InvalidArgumentError) as caught:
                scim.update(scim_configuration_id="no", name="x" * 129)
            fields = [violation.field for violation in caught.value.violations]
            assert fields == ["scim_configuration_id", "name"]

    async def test_async(
        self,
        server: Server,
        organization: Organization,
        configuration: SCIMConfiguration,
        options: dict[str, Any],
    ) -> None:
        async with orgplane.AsyncClient(
            url=server.url, token=organization.token, **options
        ) as client:
            scim = client.organizations.scim_configurations
            await asyncio.gather(
                scim.update(scim_configuration_id=configuration.id, enabled=False),
                scim.update(scim_configuration_id=configuration.id, name="Entra"),
            )
            (found,) = [item async for item in scim.list()]
            assert (found.enabled, found.name) == (False, "Entra")
            with pytest.raises(orgplane.NotFoundError) as caught:
                await scim.retrieve(scim_configuration_id=organization.user_id)
            assert caught.value.reason == "SCIM_CONFIGURATION_NOT_FOUND"
            assert caught.value.request_id


class TestClassicGRPC:
    def metadata(self, organization: Organization) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {organization.token}")]

    def request(
        self, id: str, **fields: Any
    ) -> scim_configuration_pb2.UpdateSCIMConfigurationRequest:
        return scim_configuration_pb2.UpdateSCIMConfigurationRequest(
            scim_configuration_id=id, **fields
        )

    def test_sync_with_deadline_and_gzip(
        self, server: Server, organization: Organization, configuration: SCIMConfiguration
    ) -> None:
        with grpc.insecure_channel(server.address, compression=grpc.Compression.Gzip) as channel:
            service = organization_service_pb2_grpc.OrganizationServiceStub(channel)
            response = service.UpdateSCIMConfiguration(
                self.request(configuration.id, enabled=False),
                metadata=self.metadata(organization),
                timeout=PATIENCE,
            )
        assert response.scim_configuration.name == "Okta"
        assert not response.scim_configuration.enabled

    async def test_aio(
        self, server: Server, organization: Organization, configuration: SCIMConfiguration
    ) -> None:
        async with grpc.aio.insecure_channel(server.address) as channel:
            service = organization_service_pb2_grpc.OrganizationServiceStub(channel)
            response = await service.UpdateSCIMConfiguration(
                self.request(configuration.id, sso_configuration_id=""),
                metadata=self.metadata(organization),
                timeout=PATIENCE,
            )
        assert response.scim_configuration.sso_configuration_id == ""

    def test_errors_have_rich_details(self, server: Server, organization: Organization) -> None:
        with grpc.insecure_channel(server.address) as channel:
            service = organization_service_pb2_grpc.OrganizationServiceStub(channel)
            with pytest.raises(grpc.RpcError) as caught:
                service.UpdateSCIMConfiguration(
                    self.request("no", name="x" * 129),
                    metadata=self.metadata(organization),
                    timeout=PATIENCE,
                )
        status = rpc_status.from_call(caught.value)
        assert status is not None
        assert status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        found = {}
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.BadRequest,
            validate_pb2.Violations,
        ):
            for detail in status.details:
                message = kind()
                if detail.Unpack(message):
                    found[kind.DESCRIPTOR.name] = message
        assert found["ErrorInfo"].reason == "INVALID_ARGUMENT"
        assert [v.field for v in found["BadRequest"].field_violations] == [
            "scim_configuration_id",
            "name",
        ]
        assert len(found["Violations"].violations) == 2

    def test_a_passed_deadline(self, server: Server, organization: Organization) -> None:
        with grpc.insecure_channel(server.address) as channel:
            service = organization_service_pb2_grpc.OrganizationServiceStub(channel)
            with pytest.raises(grpc.RpcError) as caught:
                service.UpdateSCIMConfiguration(
                    self.request(organization.user_id),
                    metadata=self.metadata(organization),
                    timeout=0.000001,
                )
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    def test_an_rpc_that_is_not_served(self, server: Server) -> None:
        with grpc.insecure_channel(server.address) as channel:
            call = channel.unary_unary("/gitpod.v1.OrganizationService/GetCustomDomain")
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=PATIENCE)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert "GetCustomDomain is not served here" in (caught.value.details() or "")


class TestHealth:
    @pytest.mark.parametrize("service", ["", "gitpod.v1.OrganizationService"])
    def test_check(self, server: Server, service: str) -> None:
        with grpc.insecure_channel(server.address) as channel:
            response = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE
            )
        assert response.status == health_pb2.HealthCheckResponse.SERVING

    def test_check_of_an_unknown_service(self, server: Server) -> None:
        with (
            grpc.insecure_channel(server.address) as channel,
            pytest.raises(grpc.RpcError) as caught,
        ):
            health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service="nobody"), timeout=PATIENCE
            )
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND

    def test_watch_starts_with_the_status(self, server: Server) -> None:
        with grpc.insecure_channel(server.address) as channel:
            stream = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=PATIENCE
            )
            assert next(stream).status == health_pb2.HealthCheckResponse.SERVING
            stream.cancel()

    @pytest.mark.parametrize("path", ["healthz", "readyz"])
    def test_probes(self, server: Server, path: str) -> None:
        done = curl("--fail", f"{server.url}/{path}")
        assert json.loads(done) == {"status": "ok"}


def test_reflection_serves_grpcio(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert "gitpod.v1.OrganizationService" in database.get_services()
        file = database.FindFileContainingSymbol("gitpod.v1.UpdateSCIMConfigurationRequest")
    assert file.name == "gitpod/v1/scim_configuration.proto"


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "-sS", "--max-time", str(PATIENCE), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_plain_curl(
    server: Server, organization: Organization, configuration: SCIMConfiguration
) -> None:
    answer = curl(
        *("-H", f"Authorization: Bearer {organization.token}"),
        *("-H", "Content-Type: application/json"),
        *("-d", json.dumps({"scimConfigurationId": configuration.id, "enabled": False})),
        f"{server.url}/{UPDATE}",
    )
    assert json.loads(answer)["scimConfiguration"]["enabled"] is False


class TestBufCurl:
    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        buf = Path(sys.executable).with_name("buf")
        return subprocess.run(
            [buf, "curl", "--http2-prior-knowledge", *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    @pytest.mark.parametrize("protocol", ["connect", "grpc", "grpcweb"])
    @pytest.mark.parametrize("reflection", ["grpc-v1", "grpc-v1alpha"])
    def test_with_reflection(
        self,
        server: Server,
        organization: Organization,
        configuration: SCIMConfiguration,
        protocol: str,
        reflection: str,
    ) -> None:
        done = self.call(
            *("--protocol", protocol, "--reflect-protocol", reflection),
            *("-H", f"Authorization: Bearer {organization.token}"),
            *("-d", json.dumps({"scimConfigurationId": configuration.id, "name": protocol})),
            f"{server.url}/{UPDATE}",
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["scimConfiguration"]["name"] == protocol

    def test_errors_show_their_details(self, server: Server, organization: Organization) -> None:
        done = self.call(
            *("--protocol", "grpc", "-H", f"Authorization: Bearer {organization.token}"),
            *("-d", '{"scimConfigurationId": "no"}', f"{server.url}/{UPDATE}"),
        )
        assert done.returncode != 0
        error = json.loads(done.stderr)
        assert error["code"] == "invalid_argument"
        types = {detail["type"] for detail in error["details"]}
        assert types == {
            "google.rpc.ErrorInfo",
            "google.rpc.BadRequest",
            "buf.validate.Violations",
        }

    def test_methods_are_listed(self, server: Server) -> None:
        done = self.call("--list-methods", server.url)
        assert UPDATE in done.stdout.splitlines()


@pytest.mark.parametrize("options", PROTOCOLS, ids=lambda o: "-".join(o.values()))
def test_members_are_listed_counted_looked_up_and_changed(
    server: Server, organization: Organization, options: dict[str, Any]
) -> None:
    with orgplane.Client(url=server.url, token=organization.token, **options) as client:
        id = organization.organization_id
        (ada,) = client.organizations.members.list(organization_id=id, sort="name", page_size=1)
        assert ada.role is orgplane.types.OrganizationRole.ADMIN
        assert client.users.get(user_id=ada.user_id).user.email == ada.email
        count = client.organizations.members.count(organization_id=id, search=ada.email.upper())
        assert count == orgplane.types.Count(1, exact=True)
        none = client.organizations.members.count(
            organization_id=id, statuses=["USER_STATUS_LEFT"], roles=["ORGANIZATION_ROLE_ADMIN"]
        )
        assert none.value == 0
        for change in (
            lambda: client.users.set_suspended(user_id=ada.user_id, suspended=True),
            lambda: client.organizations.members.set_role(
                organization_id=id, user_id=ada.user_id, role="ORGANIZATION_ROLE_MEMBER"
            ),
        ):
            with pytest.raises(orgplane.PermissionDeniedError) as caught:
                change()
            assert caught.value.reason == "LAST_ADMINISTRATOR"
        with pytest.raises(ValueError, match="BOSS"):
            client.organizations.members.list(organization_id=id, roles=["BOSS"])
        with pytest.raises(ValueError, match="descending"):
            client.organizations.members.list(organization_id=id, descending=True)
