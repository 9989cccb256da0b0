"""What an examination of a server's surroundings has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is what was looked at, `detail` how it is; `remedy`, what to do, is empty where all is well."""

    check: str
    status: Status
    detail: str
    remedy: str = ""
