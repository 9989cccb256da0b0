"""A real OpenID Connect provider (npm oidc-provider) on a loopback port."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import toolchains

PACKAGE = "oidc-provider@^9"
#: The id of a configuration follows, which is not known when a provider starts: ours takes any.
CALLBACK = "https://id.acme.example/sso/callback/"
LOGOUT = "https://id.acme.example/sso/back-channel-logout/"
CLIENT_ID = "orgplane"
#: With what has to be escaped on its way.
CLIENT_SECRET = "a+b%c:d/e-and-so-on-to-be-long-enough"
#: Another client with the same secret, and its redirect URI, which is not ours.
ELSEWHERE = ("elsewhere", "https://elsewhere.example/sso/callback/")
#: A client that shows the same secret in another way than ours, which is `client_secret_basic`.
POSTING = "posting"

#: A client that is known by what it signs; where its keys are is said at `/jwks?` and the address.
SIGNING = "signing"
JWKS = "https://id.acme.example/oauth2/jwks"

_PROGRAM = """
import { Provider } from 'oidc-provider';
import { createServer } from 'node:http';
const clients = JSON.parse(process.argv[2]);
const server = createServer();
const logoutTokens = [];
let jwksAt = '';
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    pkce: { required: () => true },
    features: { backchannelLogout: { enabled: true } },
    // What it would tell clients is fetched here by tests.
    fetch(url, options) {
      if (String(url).endsWith('/oauth2/jwks')) return fetch(jwksAt);
      logoutTokens.push(new URLSearchParams(String(options.body)).get('logout_token'));
      return new Response(null, { status: 200 });
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  });
  provider.Client.prototype.redirectUriAllowed = function (uri) {
    return this.redirectUris.some((each) => uri.startsWith(each));
  };
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/logout-tokens') {
      response.end(JSON.stringify(logoutTokens.splice(0)));
      return;
    }
    if (request.url.startsWith('/jwks?')) {
      jwksAt = decodeURIComponent(request.url.slice('/jwks?'.length));
      response.end();
      return;
    }
    const [, basic = ''] = (request.headers.authorization ?? '').split('Basic ');
    const [id] = Buffer.from(basic, 'base64').toString().split(':');
    // The package takes the secret either way; others, as it was itself once, only as the client is set.
    if (clients.some((each) => each.client_id === id && each.token_endpoint_auth_method === 'client_secret_post')) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_request"}');
    } else {
      answer(request, response);
    }
  });
  console.log(`at ${issuer}`);
});
"""


@dataclass(frozen=True)
class OpenIDProvider:
    issuer: str
    #: Whether its answers have a Date.
    tells_time: bool = True


def _client(id: str, redirect_uri: str) -> dict[str, object]:
    return {
        "client_id": id,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [redirect_uri],
        "response_types": ["code"],
        "backchannel_logout_uri": LOGOUT,
        "backchannel_logout_session_required": True,
    }


@pytest.fixture(scope="session")
def openid_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIDProvider]:
    """Knows the clients above, in 1 process for all tests."""
    toolchains.need("node", "npm")
    folder: Path = tmp_path_factory.mktemp("oidc-provider")
    toolchains.fetch("npm", "install", "--prefix", folder, PACKAGE, cwd=folder)
    program = folder / "provider.mjs"
    program.write_text(_PROGRAM)
    clients = [
        _client(CLIENT_ID, CALLBACK),
        _client(*ELSEWHERE),
        {
            **{name: _client(SIGNING, CALLBACK)[name] for name in ("client_id", "redirect_uris")},
            "response_types": ["code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": JWKS,
        },
        _client(POSTING, CALLBACK) | {"token_endpoint_auth_method": "client_secret_post"},
    ]
    with subprocess.Popen(
        ["node", program, json.dumps(clients)],
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
