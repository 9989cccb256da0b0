"""A small OpenID Connect provider on loopback, which says of people whatever a test wants."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT_ID = "orgplane"
CLIENT_SECRET = "a+b%c:d"

_KEY = RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class SimpleProvider:
    """`seconds` is its clock. `userinfo` is told of whoever signs in; `described` is more of what it says of itself, `asked` has the paths that it was asked for, `forms` what its token endpoint was shown; unless it is
    `answering` they wait."""

    seconds: Callable[[], float] = time.time
    issuer: str = ""
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    described: dict[str, Any] = field(default_factory=dict)
    last: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    names_itself: bool = True
    codes: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)

    def sign_in(self, url: str, sub: str, **claims: Any) -> dict[str, str]:
        """What the browser brings back that was sent to `url`, after somebody has signed in; claims of None are left out."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT_ID
        now = int(self.seconds())
        said = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": sub,
            "nonce": query["nonce"],
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        self.last = sub
        code = secrets.token_urlsafe()
        self.codes[code] = (
            query["code_challenge"],
            query["redirect_uri"],
            {name: value for name, value in said.items() if value is not None},
        )
        answer = {"code": code, "state": query["state"]}
        return answer | ({"iss": self.issuer} if self.names_itself else {})

    def signed(self, claims: Any, **head: Any) -> str:
        """A token of its own; what of the head is None is left out."""
        head = {"alg": "RS256", "kid": "one", **head}
        head = {name: value for name, value in head.items() if value is not None}
        return jws.serialize_compact(head, json.dumps(claims).encode(), _KEY)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        path = lines[0].split(" ")[1]
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(path)
        self.reached.set()
        await self.answering.wait()
        status, found = self._found(path, headers, body.decode())
        content = json.dumps(found).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n".encode()
        )
        writer.write(content)
        await writer.drain()
        writer.close()

    def _found(self, path: str, headers: dict[str, str], body: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                **{
                    name: f"{self.issuer}/{name}"
                    for name in (
                        *("authorization_endpoint", "token_endpoint"),
                        *("jwks_uri", "userinfo_endpoint"),
                    )
                },
                "authorization_response_iss_parameter_supported": self.names_itself,
                **self.described,
            }
        if path == "/jwks_uri":
            return 200, {"keys": [_KEY.as_dict(private=False)]}
        if path == "/userinfo_endpoint":
            return 200, self.userinfo or {"sub": self.last}
        return self._tokens(headers, {k: v for k, (v,) in parse_qs(body).items()})

    def _tokens(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, Any]:
        self.forms.append(form)
        basic = base64.b64encode(b"orgplane:a%2Bb%25c%3Ad").decode()
        if headers.get("authorization") != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge, redirect_uri, claims = self.codes.pop(form["code"], ("", "", {}))
        shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (shown, form["redirect_uri"]) != (challenge, redirect_uri):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.signed(claims),
        }


@contextlib.asynccontextmanager
async def simple_provider(seconds: Callable[[], float]) -> AsyncIterator[SimpleProvider]:
    provider = SimpleProvider(seconds)
    server = await asyncio.start_server(provider.answer, "127.0.0.1", 0)
    async with server:
        provider.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        provider.answering.set()
        yield provider
