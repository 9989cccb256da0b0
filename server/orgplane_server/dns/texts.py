"""What DNS says that a name has."""

from __future__ import annotations

from dataclasses import dataclass

#: Records, and characters of each, that people are shown.
_SHOWN, _SHOWN_CHARACTERS = 3, 80


class NoAnswer(Exception):
    """DNS did not tell; the text says why, and nothing about the record follows."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The TXT records of a name, each with its character-strings joined; `absence` says why there are none."""

    values: tuple[str, ...] = ()
    absence: str = ""

    @property
    def seen(self) -> str:
        """For people, to go on after `has`."""
        if not self.values:
            return self.absence
        shown = ", ".join(_shown(value) for value in self.values[:_SHOWN])
        more = len(self.values) - _SHOWN
        return f"{_count(len(self.values))}: {shown}" + (f" and {more} more" if more > 0 else "")


def _count(records: int) -> str:
    return "one TXT record" if records == 1 else f"{records} TXT records"


def _shown(value: str) -> str:
    cut = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}..."
    return repr(cut)
