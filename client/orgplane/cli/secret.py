"""Reads a secret from where no process list and no history shows it."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path

from .failure import Failure


def read(source: str, what: str) -> str:
    """The secret in a file; `-` is standard input, where a terminal is asked without an echo."""
    if source != "-":
        try:
            secret = Path(source).read_text()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text"
            raise Failure(f"cannot read the {what} from {source}: {reason}") from None
    elif sys.stdin.isatty():
        secret = getpass(f"{what}: ", stream=sys.stderr)
    else:
        secret = sys.stdin.read()
    secret = secret.rstrip("\r\n")
    if not secret:
        raise Failure(f"the {what} is empty", "Nothing was sent.")
    return secret
