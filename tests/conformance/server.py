"""A server as the suite starts it: what it should be comes on stdin, where it is goes to stdout. `short` or not."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from conformance_stubs.connectrpc.conformance.v1.server_compat_pb import (
    ServerCompatRequest,
    ServerCompatResponse,
)
from orgplane_server.listener.envoy import ListenerOptions
from orgplane_server.listener.serving import serve


def _read() -> ServerCompatRequest:
    size = int.from_bytes(sys.stdin.buffer.read(4))
    return ServerCompatRequest.from_binary(sys.stdin.buffer.read(size))


def _options(request: ServerCompatRequest, folder: Path) -> ListenerOptions:
    environment = {"CONFORMANCE_SHORT_WAY": "1" if sys.argv[1] == "short" else "0"}
    if request.message_receive_limit:
        environment["CONFORMANCE_MAX_REQUEST_BYTES"] = str(request.message_receive_limit)
    files: dict[str, Path] = {}
    creds = request.server_creds
    if request.use_tls and creds is not None:
        parts = {"tls_cert": creds.cert, "tls_key": creds.key, "client_ca": request.client_tls_cert}
        for name, content in parts.items():
            if content:
                files[name] = folder / f"{name}.pem"
                files[name].write_bytes(content)
    return ListenerOptions("127.0.0.1", 0, environment=environment, drain_grace=1, **files)


async def _serve() -> int:
    request = _read()
    answer = sys.stdout

    def ready(url: str, _metrics: str | None) -> None:
        where = urlsplit(url)
        response = ServerCompatResponse(host=where.hostname or "", port=where.port or 0)
        if request.use_tls and request.server_creds is not None:
            response.pem_cert = request.server_creds.cert
        content = response.to_binary()
        answer.buffer.write(len(content).to_bytes(4) + content)
        answer.buffer.flush()

    with tempfile.TemporaryDirectory() as folder:
        options = _options(request, Path(folder))
        return await serve("application:application", options, on_ready=ready)


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
