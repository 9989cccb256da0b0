"""What a call costs the caller: CPU of our sync and async client, and of grpcio's own stub.

    python bench/client.py sync|async|grpcio URL ID [CALLS]

One call after the other, in one process; the token is in the environment, as LOAD_TOKEN. Prints microseconds of CPU per call.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import grpc
import orgplane
from orgplane_grpc.gitpod.v1 import organization_service_pb2_grpc as stubs
from orgplane_grpc.gitpod.v1 import scim_configuration_pb2 as pb2

KINDS = ("sync", "async", "grpcio")
WARM = 200


def main() -> None:
    kind, url, id = sys.argv[1:4]
    calls = int(sys.argv[4]) if len(sys.argv) > 4 else 2_000
    token = os.environ["LOAD_TOKEN"]
    match kind:
        case "sync":
            spent = sync(url, token, id, calls)
        case "async":
            spent = asyncio.run(asynchronous(url, token, id, calls))
        case _:
            spent = grpcio(url, token, id, calls)
    print(spent / calls * 1e6)


def sync(url: str, token: str, id: str, calls: int) -> float:
    with orgplane.Client(url=url, token=token, protocol="grpc") as client:
        retrieve = client.organizations.scim_configurations.retrieve
        for number in range(WARM + calls):
            if number == WARM:
                begun = time.process_time()
            assert retrieve(scim_configuration_id=id).scim_configuration.id == id
        return time.process_time() - begun


async def asynchronous(url: str, token: str, id: str, calls: int) -> float:
    async with orgplane.AsyncClient(url=url, token=token, protocol="grpc") as client:
        retrieve = client.organizations.scim_configurations.retrieve
        for number in range(WARM + calls):
            if number == WARM:
                begun = time.process_time()
            assert (await retrieve(scim_configuration_id=id)).scim_configuration.id == id
        return time.process_time() - begun


def grpcio(url: str, token: str, id: str, calls: int) -> float:
    with grpc.insecure_channel(url.partition("://")[2]) as channel:
        service = stubs.OrganizationServiceStub(channel)
        request = pb2.GetSCIMConfigurationRequest(scim_configuration_id=id)
        metadata = (("authorization", f"Bearer {token}"),)
        for number in range(WARM + calls):
            if number == WARM:
                begun = time.process_time()
            answer = service.GetSCIMConfiguration(request, metadata=metadata)
            assert answer.scim_configuration.id == id
        return time.process_time() - begun


if __name__ == "__main__":
    main()
