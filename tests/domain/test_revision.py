from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from orgplane_server.domain.revision import (
    SECRET,
    FieldChange,
    differences,
    introduced,
    removed,
    revised,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Lamp:
    colour: str
    updated_at: datetime
    code: bytes = field(default=b"1", metadata=SECRET)


def test_no_difference_gives_the_same_record_back() -> None:
    lamp = Lamp("red", T0)
    assert revised(lamp, {"colour": "red"}, T0 + timedelta(days=1)) is lamp
    assert revised(lamp, {}, T0 + timedelta(days=1)) is lamp


def test_a_difference_moves_updated_at_to_now() -> None:
    now = T0 + timedelta(seconds=1)
    assert revised(Lamp("red", T0), {"colour": "blue"}, now) == Lamp("blue", now)


def test_updated_at_grows_even_when_the_clock_does_not() -> None:
    first = revised(Lamp("red", T0), {"colour": "blue"}, T0)
    second = revised(first, {"colour": "red"}, T0 - timedelta(hours=1))
    assert T0 < first.updated_at < second.updated_at < T0 + timedelta(milliseconds=1)


def test_what_comes_or_goes_is_told_field_by_field_without_secrets() -> None:
    lamp = Lamp("red", T0)
    secret = {"code": FieldChange(None, None)}
    assert introduced(lamp) == {"colour": FieldChange(None, "red"), **secret}
    assert removed(lamp) == {"colour": FieldChange("red", None), **secret}
    assert removed(Lamp("", T0)) == secret


def test_differences_name_the_fields_and_hide_secrets() -> None:
    before, after = Lamp("red", T0, b"1"), Lamp("blue", T0 + timedelta(1), b"2")
    assert differences(before, after) == {
        "colour": FieldChange("red", "blue"),
        "code": FieldChange(None, None),
    }
