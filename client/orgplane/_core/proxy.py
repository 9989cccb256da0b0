"""The proxy that the environment says calls go through, if one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from ..errors import ConfigurationError

_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class Proxy:
    """`url` may have credentials; printed, it has not. `variable` is where it was found."""

    url: str = field(repr=False)
    variable: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"the proxy {parts.scheme}://{parts.netloc.rpartition('@')[2]} of {self.variable}"


def find(url: str, environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """As curl has it: HTTPS_PROXY or HTTP_PROXY by the URL's scheme, then ALL_PROXY, but for hosts of NO_PROXY.

    In lower case the names win. Nothing on this machine itself is ever called through a proxy.
    Raises ConfigurationError for what is no address of a proxy.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    _, exempt = _variable("no_proxy", environment)
    if _is_here(host) or any(_covers(entry, host) for entry in re.split(r"[,\s]+", exempt)):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        variable, value = _variable(name, environment)
        if value:
            return Proxy(_checked(value, variable), variable)
    return None


def _variable(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Its name as it is written there, and its value."""
    if name in environment:
        return name, environment[name]
    if name == "http_proxy" and "REQUEST_METHOD" in environment:
        return "", ""  # a CGI program's HTTP_PROXY is a header of whoever asks
    return name.upper(), environment.get(name.upper(), "")


def _checked(value: str, variable: str) -> str:
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.scheme in _SCHEMES and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in url):
        raise ConfigurationError(f"{variable}: expected a proxy, such as http://host:3128")
    return url


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _covers(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY, a domain, an address or a network, is about the host."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        domain = entry.lower().lstrip("*").strip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
