"""Proof Key for Code Exchange (RFC 7636), by S256: whoever has the verifier has begun what the challenge came with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_challenge(text: str) -> bool:
    return _CHALLENGE.fullmatch(text) is not None


def fits(verifier: str, challenged: str) -> bool:
    """Whether it is a verifier, and the one that was `challenged`."""
    return _VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(
        challenge(verifier), challenged
    )
