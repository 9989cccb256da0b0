"""Spans of time as people and the API's JSON write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from protobuf.wkt import Duration

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")


def parse(text: str) -> timedelta:
    """`30d`, `1d12h`, `90m` or, as in the API's JSON, `86400s`. Raises ConfigurationError."""
    parts = _PART.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        raise ConfigurationError(f"expected a duration such as 30d, 12h or 86400s, not {text!r}")
    try:
        return sum(
            (timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta()
        )
    except OverflowError:
        raise ConfigurationError(f"{text!r} is longer than any duration") from None


def duration(value: timedelta | str | None) -> Duration | None:
    """A timedelta, or a text that `parse` reads, as the wire has it."""
    if value is None:
        return None
    from protobuf.wkt import Duration  # the command line parses without the RPC runtime

    return Duration.from_timedelta(parse(value) if isinstance(value, str) else value)
