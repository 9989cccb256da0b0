"""A real OpenID Connect provider (npm oidc-provider) on a loopback port."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import toolchains

PACKAGE = "oidc-provider@^9"
CALLBACK = "https://id.acme.example/sso/callback"
CLIENT_ID = "orgplane"
#: With what has to be escaped on its way.
CLIENT_SECRET = "a+b%c:d/e-and-so-on-to-be-long-enough"
#: Another client with the same secret, and its redirect URI, which is not ours.
ELSEWHERE = ("elsewhere", "https://elsewhere.example/sso/callback")

_PROGRAM = """
import { Provider } from 'oidc-provider';
import { createServer } from 'node:http';
const [client_secret, ...clients] = process.argv.slice(2);
const client = (client_id, redirect) => ({ client_id, client_secret, redirect_uris: [redirect], response_types: ['code'] });
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client(clients[0], clients[1]), client(clients[2], clients[3])],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  });
  server.on('request', provider.callback());
  console.log(`at ${issuer}`);
});
"""


@dataclass(frozen=True)
class OpenIDProvider:
    issuer: str
    #: Whether its answers have a Date.
    tells_time: bool = True


@pytest.fixture(scope="session")
def openid_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIDProvider]:
    """Knows the clients above, in 1 process for all tests."""
    toolchains.need("node", "npm")
    folder: Path = tmp_path_factory.mktemp("oidc-provider")
    toolchains.fetch("npm", "install", "--prefix", folder, PACKAGE, cwd=folder)
    program = folder / "provider.mjs"
    program.write_text(_PROGRAM)
    with subprocess.Popen(
        ["node", program, CLIENT_SECRET, CLIENT_ID, CALLBACK, *ELSEWHERE],
        cwd=folder,
        env=toolchains.ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        issuer = next(line for line in process.stdout if line.startswith("at "))[3:].strip()
        yield OpenIDProvider(issuer)
        process.kill()
