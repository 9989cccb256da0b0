"""Whom to trust, and as whom to come: the certificates of an https connection."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConfigurationError

#: PEM, or a file of it; a str is PEM if it looks like some.
PEM = bytes | Path | str

_CERTIFICATE = re.compile(rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----")
_KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
_LOCKED = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED", re.M)


@dataclass(frozen=True, slots=True)
class TLS:
    """What an https connection is made with, each as PEM or as a file of it.

    `ca` is trusted instead of the public certificate authorities. `cert`, with the certificates between it and
    its authority, and `key` are the client's own, for a server that asks for them (`--client-ca`). Without `key`, the
    key is looked for in `cert`.
    """

    ca: PEM | None = None
    cert: PEM | None = None
    key: PEM | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Names:
    """What whoever calls calls the three."""

    ca: str = "tls.ca"
    cert: str = "tls.cert"
    key: str = "tls.key"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The three, read and checked. `own` says which the client's is; empty if there is none."""

    ca: bytes | None = field(default=None, repr=False)
    cert: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    own: str = ""
    own_key: str = ""

    @classmethod
    def read(cls, tls: TLS, names: Names) -> Certificates:
        """Raises ConfigurationError, with name and file, for what cannot be used."""
        ca = _read(tls.ca, names.ca)
        cert = _read(tls.cert, names.cert)
        key = _read(tls.key, names.key)
        if ca is not None and not _CERTIFICATE.search(ca):
            raise ConfigurationError(f"{_named(names.ca, tls.ca)} holds no certificate in PEM")
        if cert is None:
            if key is not None:
                raise ConfigurationError(f"{names.key}: goes with {names.cert}, which is missing")
            return cls(ca)
        if not _CERTIFICATE.search(cert):
            raise ConfigurationError(f"{_named(names.cert, tls.cert)} holds no certificate in PEM")
        if key is None:
            if not (_KEY.search(cert) or _LOCKED.search(cert)):
                raise ConfigurationError(
                    f"{_named(names.cert, tls.cert)} holds no private key; give it as {names.key}"
                )
            key, holder = cert, _named(names.cert, tls.cert)
        else:
            holder = _named(names.key, tls.key)
        if _LOCKED.search(key):
            raise ConfigurationError(
                f"{holder} holds a private key under a passphrase; decrypt it first, "
                "with: openssl pkey -in FILE -out FILE"
            )
        if not _KEY.search(key):
            raise ConfigurationError(f"{holder} holds no private key in PEM")
        return cls(ca, cert, key, _named(names.cert, tls.cert), holder)


def unusable(error: Exception, certificates: Certificates) -> str:
    """What the TLS library finds wrong with certificates that look like some."""
    if "KeyMismatch" in str(error):
        return f"{certificates.own_key} is not the key of the certificate in {certificates.own}"
    return f"the certificates cannot be used: {str(error).rpartition(': ')[2]}"


def _read(pem: PEM | None, name: str) -> bytes | None:
    if pem is None or isinstance(pem, bytes):
        return pem
    if _is_text(pem):
        return str(pem).encode()
    try:
        return Path(pem).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {pem}: {error.strerror}") from error
    except ValueError:
        raise ConfigurationError(f"{name}: is neither PEM nor the name of a file") from None


def _named(name: str, pem: PEM | None) -> str:
    """The name, and the file if it is one."""
    return f"{name}:" if isinstance(pem, bytes) or _is_text(pem) else f"{name}: {pem}"


def _is_text(pem: PEM | None) -> bool:
    """Whether it is PEM itself: nobody's secret is to be quoted as the name of a file that is not there."""
    return isinstance(pem, str) and "-----BEGIN " in pem
