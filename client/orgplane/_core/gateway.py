"""Answers that are no RPC's: of the proxies, load balancers and sign-in pages before a server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.google.rpc.error_details_pb import RequestInfo, RetryInfo
from protobuf import Message
from protobuf.wkt import Duration

from .json_answer import check

#: Bytes of an answer that are read; an error of the server's is shorter.
LONGEST = 1 << 20
_QUOTED = 200

#: As the specifications of Connect and of gRPC have it; another status is `unknown`.
_CODES: Mapping[int, Code] = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}
_RPCS = re.compile(r"application/(proto|json|connect|grpc)\b", re.I)
_OWN_CODES = frozenset(code.value for code in Code)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.I)
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)", re.I)
_SECRET = re.compile(r"orgplane_[a-z]+_\w+|(?<=Bearer )\S+", re.I)


class _Headers(Protocol):
    def get(self, key: str, default: str, /) -> str: ...


class GatewayError(ConnectError):
    """What a gateway answered: its own words, if it has any, as the message; `told` has the `status` as well."""

    def __init__(
        self, status: int, told: str, said: str = "", details: Iterable[Message] = ()
    ) -> None:
        code = Code.UNIMPLEMENTED if status in _REDIRECTS else _CODES.get(status, Code.UNKNOWN)
        super().__init__(code, said or told, details)
        self.status = status
        self.told = told


def is_rpc(headers: _Headers) -> bool:
    """Whether an answer of status 200 is of a content type that some RPC has."""
    return _RPCS.match(headers.get("content-type", "")) is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose status is not 200, or whose content is no RPC's. `url` was called, with the `token`."""

    status: int
    headers: _Headers
    body: bytes
    url: str
    token: str

    def is_the_servers(self) -> bool:
        """Whether it is an error in Connect's JSON, with a code of Connect's."""
        if self._media_type() != "application/json":
            return False
        error = self._json()
        if not isinstance(error, dict):
            return False
        details = error.get("details") or []
        return (
            error.get("code") in _OWN_CODES
            and isinstance(error.get("message", ""), str)
            and isinstance(details, list)
            and all(
                isinstance(detail, dict)
                and isinstance(detail.get("type"), str | None)
                and isinstance(detail.get("value"), str | None)
                for detail in details
            )
        )

    def error(self) -> GatewayError:
        """What it means, judged by its status, and in which words."""
        try:
            status = f"HTTP {self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            status = f"HTTP {self.status}"
        location = self.headers.get("location", "")
        if self.status in _REDIRECTS and location:
            return GatewayError(self.status, f"{status}: {self._redirected(location)}")
        server = _plain(self.headers.get("server", ""))
        told = f"{status} from a gateway before the server" + (f" ({server})" if server else "")
        if self.status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            told += f"; the URL {_split(self.url)[0]} or its path may be wrong"
        if said := self._said():
            told += f": {said}"
        return GatewayError(self.status, told, said, self._details())

    def _redirected(self, location: str) -> str:
        try:
            target = urlsplit(urljoin(self.url, location))
        except ValueError:
            return "redirected to what is no URL"
        place = _plain(f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path}")
        base, rpc = _split(self.url)
        there, same = _split(place)
        if rpc == same:
            remedy = f"use the URL {there}"
        else:
            remedy = f"is {base} the server's URL, and do calls pass without a sign-in page?"
        return f"redirected to {place}, where the token is not sent; {remedy}"

    def _details(self) -> list[Message]:
        details: list[Message] = []
        delay = _delay(self.headers.get("retry-after", ""))
        if delay is not None:
            details.append(RetryInfo(retry_delay=Duration.from_timedelta(delay)))
        if request_id := self.headers.get("x-request-id", ""):
            details.append(RequestInfo(request_id=request_id))
        return details

    def _said(self) -> str:
        """The beginning of what people are meant to read of it, without secrets."""
        text = self.body[: 1 << 14].decode("utf-8", "replace")
        if "html" in self._media_type() or text.lstrip().startswith("<"):
            title = _TITLE.search(text)
            text = unescape(_UNSEEN.sub(" ", text)).strip() or (unescape(title[1]) if title else "")
        elif isinstance(found := self._json(), dict):
            words = (
                found.get(name) for name in ("message", "error_description", "detail", "error")
            )
            text = next((word for word in words if isinstance(word, str) and word), text)
        if len(self.token) >= 8:
            text = text.replace(self.token, "(token)")
        return _plain(_SECRET.sub("(token)", text))

    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def _json(self) -> Any:
        """None for what is none, or is out of bounds."""
        try:
            check(self.body)
            return json.loads(self.body)
        except ValueError:
            return None


def _split(url: str) -> tuple[str, list[str]]:
    """A base URL, and the service and the method behind it."""
    base, *rpc = url.partition("?")[0].rsplit("/", 2)
    return base, rpc


def _plain(text: str) -> str:
    """In one line, without anything that a terminal would obey, and cut."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"


def _delay(retry_after: str) -> timedelta | None:
    """What `Retry-After` says, in seconds or as a date (RFC 9110, section 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return timedelta(seconds=int(retry_after))
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(date - datetime.now(UTC), timedelta())
