"""The floor: our listener and RPC runtime with handlers that answer a constant, and nothing else.

    python bench/floor.py [--bare]

`--bare` leaves the RPC runtime out too: an ASGI application that answers a constant.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from connectrpc.codec import proto_binary_codec
from orgplane_api.gitpod.v1 import scim_configuration_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceASGIApplication,
)
from orgplane_server import listener
from orgplane_server.app import affinity
from orgplane_server.rpc.json_codec import StrictJSONCodec
from orgplane_server.rpc.receiving import patient
from protobuf.wkt import Timestamp

BARE = "ORGPLANE_BENCH_BARE"
_ID = "01a2100a-7fe5-7474-a11a-aca50e63cd7a"
_INSTANT = Timestamp(seconds=1_795_565_453, nanos=285_589_000)
_CONFIGURATION = pb.SCIMConfiguration(
    id=_ID,
    organization_id=_ID,
    name="A name as long as others",
    enabled=True,
    sso_configuration_id=_ID,
    created_at=_INSTANT,
    updated_at=_INSTANT,
    token_expires_at=_INSTANT,
)
_UPDATED = pb.UpdateSCIMConfigurationResponse(scim_configuration=_CONFIGURATION)


class Constant(OrganizationService):
    async def update_scim_configuration(self, request: Any, ctx: Any) -> Any:
        return _UPDATED


_rpc = OrganizationServiceASGIApplication(
    Constant(), codecs=(proto_binary_codec(), StrictJSONCodec())
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        keeping = affinity.keep_to_one_cpu()
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        if keeping is not None:
            keeping.cancel()
    elif BARE in os.environ:
        while (await receive()).get("more_body", False):
            pass
        headers = [(b"content-type", b"application/proto")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _UPDATED.to_binary()})
    else:
        await _rpc(scope, patient(receive), send)


async def serve() -> int:
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}  # where this file is comes first
    if "--bare" in sys.argv:
        environment[BARE] = "1"
    # A constant has no calls that could be waited for.
    options = listener.ListenerOptions("127.0.0.1", 0, environment=environment, drain_grace=0.1)
    return await listener.serve(
        "floor:application", options, on_ready=lambda url, _: print(f"ready on {url}", flush=True)
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()))
