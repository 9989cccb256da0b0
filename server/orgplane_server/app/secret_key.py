"""The server's secret: seals client secrets and page tokens. Kept in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..settings import SettingError, Settings
from ..store.database import Database, is_sqlite, sqlite_path
from ..store.secret_key import adopt
from ..usecases.sealing import KEY_BYTES, Sealer


class SecretKeyError(Exception):
    """The secret key file cannot be used; the text says why and names the file."""


def path(settings: Settings) -> Path | None:
    """Where the key is: as set, else beside the database file; nowhere for a database in memory.

    Raises SettingError for a shared database, whose servers must all be given the same key.
    """
    if settings.secret_key_file is not None:
        return settings.secret_key_file
    if not is_sqlite(settings.database_url):
        raise SettingError("secret_key_file: needed with PostgreSQL, the same for every server")
    file = sqlite_path(settings.database_url)
    return Path(f"{file}.key") if file else None


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


async def confirm(database: Database, key: bytes) -> None:
    """Raises SecretKeyError when the database was sealed with another key; a new one takes this."""
    fingerprint = Sealer(key).fingerprint
    if not await database.write(lambda unit: adopt(unit, fingerprint)):
        raise SecretKeyError(
            "the secret key is not the one that this database was sealed with; "
            "give --secret-key-file the file that the other servers use"
        )


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
