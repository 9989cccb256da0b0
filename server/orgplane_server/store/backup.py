"""Copying an SQLite database whole, also while servers write to it, and looking whether a copy is sound."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .engine.migrate import HEAD, SchemaTooNew
from .engine.sqlite import Sqlite, driver

#: What every schema revision of ours has, and what none is called otherwise.
_TABLES, _REVISION = {"alembic_version", "organization"}, re.compile(r"\d{4}", re.ASCII)

#: The bytes of a file that SQLite locks while it has it open (`SHARED_FIRST` in its os.h).
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


class CopyError(Exception):
    """A copy cannot be made, or is none of a sound database; the text says why."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema's revision, and the fingerprint of the database's key, if it has one."""

    revision: str
    fingerprint: bytes | None


@contextlib.contextmanager
def copied(source: Path, folder: Path) -> Iterator[tuple[Path, Contents]]:
    """A sound copy on the disk, one file (mode 0600) in `folder`, under a name that it loses at the end.

    Raises CopyError, and SchemaTooNew for the database of a newer program.
    """
    copy = folder / f".{source.name}.{secrets.token_hex(4)}"
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy(source, copy)
        contents = _examine(copy, source)
        sync(copy)
        yield copy, contents
    except OSError as error:
        raise CopyError(f"cannot write into {folder}: {error.strerror}") from None
    finally:
        for suffix in ("", "-journal"):
            with contextlib.suppress(OSError):
                Path(f"{copy}{suffix}").unlink(missing_ok=True)


def _examine(copy: Path, file: Path) -> Contents:
    """Reads all of a copy of a file. Raises as `copied`."""
    try:
        with contextlib.closing(Sqlite(str(copy)).connect("ro")) as database:
            faults = [row[0] for row in database.execute("PRAGMA integrity_check")]
            dangling = database.execute("PRAGMA foreign_key_check").fetchall()
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}
            if faults != ["ok"]:
                raise CopyError(f"{file} is damaged: {faults[0]}")
            if dangling:
                table, row, missing, _ = dangling[0]
                raise CopyError(
                    f"{file} is damaged: row {row} of {table} needs one of {missing} that is missing"
                )
            revisions, fingerprints = [], []
            if tables >= _TABLES:
                revisions = database.execute("SELECT version_num FROM alembic_version").fetchall()
            if "secret_key" in tables:
                fingerprints = database.execute("SELECT fingerprint FROM secret_key").fetchall()
    except driver.Error as error:
        raise CopyError(f"{file} cannot be read: {error}") from None
    match revisions, fingerprints:
        case [(str(revision),)], [(bytes(),)] | [] if _REVISION.fullmatch(revision):
            if revision > HEAD:
                raise SchemaTooNew(str(file), revision)
            return Contents(revision, fingerprints[0][0] if fingerprints else None)
    raise CopyError(f"{file} is no database of orgplane-server")


def in_use(file: Path) -> bool:
    """Whether any other process has the database open, with SQLite of any kind."""
    try:
        with file.open("rb+") as opened:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def sync(path: Path) -> None:
    """What a file holds, or a folder names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, copy: Path) -> None:
    try:
        mode = "rw" if os.access(source, os.W_OK) else "ro"
        with (
            contextlib.closing(Sqlite(str(source)).connect(mode)) as read,
            contextlib.closing(Sqlite(str(copy)).connect()) as written,
        ):
            read.backup(written)  # in one step, so of one moment
            written.execute("PRAGMA journal_mode=DELETE")  # nothing beside it
    except driver.Error as error:
        raise CopyError(f"{source} cannot be copied: {error}") from None
