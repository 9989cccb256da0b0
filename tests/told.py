"""What an error that HTTP carries says, in whatever protocol."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from connectrpc.code import Code
from orgplane_api.google.rpc.error_details_pb import ErrorInfo
from protobuf.wkt import Any as AnyMessage
from pyqwest import FullResponse

#: gRPC's numbers, in the order of Connect's names.
CODES = dict(zip(map(str, range(1, 17)), Code, strict=True))


@dataclass(frozen=True)
class Told:
    """An error, however it is carried."""

    code: str
    message: str
    reason: str


def told(response: FullResponse) -> Told:
    kind = response.headers["content-type"]
    if kind.startswith("application/grpc"):
        return _told_by_grpc(response)
    error = response.json() if kind.startswith("application/json") else _last_frame(response)
    return _told(
        error["code"],
        error["message"],
        [
            AnyMessage(
                type_url=f"type.googleapis.com/{detail['type']}",
                value=base64.b64decode(detail["value"] + "==="),
            )
            for detail in error["details"]
        ],
    )


def _last_frame(response: FullResponse) -> Any:
    assert response.status == 200
    assert response.content[0] == 0x02
    return json.loads(response.content[5:])["error"]


def grpc_fields(response: FullResponse) -> dict[str, str]:
    """Headers and trailers, wherever gRPC or gRPC-Web has them, of an answer without messages."""
    assert response.status == 200
    fields = dict(response.headers.items()) | dict((response.trailers or {}).items())
    if response.content:
        assert response.content[0] == 0x80
        lines = response.content[5:].decode().split("\r\n")
        fields |= dict(line.split(": ", 1) for line in lines if line)
    return fields


def _told_by_grpc(response: FullResponse) -> Told:
    from connectrpc._gen.google.rpc.status_pb import Status

    fields = grpc_fields(response)
    status = Status.from_binary(base64.b64decode(fields["grpc-status-details-bin"] + "==="))
    assert status.message == unquote(fields["grpc-message"])
    return _told(CODES[fields["grpc-status"]].value, status.message, status.details)


def _told(code: str, message: str, details: list[AnyMessage]) -> Told:
    (info,) = [d for d in details if d.type_url.endswith("/google.rpc.ErrorInfo")]
    found = ErrorInfo.from_binary(info.value)
    assert found.domain == "orgplane"
    return Told(code, message, found.reason)
