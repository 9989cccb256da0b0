"""What leaves the server's hands and must come back as it was, or never be read: sealed."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from collections.abc import Iterable

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..domain import secret_key
from ..store import secret_key as store
from ..store.engine.unit_of_work import UnitOfWork

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"

log = structlog.get_logger(__name__)


class Broken(Exception):
    """Not sealed by us, not for this purpose, or changed since."""


class Sealer:
    """AES-256-GCM under keys derived from one secret of `KEY_BYTES` random bytes.

    The `purpose` is part of the seal: what was sealed for one cannot be opened for another. While a server runs, the
    secret may be `take`n over by another, and texts that are still out there be opened with those `remember`ed.
    """

    def __init__(self, key: bytes) -> None:
        self.take(key)
        self._former: list[_Cipher] = []
        #: Whether the database is known to be sealed with another key than this one.
        self.outdated = False

    def take(self, key: bytes) -> None:
        """From now on, everything is by this key."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key takes {KEY_BYTES} random bytes")
        self._key = _Derived(key)
        self.outdated = False

    def remember(self, former: Iterable[bytes]) -> None:
        """Texts that were sealed by these keys, each the `opening` of its time, can be opened too."""
        self._former = [_Cipher(each) for each in former]

    @property
    def fingerprint(self) -> bytes:
        """Tells one key from another, and nothing of the key."""
        return self._key.fingerprint

    @property
    def opening(self) -> bytes:
        """What it takes to open texts of this key, and no more than to seal some: a secret."""
        return self._key.opening

    def digest(self, plain: bytes, purpose: str) -> bytes:
        """What `plain` is recognized by, and cannot be found by without the key, however short it is."""
        digest = HMAC(self._key.marking, SHA256())
        digest.update(purpose.encode() + b"\0" + plain)
        return digest.finalize()

    def seal(self, plain: bytes, purpose: str) -> bytes:
        return self._key.cipher.seal(plain, purpose)

    def seal_into(self, unit: UnitOfWork, plain: bytes, purpose: str) -> bytes:
        """`seal`, for a column of `usecases.secret_key.SEALED` that this transaction writes.

        Raises Unavailable if the database is sealed with another key by now: nobody could open it.
        """
        key = self._key
        if store.hold(unit) not in (None, key.fingerprint):
            raise secret_key.outdated()
        return key.cipher.seal(plain, purpose)

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises Broken for anything that `seal` did not return for this purpose."""
        return self._key.cipher.open(sealed, purpose)

    def open_kept(self, sealed: bytes, purpose: str) -> bytes:
        """`open`, of what `seal_into` has returned. Raises Unavailable for what another key has sealed: ours is being replaced."""
        try:
            return self.open(sealed, purpose)
        except Broken:
            log.error("sealed with another key than this server's", what=purpose)
            raise secret_key.outdated() from None

    def seal_text(self, plain: bytes, purpose: str) -> str:
        """As `seal`, fit for URLs."""
        return base64.urlsafe_b64encode(self.seal(plain, purpose)).decode("ascii")

    def open_text(self, sealed: str, purpose: str) -> bytes:
        """Raises Broken for anything that `seal_text` did not return for this purpose."""
        try:
            plain = base64.urlsafe_b64decode(sealed.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            raise Broken from None
        for former in self._former:
            with contextlib.suppress(Broken):
                return former.open(plain, purpose)
        return self.open(plain, purpose)


class _Cipher:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise Broken
        try:
            return self._cipher.decrypt(nonce, rest, purpose.encode())
        except InvalidTag:
            raise Broken from None


class _Derived:
    """What one secret is used for, each use with a key of its own (RFC 5869)."""

    def __init__(self, key: bytes) -> None:
        def derived(use: bytes) -> bytes:
            return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"orgplane " + use).derive(key)

        self.opening = derived(b"sealing")
        self.cipher = _Cipher(self.opening)
        self.marking = derived(b"digests")
        self.fingerprint = derived(b"fingerprint")
