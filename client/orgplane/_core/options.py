from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeVar

from connectrpc.protocol import ProtocolType
from pyqwest import HTTPVersion
from pyqwest import Proxy as HTTPProxy

from ..errors import ConfigurationError
from . import forked
from .base_url import base_url
from .json_answer import BoundedJSONCodec
from .proxy import Proxy
from .proxy import find as find_proxy
from .tls import TLS, Certificates, Names, unusable
from .version import VERSION

T = TypeVar("T")

Protocol = Literal["connect", "grpc", "grpc-web"]
Codec = Literal["proto", "json"]
#: Seconds, or a timedelta.
Seconds = float | timedelta

DEFAULT_TIMEOUT = 10.0
DEFAULT_MAX_RETRIES = 2
#: More milliseconds than this have no place in the header of a Connect call.
LONGEST_TIMEOUT = 9_999_999.0
#: Seconds without a byte after which a connection is taken for dead. A watch hears a heartbeat sooner.
SILENCE = 120.0

#: The library asks the environment itself unless it is given one; this is for no host at all.
_NO_PROXY = HTTPProxy("http://127.0.0.1:1", no_proxy="*,0.0.0.0/0,::/0")

_PROTOCOLS: Mapping[str, ProtocolType] = {
    "connect": ProtocolType.CONNECT,
    "grpc": ProtocolType.GRPC,
    "grpc-web": ProtocolType.GRPC_WEB,
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the server, checked. The token never shows when printed."""

    url: str
    token: str = field(repr=False)
    protocol: Protocol
    codec: Codec
    timeout: float
    max_retries: int
    certificates: Certificates
    proxy: Proxy | None

    @classmethod
    def read(
        cls,
        url: str | None,
        token: str | None,
        protocol: Protocol,
        codec: Codec,
        timeout: Seconds,
        max_retries: int,
        tls: TLS,
        names: Names,
        *,
        tokenless: bool = False,
    ) -> Options:
        """Raises ConfigurationError, naming the argument, for what cannot work."""
        if tokenless and token:
            raise ConfigurationError("tokenless: there is a token")
        url = url or os.environ.get("ORGPLANE_URL")
        token = "" if tokenless else token or os.environ.get("ORGPLANE_TOKEN")
        if not url:
            raise ConfigurationError("url: give it, or set ORGPLANE_URL")
        if not token and not tokenless:
            raise ConfigurationError("token: give it, or set ORGPLANE_TOKEN")
        assert token is not None
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ConfigurationError("token: has characters that no token has")
        url = base_url(url)
        if protocol not in _PROTOCOLS:
            raise ConfigurationError(f"protocol: expected one of {', '.join(_PROTOCOLS)}")
        if codec not in ("proto", "json"):
            raise ConfigurationError("codec: expected proto or json")
        if codec == "json" and protocol != "connect":
            raise ConfigurationError("codec: json goes with the connect protocol only")
        if not isinstance(max_retries, int) or max_retries < 0:
            raise ConfigurationError("max_retries: expected a whole number, 0 or more")
        return cls(
            url,
            token,
            protocol,
            codec,
            seconds(timeout),
            max_retries,
            Certificates.read(tls, names),
            find_proxy(url),
        )

    def stub(self) -> dict[str, Any]:
        """Arguments of the generated clients."""
        return {
            "protocol": _PROTOCOLS[self.protocol],
            "codec": BoundedJSONCodec() if self.codec == "json" else None,
            "send_compression": None,
        }

    def transport(self) -> dict[str, Any]:
        """Arguments of the HTTP transport. gRPC needs HTTP/2, also without TLS."""
        certificates = self.certificates
        return {
            "http_version": HTTPVersion.HTTP2 if self.protocol == "grpc" else None,
            "tls_ca_cert": certificates.ca,
            "tls_include_system_certs": certificates.ca is None and self.url.startswith("https:"),
            "tls_cert": certificates.cert,
            "tls_key": certificates.key,
            "proxy": HTTPProxy(self.proxy.url) if self.proxy else _NO_PROXY,
            "read_timeout": SILENCE,
            "follow_redirects": False,
        }

    def made(self, kind: Callable[..., T]) -> T:
        """An HTTP transport. Raises ConfigurationError for certificates that it cannot use, and after a fork."""
        forked.start()
        try:
            return kind(**self.transport())
        except (RuntimeError, ValueError) as error:
            raise ConfigurationError(unusable(error, self.certificates)) from None

    @property
    def via(self) -> str:
        """What an error says of the proxy; empty without one."""
        return f" (through {self.proxy})" if self.proxy else ""

    def headers(self) -> dict[str, str]:
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return bearer | {"user-agent": f"orgplane-python/{VERSION}"}


def seconds(timeout: Seconds) -> float:
    """Raises ConfigurationError for what no call can be given."""
    try:
        value = timeout.total_seconds() if isinstance(timeout, timedelta) else float(timeout)
    except (TypeError, ValueError):
        raise ConfigurationError("timeout: expected seconds, or a timedelta") from None
    if not 0 < value <= LONGEST_TIMEOUT:
        raise ConfigurationError(
            f"timeout: must be positive, and at most {LONGEST_TIMEOUT:.0f} seconds"
        )
    return value
