"""The address that a request came from, also through proxies: for limits, log lines and the audit trail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

#: An address as proxies write it, with or without a port (RFC 7239, section 6, without names).
_ENTRY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?|([0-9A-Fa-f:.]+)", re.ASCII)
#: What one customer of an IPv6 network has at least (RFC 6177).
_PREFIX = 64
_MAPPED_BITS = 96


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies that are believed when they say, in X-Forwarded-For, whom they pass a request on for."""

    networks: tuple[IPNetwork, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Out of `CIDR,...`; an address is a network of its own. Raises ValueError, saying what is wrong with which."""
        return cls(tuple(_network(item) for item in map(str.strip, text.split(",")) if item))

    def client(self, peer: tuple[str, int] | None, forwarded: Sequence[str]) -> str:
        """Whom a request came from: `ip:port`, `[ip]:port`, or the address alone where no port was told.

        That is the `peer` of the connection, unless it is a proxy of ours; then the right-most of the
        addresses in `forwarded`, the values of X-Forwarded-For, that is none. What is left of it the
        caller wrote. Where a proxy of ours does not say whom a request is from, it is from that proxy.
        """
        if peer is None:
            return ""
        host, port = peer
        if not self.networks and ":" not in host:
            return f"{host}:{port}"
        found = _Endpoint(_address(host), port)
        for value in reversed(forwarded if self._trusts(found.address) else ()):
            for entry in reversed(value.split(",")):
                if not (entry := entry.strip()):
                    continue
                if (told := _endpoint(entry)) is None:
                    return str(found)
                found = told
                if not self._trusts(found.address):
                    return str(found)
        return str(found)

    def _trusts(self, address: IPAddress) -> bool:
        return any(address in network for network in self.networks)


NO_PROXIES = TrustedProxies()


def without_port(client: str) -> str:
    """The address alone, of what `TrustedProxies.client` says."""
    endpoint = _endpoint(client)
    return client if endpoint is None else str(endpoint.address)


@lru_cache(maxsize=1024)
def network(client: str) -> IPNetwork | None:
    """What is one caller to a limit, of what `TrustedProxies.client` says: an IPv4 address, or the /64 of an IPv6 one."""
    endpoint = _endpoint(client)
    return None if endpoint is None else _one_caller(endpoint.address)


@lru_cache(maxsize=1024)
def _one_caller(address: IPAddress) -> IPNetwork:
    return ip_network((address, _PREFIX if address.version == 6 else 32), strict=False)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    address: IPAddress
    port: int | None

    def __str__(self) -> str:
        if self.port is None:
            return str(self.address)
        return f"{self.address if self.address.version == 4 else f'[{self.address}]'}:{self.port}"


def _endpoint(text: str) -> _Endpoint | None:
    match = _ENTRY.fullmatch(text)
    if match is None:
        return None
    bracketed, plain, port, bare = match.groups()
    try:
        return _Endpoint(_address(bracketed or plain or bare), int(port) if port else None)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _address(text: str) -> IPAddress:
    """Without a zone, and IPv4 as such where a socket for both says `::ffff:192.0.2.1`."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def _network(item: str) -> IPNetwork:
    try:
        network = ip_network(item)
    except ValueError:
        raise ValueError(f"{item!r} is {_complaint(item)}") from None
    if isinstance(network, IPv6Network) and (mapped := network.network_address.ipv4_mapped):
        network = IPv4Network((mapped, max(0, network.prefixlen - _MAPPED_BITS)))
    if network.prefixlen == 0:
        raise ValueError(
            f"{item!r} is everybody, who could then write any address; name the proxies"
        )
    return network


def _complaint(item: str) -> str:
    try:
        meant = ip_network(item, strict=False)
    except ValueError:
        return "no address and no network; expected for example 10.0.0.0/8 or fd00::1"
    return f"no network, as bits behind the prefix are set; {meant} is the network"
