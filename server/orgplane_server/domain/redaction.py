"""What may be kept of documents and addresses that others sent: all but secrets."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from .token import TokenKind

REDACTED = "[redacted]"

_TOKEN = re.compile(f"({'|'.join(TokenKind)})[0-9A-Za-z]+")
_BEARER = re.compile(r"(bearer\s+)\S+", re.IGNORECASE)
#: A filter that compares a password with something.
_COMPARED = re.compile(r'(password[\w.:]*\s+[a-z]{2}\s+)("(?:[^"\\]|\\.)*"?|\S+)', re.IGNORECASE)
_SECRET_NAMES = ("password", "secret", "token", "authorization")


def redacted(document: object) -> object:
    """A JSON document without the values of passwords, secrets and tokens, however deep.

    Also where a PATCH operation names the attribute in its `path` (RFC 7644, section 3.5.2).
    """
    match document:
        case dict():
            replaces = any(
                name.casefold() == "path" and isinstance(value, str) and _is_secret(value)
                for name, value in document.items()
            )
            return {
                name: REDACTED
                if _is_secret(name) or (replaces and name.casefold() == "value")
                else redacted(value)
                for name, value in document.items()
            }
        case list():
            return [redacted(item) for item in document]
        case str():
            return redacted_text(document)
    return document


def redacted_text(text: str) -> str:
    """Text without tokens of ours, bearer tokens, and what filters compare passwords with."""
    text = _BEARER.sub(rf"\1{REDACTED}", _TOKEN.sub(rf"\1{REDACTED}", text))
    return _COMPARED.sub(rf"\1{REDACTED}", text)


def redacted_query(query: str) -> str:
    """A query string, as it was unless something in it had to go."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [
        (name, REDACTED if _is_secret(name) or "password" in value.casefold() else value)
        for name, value in pairs
    ]
    return redacted_text(query if kept == pairs else urlencode(kept, safe="[]"))


def _is_secret(name: str) -> bool:
    folded = name.casefold()
    return any(secret in folded for secret in _SECRET_NAMES)
