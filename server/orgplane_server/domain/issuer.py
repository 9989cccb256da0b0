"""The issuer of an OpenID Connect provider, and the hosts that the operator answers for."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

#: As long as any URL that software in between is sure to pass on.
MAX_LENGTH = 2048
_DISCOVERY = "/.well-known/openid-configuration"

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
#: What a path is made of (RFC 3986, section 3.3).
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
#: Browsers and libraries take such an end for part of an IPv4 address (WHATWG URL, section 3.5).
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts where an issuer may be plain `http`: those `listed` with their port, or None for any; with
    `loopback` also this machine's own addresses.
    """

    listed: frozenset[tuple[str, int | None]] = frozenset()
    loopback: bool = False

    @classmethod
    def parse(cls, text: str, *, loopback: bool = False) -> AllowedHosts:
        """Out of `HOST[:PORT],...`. Raises ValueError, saying which of them is none."""
        listed = set()
        for item in filter(None, map(str.strip, text.split(","))):
            match = _AUTHORITY.fullmatch(item)
            host = None if match is None else _host(match[1])
            port = None if match is None else _port(match[2])
            if match is None or host is None or (match[2] is not None and port is None):
                raise ValueError(f"{item!r} is no HOST or HOST:PORT")
            listed.add((str(host), port))
        return cls(frozenset(listed), loopback)

    def allows(self, host: str | IPAddress, port: int) -> bool:
        if self.loopback and _is_loopback(host):
            return True
        return not self.listed.isdisjoint({(str(host), port), (str(host), None)})


NO_HOSTS = AllowedHosts()


def complaint(url: str, allowed: AllowedHosts) -> str | None:
    """Why `url` can be no issuer (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2); None if it can.

    It is kept and compared as it was given: nothing is normalised away.
    """
    if len(url) > MAX_LENGTH:
        return f"must be at most {MAX_LENGTH} characters"
    match = _URL.fullmatch(url)
    if match is None or match[1].lower() not in ("http", "https"):
        return "must be a URL that begins with https://"
    scheme, authority, path, query, fragment = match.groups()
    if query is not None or fragment is not None:
        return "must have no query and no fragment"
    if "@" in authority:
        return "must have no user name and no password"
    if not _PATH.fullmatch(path):
        return "must be made of the characters of a URL; others are percent-encoded"
    if path.rstrip("/").endswith(_DISCOVERY):
        return f"must be the issuer, which is what stands before {_DISCOVERY}"
    parts = _AUTHORITY.fullmatch(authority)
    host = None if parts is None else _host(parts[1])
    if parts is None or host is None:
        return "must have a host: a name in ASCII (xn--... for others) without a dot at its end, or an IP address"
    port = _port(parts[2])
    if port is None and parts[2] is not None:
        return "must have a port from 1 to 65535, or none and no colon"
    if scheme.lower() == "https":
        return None
    port = port or 80
    if allowed.allows(host, port):
        return None
    shown = f"[{host}]" if isinstance(host, ipaddress.IPv6Address) else host
    return (
        "must begin with https://; whoever runs the server can allow http for this host: "
        f"--sso-allowed-hosts {shown}:{port}"
    )


def _host(text: str) -> str | IPAddress | None:
    """A name in lower case or an address; None for what is neither."""
    try:
        if text.startswith("["):
            return None if "%" in text else ipaddress.IPv6Address(text[1:-1])
        if _NUMBER.fullmatch(text.rpartition(".")[2]):
            return ipaddress.IPv4Address(text)
    except ValueError:
        return None
    named = len(text) <= 253 and all(map(_LABEL.fullmatch, text.split(".")))
    return text.lower() if named else None


def _port(text: str | None) -> int | None:
    """None for what is no port; `text` begins with its colon."""
    if text is None or not 1 < len(text) <= 6:
        return None
    port = int(text[1:])
    return port if 0 < port <= 65535 else None


def _is_loopback(host: str | IPAddress) -> bool:
    if isinstance(host, str):
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3
    return host.is_loopback
