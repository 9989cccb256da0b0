"""What leaves the server's hands and must come back as it was, or never be read: sealed."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


class Broken(Exception):
    """Not sealed by us, not for this purpose, or changed since."""


class Sealer:
    """AES-256-GCM under keys derived from one secret of `KEY_BYTES` random bytes.

    The `purpose` is part of the seal: what was sealed for one cannot be opened for another.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key takes {KEY_BYTES} random bytes")
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"orgplane sealing").derive(key)
        self._cipher = AESGCM(derived)
        self._marking = HKDF(SHA256(), 32, salt=None, info=b"orgplane digests").derive(key)
        #: Tells one key from another, and nothing of the key.
        self.fingerprint = HKDF(SHA256(), 32, salt=None, info=b"orgplane fingerprint").derive(key)

    def digest(self, plain: bytes, purpose: str) -> bytes:
        """What `plain` is recognized by, and cannot be found by without the key, however short it is."""
        digest = HMAC(self._marking, SHA256())
        digest.update(purpose.encode() + b"\0" + plain)
        return digest.finalize()

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises Broken for anything that `seal` did not return for this purpose."""
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise Broken
        try:
            return self._cipher.decrypt(nonce, rest, purpose.encode())
        except InvalidTag:
            raise Broken from None

    def seal_text(self, plain: bytes, purpose: str) -> str:
        """As `seal`, fit for URLs."""
        return base64.urlsafe_b64encode(self.seal(plain, purpose)).decode("ascii")

    def open_text(self, sealed: str, purpose: str) -> bytes:
        """Raises Broken for anything that `seal_text` did not return for this purpose."""
        try:
            return self.open(base64.urlsafe_b64decode(sealed.encode("ascii")), purpose)
        except (UnicodeEncodeError, binascii.Error):
            raise Broken from None
