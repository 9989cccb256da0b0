"""Text is kept as given; what no database can keep is refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from .errors import InvalidArgument, Violation

#: What no database can keep: PostgreSQL no NUL, and a lone surrogate has no UTF-8 form.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def of_utf8(raw: bytes) -> str:
    """The text of a JSON document: UTF-8 and nothing else, one byte order mark in front of it skipped.

    Raises UnicodeDecodeError. RFC 8259, section 8.1, which `json.loads` does not hold bytes to: it guesses
    UTF-16 and UTF-32, and lets surrogates pass.
    """
    return raw.removeprefix(codecs.BOM_UTF8).decode()


def storable(**fields: object) -> None:
    """Raises InvalidArgument naming each field that is, or has among its texts, one with NUL or a lone surrogate."""
    violations = [
        Violation(name, "must not contain NUL or lone surrogates", "string.storable")
        for name, value in fields.items()
        if not _is_storable(value)
    ]
    if violations:
        raise InvalidArgument(*violations)


def fitting(text: str, limit: int) -> str:
    """The text as any database can keep it, and no longer than `limit` characters."""
    text = _UNSTORABLE.sub("\ufffd", text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _is_storable(value: object) -> bool:
    match value:
        case str():
            return _UNSTORABLE.search(value) is None
        case Mapping():
            return all(map(_is_storable, value)) and all(map(_is_storable, value.values()))
        case tuple() | list() | set() | frozenset():
            return all(map(_is_storable, value))
    return True


def controls(text: str) -> bool:
    """Whether there are control characters in it (Unicode's category Cc), line breaks among them."""
    return any(unicodedata.category(character) == "Cc" for character in text)


def folded(text: str) -> str:
    """What texts that ignore case are compared, searched and kept unique by.

    Character by character, whatever stands beside it, so that a folded part is a part of the folded
    whole: canonically decomposed, in lower case, and every small sigma the same. A letter and its marks
    are equal to the letter that has them; marks in another order are not. `\xdf` is not `ss`, as in
    RFC 8265 (UsernameCaseMapped): people of these names are not the same. Folding twice is folding once.
    """
    return text.lower() if text.isascii() else "".join(map(_folded, text))


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    lower = "".join(each.lower() for each in unicodedata.normalize("NFD", character))
    return unicodedata.normalize("NFD", lower).replace("\u03c2", "\u03c3")
