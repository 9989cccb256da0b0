"""Text is kept as given; what no database can keep is refused."""

from __future__ import annotations

import codecs
import unicodedata

from .errors import InvalidArgument, Violation


def of_utf8(raw: bytes) -> str:
    """The text of a JSON document: UTF-8 and nothing else, one byte order mark in front of it skipped.

    Raises UnicodeDecodeError. RFC 8259, section 8.1, which `json.loads` does not hold bytes to: it guesses
    UTF-16 and UTF-32, and lets surrogates pass.
    """
    return raw.removeprefix(codecs.BOM_UTF8).decode()


def storable(**fields: str) -> None:
    """Raises InvalidArgument naming each field whose text holds NUL or a lone surrogate.

    NUL cannot be stored by PostgreSQL, a lone surrogate has no UTF-8 form.
    """
    violations = [
        Violation(name, "must not contain NUL or lone surrogates", "string.storable")
        for name, text in fields.items()
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
    ]
    if violations:
        raise InvalidArgument(*violations)


def controls(text: str) -> bool:
    """Whether there are control characters in it (Unicode's category Cc), line breaks among them."""
    return any(unicodedata.category(character) == "Cc" for character in text)


def folded(text: str) -> str:
    """What texts that ignore case are compared by: NFC and lower case (RFC 8265, UsernameCaseMapped).

    Folding twice is folding once.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
