"""Bearer tokens: a text in front of 256 random bits says what each is for.

`orgplane_pat_...` is for the API, `orgplane_service_...` for it as a service account, `orgplane_session_...` for it after a
sign-in, `orgplane_exchange_...` and `orgplane_device_...` to get such a one, `orgplane_scim_...` for identity providers,
`orgplane_scimsecret_...` is what one gets `orgplane_scimaccess_...` for, which does the same for an hour. Of applications
`orgplane_application_...` is the secret, `orgplane_code_...` tells them once who has signed in, and `orgplane_access_...`
for as long as the sign-in holds. `orgplane_op_...` is for whoever runs the server.

A token is its kind, 256 random bits in base62 (43 characters) and a CRC-32 of both in base62
(6 characters). The checksum lets a secret scanner, or us, recognise a typo without a look-up; it
proves nothing. Only the SHA-256 of the whole text is ever stored.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from enum import StrEnum

from .errors import Reason, Unauthenticated

ENTROPY_BYTES = 32

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY_LENGTH = 43
_CHECKSUM_LENGTH = 6


class TokenKind(StrEnum):
    """The text in front of a token's secret."""

    PERSONAL_ACCESS = "orgplane_pat_"
    SCIM = "orgplane_scim_"
    SCIM_SECRET = "orgplane_scimsecret_"
    SCIM_ACCESS = "orgplane_scimaccess_"
    SESSION = "orgplane_session_"
    APPLICATION = "orgplane_application_"
    CODE = "orgplane_code_"
    ACCESS = "orgplane_access_"
    EXCHANGE = "orgplane_exchange_"
    DEVICE = "orgplane_device_"
    SERVICE_ACCOUNT = "orgplane_service_"
    OPERATOR = "orgplane_op_"

    @property
    def called(self) -> str:
        """What people call it, and how to know it."""
        return f"{_NAMES[self]} ({self}...)"

    @property
    def one(self) -> str:
        """One of them, as `called`."""
        return f"{'an' if self.called[0] in 'aeiou' else 'a'} {self.called}"


_NAMES = {
    TokenKind.PERSONAL_ACCESS: "personal access token",
    TokenKind.SCIM: "SCIM token",
    TokenKind.SCIM_SECRET: "client secret for SCIM",
    TokenKind.SCIM_ACCESS: "access token for SCIM",
    TokenKind.SESSION: "session token",
    TokenKind.APPLICATION: "secret of an application",
    TokenKind.CODE: "authorization code",
    TokenKind.ACCESS: "access token of an application",
    TokenKind.EXCHANGE: "token for ExchangeToken",
    TokenKind.DEVICE: "device code",
    TokenKind.SERVICE_ACCOUNT: "service account token",
    TokenKind.OPERATOR: "operator token",
}


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A bearer token in the clear. Prints as `orgplane_scim_...abcd`; only `reveal` gives the secret."""

    kind: TokenKind
    _secret: str

    @classmethod
    def mint(cls, kind: TokenKind, entropy: bytes) -> Token:
        """A new token out of `ENTROPY_BYTES` random bytes."""
        if len(entropy) != ENTROPY_BYTES:
            raise ValueError(f"a token takes {ENTROPY_BYTES} random bytes")
        body = _base62(int.from_bytes(entropy), _BODY_LENGTH)
        return cls(kind, body + _checksum(kind, body))

    @classmethod
    def parse(cls, text: str) -> Token | None:
        """The token that `text` spells, or None if nobody can ever have been given such a token."""
        for kind in TokenKind:
            secret = text.removeprefix(kind)
            body = secret[:_BODY_LENGTH]
            if (
                secret != text
                and len(secret) == _BODY_LENGTH + _CHECKSUM_LENGTH
                and secret[_BODY_LENGTH:] == _checksum(kind, body)
            ):
                return cls(kind, secret)
        return None

    @classmethod
    def of_kind(cls, kind: TokenKind, text: str) -> Token:
        """The token that `text` spells. Raises Unauthenticated, saying what it is instead, unless it is of this kind."""
        token = cls.parse(text)
        if token is not None and token.kind is kind:
            return token
        if token is not None:
            problem = f"this is {token.kind.one}; {kind.one} is needed"
        elif text.startswith(kind):
            problem = (
                f"the {kind.called} is damaged: a part of it is missing, or a character is wrong"
            )
        else:
            problem = f"this is no token; {kind.one} is needed"
        raise Unauthenticated(problem, reason=Reason.TOKEN_MALFORMED)

    @classmethod
    def digest_of(cls, kind: TokenKind, text: str) -> bytes | None:
        """What is looked up for the token that `text` spells, or None unless it is of this kind."""
        token = cls.parse(text)
        return token.digest if token is not None and token.kind is kind else None

    def reveal(self) -> str:
        """The token itself, to be handed to its owner once."""
        return self.kind + self._secret

    @property
    def digest(self) -> bytes:
        """SHA-256 of the token: what is stored and looked up."""
        return hashlib.sha256(self.reveal().encode()).digest()

    @property
    def hint(self) -> str:
        """What may be shown and logged: `orgplane_scim_...abcd`."""
        return f"{self.kind}...{self._secret[-4:]}"

    def __repr__(self) -> str:
        return self.hint

    __str__ = __repr__


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _checksum(kind: TokenKind, body: str) -> str:
    return _base62(zlib.crc32((kind + body).encode()), _CHECKSUM_LENGTH)
