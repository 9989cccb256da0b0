"""What may be kept of documents and addresses that others sent: all but secrets.

Rather too much goes than too little: with what is compared with a secret, or given to one, goes the rest of its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote_plus

from .token import TokenKind

REDACTED = "[redacted]"

#: What names of secrets have in them, whatever their case and whatever stands between the words.
_SECRET_NAMES = (
    ("pass", "word"),
    ("pass", "wd"),
    ("pass", "phrase"),
    ("pass", "code"),
    ("pwd",),
    ("secret",),
    ("token",),
    ("credential",),
    ("authorization",),
    ("cookie",),
    ("api", "key"),
    ("auth", "key"),
    ("access", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("encryption", "key"),
)
_FOLDED_NAMES = tuple("".join(words) for words in _SECRET_NAMES)
#: What says, beside a `value`, whose value it is: in a PATCH operation (RFC 7644, section 3.5.2), in a list's entry.
_NAMING = frozenset({"path", "name", "key", "attribute", "type"})
_VALUES = frozenset({"value", "values"})
#: Through how many layers of percent-encoding is looked; what has more goes.
_LAYERS = 3

_TOKEN = re.compile(f"({'|'.join(TokenKind)})[0-9A-Za-z]+")
#: One of these is in whatever text holds a secret, or is encoded; most texts have none.
_HINTS = (
    "%",
    "+",
    "bearer",
    *{kind.casefold() for kind in TokenKind},
    *{words[0] for words in _SECRET_NAMES},
)
_BEARER = re.compile(r"(bearer\s++)\S.*", re.IGNORECASE | re.DOTALL)
_SPELLED = "|".join(r"[\W_]?".join(words) for words in _SECRET_NAMES)
#: A secret's name, in quotes perhaps, then `=`, `:`, the `[` of a value path or an operator of filters, and the rest.
_NAMED = re.compile(
    rf"((?:{_SPELLED})"
    r"[\w.\-\]\"'\\]{0,64}+\s*+(?:[=:\[]|(?:eq|ne|co|sw|ew|gt|ge|lt|le)\b)\s*+).+",
    re.IGNORECASE | re.DOTALL,
)


def redacted(document: object) -> object:
    """A JSON document without the values of passwords, keys, secrets and tokens, however deep.

    Also where an entry names what its `value` is of, and in texts that are JSON themselves. Raises
    RecursionError for a document that is nested too deep to tell.
    """
    match document:
        case dict():
            names = any(
                name.casefold() in _NAMING and isinstance(value, str) and _is_secret(value)
                for name, value in document.items()
            )
            return {
                redacted_text(name): REDACTED
                if _is_secret(name) or (names and name.casefold() in _VALUES)
                else redacted(value)
                for name, value in document.items()
            }
        case list():
            return [redacted(item) for item in document]
        case str():
            return _redacted_string(document)
    return document


def redacted_text(text: str) -> str:
    """Text without tokens of ours, bearer tokens, and what secrets are compared with or set to.

    Percent-encoded text comes back as it was unless something in it had to go.
    """
    folded = text.casefold()
    if not any(hint in folded for hint in _HINTS):
        return text
    for layer in _layers(text):
        kept = _TOKEN.sub(rf"\1{REDACTED}", layer)
        kept = _NAMED.sub(rf"\1{REDACTED}", _BEARER.sub(rf"\1{REDACTED}", kept))
        if kept != layer:
            return kept if layer is text else quote(kept, safe="/?&=[]")
    return text


def redacted_query(query: str) -> str:
    """A query string, as it was unless something in it had to go."""
    kept: list[str] = []
    hidden = False
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if hidden and not equals:
            continue  # the rest of the value before, whose `&` should have been encoded
        hidden = any(map(_is_secret, _layers(name))) or any(map(_mentions, _layers(value)))
        if hidden:
            kept.append(f"{redacted_text(name)}={REDACTED}" if equals else REDACTED)
        else:
            kept.append(redacted_text(part))
    return "&".join(kept)


def _redacted_string(text: str) -> str:
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            document = json.loads(text)
        except ValueError:
            pass
        else:
            kept = redacted(document)
            return text if kept == document else json.dumps(kept, ensure_ascii=False)
    return redacted_text(text)


def _mentions(text: str) -> bool:
    """Whether a parameter's value, a filter mostly, is about a password, or gives a secret away.

    Also one that ends where the secret would begin: the rest follows a `&` that should have been encoded.
    """
    return "password" in text.casefold() or _NAMED.search(f"{text}\0") is not None


def _layers(text: str) -> Iterator[str]:
    """The text, and what it is when it is percent-decoded once, twice, ..."""
    yield text
    for _ in range(_LAYERS):
        if "%" not in text and "+" not in text:
            return
        decoded = unquote_plus(text)
        if decoded == text:
            return
        yield decoded
        text = decoded
    if unquote_plus(text) != text:
        yield f"secret={text}"


def _is_secret(name: str) -> bool:
    folded = re.sub(r"[\W_]+", "", name.casefold())
    return any(secret in folded for secret in _FOLDED_NAMES)
