"""scim2-server, in memory, as its guide to deployment has it: the ASGI application on one uvicorn process.

    python bench/peers/python/scim_server.py USERS FILE

It begins with so many users, written to the file as `id userName`. The bearer token is in the environment,
as SCIM_TOKEN. Beside the others it has no audit trail, no groups, and nothing on disk.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn
from scim2_models import ScimProvider, UnauthorizedException
from scim2_server.applications.asgi import ASGIApplication
from scim2_server.memory import AsyncInMemoryStorage, InMemoryStorage
from scim2_server.requests import ScimRequest
from scim2_server.utils import load_default_provider


class Application(ASGIApplication):
    _digest = hashlib.sha256(os.environ["SCIM_TOKEN"].encode()).digest()

    def check_auth(self, request: ScimRequest) -> None:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        digest = hashlib.sha256(token.encode()).digest()
        if scheme.lower() != "bearer" or digest != self._digest:
            raise UnauthorizedException


def filled(provider: ScimProvider, users: int, file: Path) -> InMemoryStorage:
    storage = InMemoryStorage()
    kind = next(each for each in provider.resource_types if each.name == "User")
    model = provider.model_for(kind)
    lines = []
    for number in range(users):
        name = f"user-{number}@example.com"
        user = model(
            external_id=f"external-{number}",
            user_name=name,
            name={"familyName": f"Family {number}", "givenName": "Given"},
            display_name=f"Given Family {number}",
            active=True,
            emails=[{"value": name, "type": "work", "primary": True}],
        )
        lines.append(f"{storage.create(kind, user).id} {name}")
    file.write_text("\n".join(lines))
    return storage


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    provider = load_default_provider()
    storage = filled(provider, int(sys.argv[1]), Path(sys.argv[2]))
    app = Application(AsyncInMemoryStorage(storage), provider)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"ready on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])
