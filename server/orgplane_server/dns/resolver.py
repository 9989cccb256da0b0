"""Which servers are asked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

#: `192.0.2.1:53` and `[2001:db8::1]:53`.
_WITH_PORT = re.compile(r"(?:\[([^]]*)\]|([^:]*)):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Resolver:
    """A server to ask; an address, as a name would have to be looked up first."""

    address: str
    port: int = 53

    @classmethod
    def parse(cls, text: str) -> Resolver:
        """`192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. Raises ValueError."""
        match = _WITH_PORT.fullmatch(text)
        address, port = (match[1] or match[2], match[3]) if match else (text, "53")
        if address.startswith("[") and address.endswith("]"):
            address = address[1:-1]
        try:
            found = str(ipaddress.ip_address(address))
        except ValueError:
            wrong = f"{text!r} is no address such as 192.0.2.1 or 192.0.2.1:5353"
            raise ValueError(wrong) from None
        if not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} has no port from 1 to 65535, as 192.0.2.1:5353 has")
        return cls(found, int(port))
