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

_PROGRAM = """
import { Provider } from 'oidc-provider';
import { createServer } from 'node:http';
const [client_id, client_secret, redirect] = process.argv.slice(2);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [redirect], response_types: ['code'] }],
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


@pytest.fixture(scope="session")
def openid_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIDProvider]:
    """Knows the client above, in 1 process for all tests."""
    toolchains.need("node", "npm")
    folder: Path = tmp_path_factory.mktemp("oidc-provider")
    toolchains.fetch("npm", "install", "--prefix", folder, PACKAGE, cwd=folder)
    program = folder / "provider.mjs"
    program.write_text(_PROGRAM)
    with subprocess.Popen(
        ["node", program, CLIENT_ID, CLIENT_SECRET, CALLBACK],
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
