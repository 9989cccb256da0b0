"""Which version of an object a request is for (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .errors import VersionMismatch


class Every(Enum):
    """Any version, as long as there is one: `*`."""

    VERSION = "*"


EVERY: Final = Every.VERSION
Versions = Collection[int] | Every


@dataclass(frozen=True, slots=True)
class Precondition:
    """`only` is If-Match, `never` is If-None-Match; None says nothing."""

    only: Versions | None = None
    never: Versions | None = None

    def require(self, version: int) -> None:
        """Raises VersionMismatch unless an object at this version may be changed."""
        self.require_only(version)
        if self.knows(version):
            raise VersionMismatch("the resource is there, at a version that was not to be changed")

    def require_only(self, version: int) -> None:
        """Raises VersionMismatch unless this version is asked for: all that may forbid to read it."""
        if self.only is not None and not _among(version, self.only):
            raise VersionMismatch("the resource has changed: it is not at the version asked for")

    def knows(self, version: int) -> bool:
        """Whether who reads has this version already."""
        return self.never is not None and _among(version, self.never)


ALWAYS: Final = Precondition()


def _among(version: int, versions: Versions) -> bool:
    return isinstance(versions, Every) or version in versions
