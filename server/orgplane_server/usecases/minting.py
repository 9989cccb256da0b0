"""New identifiers and tokens: where the randomness of the use cases comes from."""

from __future__ import annotations

import secrets
from uuid import UUID

from uuid_utils import uuid7 as quick_uuid7
from uuid_utils.compat import uuid7

from ..domain.token import ENTROPY_BYTES, Token, TokenKind


def new_id() -> UUID:
    """A UUID of version 7: later ones sort after earlier ones."""
    return uuid7()


def new_text_id() -> str:
    """The same as text, for what is only ever text."""
    return str(quick_uuid7())


def new_token(kind: TokenKind) -> Token:
    return Token.mint(kind, secrets.token_bytes(ENTROPY_BYTES))
