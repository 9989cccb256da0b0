"""The suite's service behind our listener, front, door and interceptors. Errors keep what its service gave them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from conformance_stubs.connectrpc.conformance.v1 import service_pb
from conformance_stubs.connectrpc.conformance.v1.service_connect import (
    ConformanceService,
    ConformanceServiceASGIApplication,
)
from connectrpc.codec import proto_binary_codec
from connectrpc.errors import ConnectError
from orgplane_server.app.front import Front
from orgplane_server.rpc.door import RpcDoor
from orgplane_server.rpc.interceptors.errors import Errors
from orgplane_server.rpc.interceptors.query_pagination import QueryPagination
from orgplane_server.rpc.interceptors.time_limit import TimeLimit
from orgplane_server.rpc.interceptors.validation import Validate
from orgplane_server.rpc.json_codec import StrictJSONCodec
from orgplane_server.rpc.refusal import Refusal
from orgplane_server.rpc.unary import Shortcut, Unary
from orgplane_server.telemetry import logs
from orgplane_server.web.cors import CrossOrigin
from orgplane_server.web.lifeline import die_with_parent
from protobuf import Registry
from service import Service

#: Whether unary calls go by the door's short way, where they can.
_SHORT_WAY = os.environ.get("CONFORMANCE_SHORT_WAY") == "1"
_MAX_REQUEST_BYTES = int(os.environ.get("CONFORMANCE_MAX_REQUEST_BYTES") or 4 * 1024 * 1024)


class _AsTheyAre(Errors):
    """Without the reason that every error of ours has: the suite counts an error's details."""

    def answer(self, error: Exception, request_id: str) -> ConnectError:
        match error:
            case ConnectError():
                return error
            case Refusal():
                return ConnectError(error.code, str(error))
            case _:
                return super().answer(error, request_id)


class _NoScim:
    def serves(self, path: str) -> bool:
        return False


def _front() -> Front:
    errors, rpcs = _AsTheyAre(), Service()
    service = ConformanceService.desc()
    rules = Validate(service)
    codecs = (proto_binary_codec(), StrictJSONCodec(registry=Registry(service_pb.desc())))
    application = ConformanceServiceASGIApplication(
        rpcs,
        interceptors=(errors, TimeLimit(30), QueryPagination(), rules),
        read_max_bytes=_MAX_REQUEST_BYTES,
        codecs=codecs,
    )
    shortcut = Shortcut(
        Unary.all(service, rpcs),
        codecs,
        (rules,),
        None,
        read_max_bytes=_MAX_REQUEST_BYTES,
        request_timeout=30,
    )
    door = RpcDoor(
        {service: application}, errors, _MAX_REQUEST_BYTES, shortcut if _SHORT_WAY else None
    )
    scim: Any = _NoScim()
    return Front(door, scim, {}, _MAX_REQUEST_BYTES, CrossOrigin())


class _Application:
    def __init__(self) -> None:
        logs.configure("text")
        # the suite kills what started it if that takes long to end
        die_with_parent(Path(os.environ["ORGPLANE_LIFELINE"]))
        self._front = _front()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._front(scope, receive, send)
            return
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})


application = _Application()
