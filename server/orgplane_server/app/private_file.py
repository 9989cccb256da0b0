"""Files for nobody but their owner, which appear under their names whole and durable."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def draft(file: Path, content: bytes) -> Iterator[Path]:
    """The content on the disk (mode 0600), beside the file whose name it is to get; gone at the end unless renamed.

    Raises OSError.
    """
    path = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(descriptor)
        yield path
    finally:
        path.unlink(missing_ok=True)
