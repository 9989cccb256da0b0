from __future__ import annotations

from ..usecases.health import Health
from .responses import Application, Receive, Scope, Send, refuse, respond


def routes(health: Health) -> dict[str, Application]:
    """`/healthz`: the process lives. `/readyz`: it should be sent work; 503 when not."""

    async def healthz(scope: Scope, receive: Receive, send: Send) -> None:
        await _probe(scope, send, ok=True)

    async def readyz(scope: Scope, receive: Receive, send: Send) -> None:
        await _probe(scope, send, ok=await health.ready())

    return {"/healthz": healthz, "/readyz": readyz}


async def _probe(scope: Scope, send: Send, *, ok: bool) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        await refuse(send, 405, "unimplemented", "only GET is served here")
    elif ok:
        await respond(send, 200, {"status": "ok"})
    else:
        await respond(send, 503, {"status": "unavailable"})
