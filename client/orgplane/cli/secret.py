"""Reads a secret from where no process list and no history shows it."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path

from .failure import Failure


def read(source: str, what: str) -> str:
    """The secret in a file; `-` is standard input, where a terminal is asked without an echo."""
    if source == "-" and sys.stdin.isatty():
        secret = getpass(f"{what}: ", stream=sys.stderr)
    else:
        try:
            secret = _bytes(source).decode("utf-8-sig")  # whatever the locale is
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a text in UTF-8"
            place = "standard input" if source == "-" else source
            raise Failure(f"cannot read the {what} from {place}: {reason}") from None
    secret = secret.rstrip("\r\n")
    if not secret:
        raise Failure(f"the {what} is empty", "Nothing was sent.")
    return secret


def _bytes(source: str) -> bytes:
    return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
