"""What browsers bring back of what a page of ours has given them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .responses import Scope


@dataclass(frozen=True, slots=True)
class Cookie:
    """Of this host alone, and for no script. `secure`: browsers come by https, and nobody on the way can set it."""

    name: str
    secure: bool

    def set(self, value: str, lasts: timedelta) -> tuple[bytes, bytes]:
        """The header that gives it."""
        seconds = int(lasts.total_seconds())
        text = f"{self._full_name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        return b"set-cookie", (text + ("; Secure" if self.secure else "")).encode()

    def clear(self) -> tuple[bytes, bytes]:
        """The header that takes it back."""
        return self.set("", timedelta())

    def read(self, scope: Scope) -> str:
        """Empty if the browser has none."""
        for header, value in scope["headers"]:
            if header == b"cookie":
                for part in value.decode("latin-1").split(";"):
                    key, _, found = part.strip().partition("=")
                    if key == self._full_name:
                        return str(found)
        return ""

    @property
    def _full_name(self) -> str:
        return f"__Host-{self.name}" if self.secure else self.name
