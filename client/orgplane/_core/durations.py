from __future__ import annotations

from datetime import timedelta

from protobuf.wkt import Duration

from ..errors import ConfigurationError


def duration(value: timedelta | str | None) -> Duration | None:
    """A timedelta, or seconds as the API's JSON spells them (`86400s`), as the wire has it."""
    if value is None:
        return None
    if isinstance(value, str):
        number = value.removesuffix("s")
        try:
            value = timedelta(seconds=float(number))
        except (ValueError, OverflowError):
            raise ConfigurationError(f"expected a duration such as 86400s, not {value!r}") from None
    return Duration.from_timedelta(value)
