"""The server's secret: seals client secrets and page tokens. Kept in a file that only its owner reads."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ..settings import SettingError, Settings
from ..store.engine.database import Database
from ..store.engine.database_url import is_sqlite, sqlite_path
from ..store.secret_key import adopt, find
from ..usecases.sealing import KEY_BYTES, Sealer
from .private_file import draft

#: Begins the line, after the key, with the fingerprint by which a database knows the key.
_MARK = "# the database's fingerprint: "


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


@dataclass(frozen=True, slots=True)
class Kept:
    """What a key file holds: the key, and whether it was made here for a database, which has it."""

    key: bytes = field(repr=False)
    of_a_database: bool


def read(path: Path) -> Kept | None:
    """None if there is no such file. Raises SecretKeyError for one that holds no key."""
    try:
        first, *rest = path.read_text("ascii").splitlines() or [""]
        key = bytes.fromhex(first)
        marks = [line.removeprefix(_MARK) for line in rest if line.startswith(_MARK)]
        if any(line.strip() and not line.startswith("#") for line in rest):
            raise ValueError
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise SecretKeyError(f"cannot read the secret key file {path}: {reason}") from None
    if len(key) != KEY_BYTES:
        raise SecretKeyError(f"cannot use the secret key file {path}: not {KEY_BYTES} bytes in hex")
    if any(mark.strip() != Sealer(key).fingerprint.hex() for mark in marks):
        raise SecretKeyError(
            f"cannot use the secret key file {path}: the fingerprint in it is that of another database; "
            "put the file back as it was made"
        )
    return Kept(key, bool(marks))


def is_of_a_database(path: Path) -> bool:
    """Whether the file is there and was made here for a database. Raises SecretKeyError as `read`."""
    kept = read(path)
    return kept is not None and kept.of_a_database


async def of(database: Database, path: Path | None) -> bytes:
    """The database's key: the one in the file, made (mode 0600) with a new database; without a path, one for this process.

    Raises SecretKeyError when the file holds the key of another database, or is missing while the
    database was sealed with a key.
    """
    if path is None:
        key = secrets.token_bytes(KEY_BYTES)
        await _adopt(database, key)
        return key
    # In this order: a server that starts at the same moment makes the key, then tells the database,
    # then marks the key.
    kept = read(path)
    known = await database.read(find)
    if kept is None and known is not None and (kept := read(path)) is None:
        raise SecretKeyError(
            f"the secret key file {path} is missing, and the database was sealed with the key in it: put it "
            "back from a backup, or name it with --secret-key-file; nothing was made"
        )
    if kept is not None and kept.of_a_database and known is None:
        raise SecretKeyError(
            f"the secret key file {path} was made for another database than this one, which is new: put that "
            "database back; for a new one name another file with --secret-key-file, or move this one away"
        )
    made = kept is None and create(path)
    if kept is None and (kept := read(path)) is None:
        raise SecretKeyError(f"the secret key file {path} was removed at this moment; start anew")
    if not await _adopt(database, kept.key):
        raise mismatch(path, await database.read(find))
    if made:
        mark(path, kept.key)
    return kept.key


def loaded(path: Path | None) -> bytes | None:
    """What the file holds by now; None if that is no key."""
    try:
        kept = None if path is None else read(path)
    except SecretKeyError:
        return None
    return None if kept is None else kept.key


def next_of(path: Path) -> Path:
    """Where a new key is that takes the place of the one in `path` when the database is sealed with it."""
    return path.with_name(f"{path.name}.next")


def is_begun(path: Path, fingerprint: bytes | None) -> bool:
    """Whether a rotation has sealed the database, which knows this fingerprint, and has not put the new key in place."""
    key = loaded(next_of(path))
    return key is not None and Sealer(key).fingerprint == fingerprint


def mismatch(path: Path, fingerprint: bytes | None) -> SecretKeyError:
    """For a file with another key than that of the database, which knows this fingerprint."""
    if is_begun(path, fingerprint):
        return SecretKeyError(
            f"the secret key in {path} is to be replaced by that in {next_of(path)}, which this database is sealed with: "
            "run orgplane-server rotate-secret-key again, which was interrupted"
        )
    return SecretKeyError(
        f"the secret key in {path} is not the one that this database was sealed with; "
        "give --secret-key-file the file that the other servers use"
    )


async def _adopt(database: Database, key: bytes) -> bool:
    """Whether it is the database's key; of a new database it is from now on."""
    fingerprint = Sealer(key).fingerprint
    return await database.write(lambda unit: adopt(unit, fingerprint))


def create(path: Path) -> bool:
    """Appears under its name complete, so that two servers starting at once end up with one key.

    Whether it was made; False if there is one.
    """
    try:
        with draft(path, f"{secrets.token_hex(KEY_BYTES)}\n".encode()) as made:
            os.link(made, path)
    except FileExistsError:
        return False
    except OSError as error:
        raise SecretKeyError(
            f"cannot create the secret key file {path}: {error.strerror}"
        ) from None
    return True


def mark(path: Path, key: bytes) -> None:
    """Says in a key file that it is a database's. Comes after the key: a program that was killed in between has lost nothing."""
    with contextlib.suppress(OSError), path.open("a") as file:
        file.write(f"{_MARK}{Sealer(key).fingerprint.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
