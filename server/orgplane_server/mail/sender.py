from __future__ import annotations

import re
from dataclasses import dataclass

from . import address


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters are from."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @classmethod
    def parse(cls, text: str) -> Sender:
        """`id@example.com`, or `Name <id@example.com>`. Raises ValueError for anything else."""
        match = re.fullmatch(r"\s*(?:([^<>]*?)\s*<([^<>\s]+)>|([^<>\s]+))\s*", text)
        if match is None or not text.isprintable():
            raise ValueError("expected an address, such as id@example.com or Name <id@example.com>")
        name, named, alone = match.groups()
        try:
            return cls(address.normal(named or alone), (name or "").strip('"'))
        except address.NoAddress as error:
            raise ValueError(str(error)) from None
