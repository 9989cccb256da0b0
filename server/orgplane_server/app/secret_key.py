"""The server's secret: seals client secrets and page tokens. Kept in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..usecases.sealing import KEY_BYTES


class SecretKeyError(Exception):
    """The secret key file cannot be used; the text says why and names the file."""


def load_or_create(path: Path | None) -> bytes:
    """The key in the file, made anew (mode 0600) if there is none; without a path, one for this process."""
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        _create(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise SecretKeyError(
            f"cannot create the secret key file {path}: {error.strerror}"
        ) from None
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise SecretKeyError(f"cannot read the secret key file {path}: {reason}") from None
    if len(key) != KEY_BYTES:
        raise SecretKeyError(f"cannot use the secret key file {path}: not {KEY_BYTES} bytes in hex")
    return key


def _create(path: Path) -> None:
    """Appears under its name complete, so that two servers starting at once end up with one key."""
    if path.exists():
        raise FileExistsError
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
