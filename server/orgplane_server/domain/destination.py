"""Where requests of this server may go, when somebody else has said where."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: A host, and a port with its colon.
AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
#: Browsers and libraries take such an end for part of an IPv4 address (WHATWG URL, section 3.5).
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_PORTS = {"http": 80, "https": 443}

#: Addresses with an IPv4 address in their last 32 bits (RFC 6052, section 2.1; RFC 4291, section 2.5.5.1; RFC 2765, section 2.1).
_EMBEDDING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
#: What `is_global` of one Python or another takes for public: relays, translation, documentation, segment routing,
#: and site-local addresses.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2002::/16"),
            *("2001::/23", "3fff::/20", "5f00::/16", "fec0::/10"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts that the operator answers for: those `listed` with their port, or None for any; with `loopback` also this
    machine's own. Requests go there although the address is private, and by plain `http`.
    """

    listed: frozenset[tuple[str, int | None]] = frozenset()
    loopback: bool = False
    #: By which the operator lists them.
    option: str = "--sso-allowed-hosts"

    @classmethod
    def parse(
        cls, text: str, *, loopback: bool = False, option: str = "--sso-allowed-hosts"
    ) -> AllowedHosts:
        """Out of `HOST[:PORT],...`. Raises ValueError, saying which of them is none."""
        listed = set()
        for item in filter(None, map(str.strip, text.split(","))):
            match = AUTHORITY.fullmatch(item)
            named = None if match is None else host(match[1])
            numbered = None if match is None else port(match[2])
            if match is None or named is None or (match[2] is not None and numbered is None):
                raise ValueError(f"{item!r} is no HOST or HOST:PORT")
            listed.add((str(named), numbered))
        return cls(frozenset(listed), loopback, option)

    def allows(self, host: str | IPAddress, port: int) -> bool:
        if self.loopback and _is_loopback(host):
            return True
        return not self.listed.isdisjoint({(str(host), port), (str(host), None)})


NO_HOSTS = AllowedHosts()


@dataclass(frozen=True, slots=True)
class Destination:
    """The server that a URL names; without a port the scheme's own."""

    scheme: str
    host: str | IPAddress
    given_port: int | None = None

    @classmethod
    def of(cls, url: str) -> Destination | None:
        """None for what is no plain URL of the web: with a user name, a fragment, or other characters."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        match = AUTHORITY.fullmatch(parts.netloc)
        named = None if match is None else host(match[1])
        numbered = None if match is None else port(match[2])
        if match is None or named is None or (match[2] is not None and numbered is None):
            return None
        if parts.scheme not in _PORTS or "#" in url or not url.isprintable() or not url.isascii():
            return None
        return None if " " in url else cls(parts.scheme, named, numbered)

    @property
    def port(self) -> int:
        return self.given_port or _PORTS[self.scheme]

    def complaint(self, allowed: AllowedHosts) -> str | None:
        """Why no request goes there, as far as the URL tells; None if it may."""
        if allowed.allows(self.host, self.port):
            return None
        if self.scheme == "https":
            return None if isinstance(self.host, str) else self.refusal(str(self.host), allowed)
        return (
            "must begin with https://; whoever runs the server can allow http for this host: "
            f"{allowed.option} {self}"
        )

    def refusal(self, address: str, allowed: AllowedHosts) -> str | None:
        """Why no request goes to this address of the host; None if it may."""
        if is_public(address) or allowed.allows(self.host, self.port):
            return None
        return (
            f"has the address {address}, which is not public; whoever runs the server can allow the host: "
            f"{allowed.option} {self}"
        )

    def __str__(self) -> str:
        """`HOST:PORT`"""
        shown = f"[{self.host}]" if isinstance(self.host, ipaddress.IPv6Address) else self.host
        return f"{shown}:{self.port}"


def in_the_clear(url: str) -> bool:
    """Whether what goes to a URL by http can be read on its way, as it leaves this machine."""
    found = Destination.of(url)
    return found is not None and found.scheme == "http" and not _is_loopback(found.host)


def is_public(address: str) -> bool:
    """Whether anybody on the Internet may be there; the same on every Python, whose `is_global` is not."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped
        if inner is None and any(found in network for network in _EMBEDDING):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if not found.is_global or found.is_multicast:
        return False
    return not any(found in network for network in _NEVER if network.version == found.version)


def host(text: str) -> str | IPAddress | None:
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


def port(text: str | None) -> int | None:
    """None for what is no port; `text` begins with its colon."""
    if text is None or not 1 < len(text) <= 6:
        return None
    number = int(text[1:])
    return number if 0 < number <= 65535 else None


def _is_loopback(host: str | IPAddress) -> bool:
    if isinstance(host, str):
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3
    return host.is_loopback
