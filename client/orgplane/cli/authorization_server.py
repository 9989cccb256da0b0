"""The server as an authorization server (RFC 6749), of which the command line is a client that has no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from pyqwest import SyncClient, SyncHTTPTransport

from .._core.broken import connection_error
from .._core.options import Options
from ..errors import DeadlineExceededError, UnavailableError
from .failure import Exit, Failure
from .wire import WireTransport

CLIENT_ID = "orgplane-cli"
#: RFC 8414, section 3.
_METADATA = "/.well-known/oauth-authorization-server"
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Signed:
    """The token of a session, and when that ends, however much it is used."""

    token: str = field(repr=False)
    expires_at: datetime


class AuthorizationServer:
    """What the server's metadata says of it. Raises Failure where it has none, or says that it is another server."""

    def __init__(self, options: Options, *, debug: bool) -> None:
        transport = options.made(SyncHTTPTransport)
        self._options = options
        self._own = transport
        self._client = SyncClient(WireTransport(transport) if debug else transport)
        try:
            self._metadata = self._read()
        except BaseException:
            transport.close()
            raise

    def __enter__(self) -> AuthorizationServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._own.close()

    @property
    def issuer(self) -> str:
        return self._options.url

    def endpoint(self, name: str) -> str:
        """The URL of one, which is this server's too; empty if there is none."""
        found = self._metadata.get(f"{name}_endpoint", "")
        if found and not (isinstance(found, str) and found.startswith(f"{self.issuer}/")):
            raise Failure(f"the server's {name}_endpoint is another server's", "", Exit.OTHER)
        return str(found)

    def post(self, url: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Status and answer; an empty one if it is no JSON object. Raises APIConnectionError."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, headers, urlencode(form).encode())

    def token(self, form: Mapping[str, str]) -> Signed | str:
        """The session that a grant gives, or the error code (RFC 6749, section 5.2). Raises UnavailableError, Failure."""
        asked = {"client_id": CLIENT_ID, **form}
        status, answer = self.post(self.endpoint("token"), asked)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if status == 200 and isinstance(token, str) and token and isinstance(seconds, int):
            return Signed(token, datetime.now(UTC) + timedelta(seconds=seconds))
        if status in (400, 401) and isinstance(answer.get("error"), str):
            return str(answer["error"])
        if status in (429, 502, 503, 504):
            raise UnavailableError(f"the server is not available (status {status})")
        raise _unexpected(status)

    def _read(self) -> Mapping[str, Any]:
        status, found = self._ask("GET", f"{self.issuer}{_METADATA}", {}, None)
        if status != 200 or not found:
            raise Failure(
                f"nobody can sign in at {self.issuer}: it has no {_METADATA} ({status})",
                "Whoever runs the server sets its --public-url. A personal access token works: orgplane login",
                Exit.REFUSED,
            )
        issuer = found.get("issuer")
        if issuer != self.issuer:  # RFC 8414, section 3.3
            raise Failure(
                f"the server at {self.issuer} calls itself {issuer}",
                f"Sign in there: orgplane login --sso --url {issuer}",
            )
        return found

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, Any]]:
        given = {"accept": "application/json", **self._options.headers(), **headers}
        content = bytearray()
        try:
            with self._client.stream(
                method, url, headers=given, content=body, timeout=self._options.timeout
            ) as response:
                for chunk in response.content:
                    content += chunk
                    if len(content) > _LONGEST:
                        raise _unexpected(response.status)
        except TimeoutError as error:
            raise DeadlineExceededError("the server did not answer in time") from error
        except (OSError, RuntimeError) as error:
            raise connection_error(error, self._options) from error
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        return response.status, found if isinstance(found, dict) else {}


def _unexpected(status: int) -> Failure:
    return Failure(f"the server's answer cannot be read (status {status})", "", Exit.OTHER)
