"""What a SCIM request is about, beyond its body: who sends it, and where it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from ..usecases.scim_access import Visit

_HOST = re.compile(r"[A-Za-z\d.-]+(?::\d{1,4})?", re.ASCII)


def visit(request: Request) -> Visit:
    """The record of this request, which knows the configuration once the gate has looked."""
    found: Visit = request.state.visit
    return found


def base(request: Request) -> str:
    """The URL that the endpoints are below, as the client sees it: with `/api` and the configuration."""
    return f"{request.state.origin}{request.scope['root_path']}"


def origin(request: Request) -> str:
    """The server as the client addressed it."""
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host):  # needs no parsing
        return f"{request.scope['scheme']}://{host}"
    return f"{request.url.scheme}://{request.url.netloc}"


def parameters(request: Request) -> Mapping[str, Any]:
    return request.query_params
