"""The server's certificate, its key and the CA of its clients, which may change while it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from .envoy import ListenerError, ListenerOptions

T = TypeVar("T")

_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


class Certificates:
    """What the files held when they were last found good, in a directory that only this user can enter.

    Envoy's processes read it from there (as secrets, by name), and anew when it changes: also a process that is
    started while the files are broken has what the others have.
    """

    def __init__(self, options: ListenerOptions, secrets: Path) -> None:
        self._options = options
        self._before: dict[str, str] = {}
        self.secrets = secrets

    def load(self, *, now: datetime | None = None) -> str:
        """Takes what the files hold; the serial number of the certificate, in hexadecimal as Envoy has it.

        Raises ListenerError, naming the file, and changes nothing if they cannot be served; with `now`, also if
        the certificate has ended by then.
        """
        cert, key, ca = self._options.tls_cert, self._options.tls_key, self._options.client_ca
        assert cert is not None
        assert key is not None
        chain, (leaf, *_) = _read("tls-cert", cert, x509.load_pem_x509_certificates)
        secret, private = _read("tls-key", key, _private_key)
        if _public(private) != _public(leaf):
            raise ListenerError(f"--tls-key: {key} is not the key of the certificate in {cert}")
        if now is not None and leaf.not_valid_after_utc <= now:
            raise ListenerError(
                f"--tls-cert: the certificate in {cert} ended {leaf.not_valid_after_utc:%Y-%m-%d}"
            )
        trusted = None
        if ca is not None:
            trusted, _ = _read("client-ca", ca, x509.load_pem_x509_certificates)
        self._before = {path.name: path.read_text() for path in self.secrets.iterdir()}
        self._write(
            "server",
            "tls_certificate",
            {
                "certificate_chain": {"inline_string": chain},
                "private_key": {"inline_string": secret},
            },
        )
        if trusted is not None:
            self._write("clients", "validation_context", {"trusted_ca": {"inline_string": trusted}})
        return f"{leaf.serial_number:x}"

    def undo(self) -> None:
        """Goes back to what there was before the last `load`."""
        for name, content in self._before.items():
            self._put(name, content)

    def _write(self, name: str, kind: str, value: object) -> None:
        resource = {"@type": _TYPE, "name": name, kind: value}
        self._put(f"{name}.json", json.dumps({"resources": [resource]}))

    def _put(self, name: str, content: str) -> None:
        """Envoy notices files that are moved, and is never shown one that is only half there."""
        new = self.secrets / "new"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
        new.replace(self.secrets / name)


def _read(flag: str, path: Path, parse: Callable[[bytes], T]) -> tuple[str, T]:
    """The text, and what it means."""
    try:
        content = path.read_bytes()
        return content.decode(), parse(content)
    except OSError as error:
        raise ListenerError(f"--{flag}: cannot read {path}: {error.strerror}") from None
    except TypeError:
        raise ListenerError(
            f"--{flag}: {path} is encrypted; it must be without a passphrase"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ListenerError(f"--{flag}: {path} has no {_WANTED[flag]} in PEM") from None


def _private_key(content: bytes) -> PrivateKeyTypes:
    return serialization.load_pem_private_key(content, None)


def _public(holder: PrivateKeyTypes | x509.Certificate) -> bytes:
    return holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


_WANTED = {"tls-cert": "certificate", "tls-key": "private key", "client-ca": "certificate"}
