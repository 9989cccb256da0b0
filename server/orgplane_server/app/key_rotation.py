"""Another secret key for an installation: the database is sealed with it, then it takes the place of the one before."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from ..domain.instant import Clock
from ..store.backup import sync
from ..store.engine.database import Database
from ..store.secret_key import find
from ..usecases.sealing import Sealer
from ..usecases.secret_key import SecretKeys
from . import secret_key
from .secret_key import Kept, SecretKeyError


@dataclass(frozen=True, slots=True)
class Rotated:
    """`key` is the file with the new key, `former` the one with the key before, if it was moved."""

    key: Path
    former: Path | None
    values: int


async def rotate(
    database: Database, clock: Clock, path: Path, given: Path | None, *, forget: bool
) -> Rotated:
    """The database goes from the key in `path` to a new one, or to the one that was `given`, whose file stays where it is.

    A new one is in `next_of(path)` before anything is sealed with it, and in `path` when everything is. Whatever was
    interrupted is taken up again by another call. Raises SecretKeyError, usecases.secret_key.CannotOpen, and Unavailable.
    """
    path = await asyncio.to_thread(path.resolve)
    known = await database.read(find)
    if known is None:
        raise SecretKeyError("the database has no secret key yet; the first server that starts has")
    kept = secret_key.read(path)
    new_path = secret_key.next_of(path) if given is None else given
    if kept is not None and _fingerprint(kept) == known:
        new = _made(new_path) if given is None else _given(given)
        if _fingerprint(new) == known:
            raise SecretKeyError(f"{new_path} holds the key that the database is sealed with")
        keys = SecretKeys(database, clock)
        values = await keys.rotate(Sealer(kept.key), Sealer(new.key), forget=forget)
    elif given is None and secret_key.is_begun(path, known):
        values = 0
    elif given is not None and _fingerprint(_given(given)) == known:
        return Rotated(given, None, 0)
    elif kept is None:
        raise SecretKeyError(
            f"the secret key file {path} is missing: nothing can be opened without"
        )
    else:
        raise secret_key.mismatch(path, known)
    if given is not None:
        return Rotated(given, None, values)
    return Rotated(path, await asyncio.to_thread(_put_in_place, path, kept), values)


def _fingerprint(kept: Kept) -> bytes:
    return Sealer(kept.key).fingerprint


def _given(path: Path) -> Kept:
    if (kept := secret_key.read(path)) is None:
        raise SecretKeyError(f"the secret key file {path} does not exist")
    return kept


def _made(path: Path) -> Kept:
    """The new key: one that is there was made by a call that was interrupted."""
    if secret_key.create(path):
        secret_key.mark(path, _given(path).key)
    sync(path.parent)
    return _given(path)


def _put_in_place(path: Path, before: Kept | None) -> Path | None:
    """The new key gets the old one's name, which is kept under another; which."""
    former = None
    try:
        if before is not None:
            former = path.with_name(f"{path.name}.former-{_fingerprint(before).hex()[:8]}")
            with contextlib.suppress(FileExistsError):
                os.link(path, former)
        secret_key.next_of(path).replace(path)
        sync(path.parent)
    except OSError as error:
        raise SecretKeyError(
            f"the database is sealed with the key in {secret_key.next_of(path)}, which cannot be moved to {path}: "
            f"{error.strerror}; run this again"
        ) from None
    return former


def former_of(path: Path, fingerprint: bytes) -> Path | None:
    """A file beside `path` with a key that it held before, of which a backup knows the fingerprint."""
    former = path.with_name(f"{path.name}.former-{fingerprint.hex()[:8]}")
    key = secret_key.loaded(former)
    return former if key is not None and Sealer(key).fingerprint == fingerprint else None
