"""What no two users, and no two groups, of one configuration share: a folded name, and an externalId."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

import sqlalchemy as sa

from ..domain.errors import AlreadyExists


@contextlib.contextmanager
def unique(columns: Mapping[str, str], taken: Callable[[str], AlreadyExists]) -> Iterator[None]:
    """Raises `taken` with the SCIM attribute of the unique column whose value somebody else has.

    Asking before would cost a statement, and could not see what is being written at the same time.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        broken = _constraint(error)
        for column, attribute in columns.items():
            if column in broken:
                raise taken(attribute) from None
        raise


def _constraint(error: sa.exc.IntegrityError) -> str:
    """The columns of a constraint as SQLite tells them, or its name, which is made of them; no values."""
    diagnosis = getattr(error.orig, "diag", None)
    return str(error.orig) if diagnosis is None else diagnosis.constraint_name or ""
