"""The server's certificate, its key and the CA of its clients, which may change while it runs."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import ssl
import stat
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from .envoy import ListenerError, ListenerOptions

T = TypeVar("T")

#: A certificate that ends by then should have been renewed; one that lives shorter, in the last third of its life.
_SOON = timedelta(days=14)

_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


class Certificates:
    """What the files held when they were last found good, in a directory that only this user can enter.

    Envoy's processes read it from there (as secrets, by name), and anew when it changes: also a process that is
    started while the files are broken has what the others have.
    """

    def __init__(self, options: ListenerOptions) -> None:
        self._options = options
        self._served: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._ends: list[datetime] = []
        self._directory = tempfile.TemporaryDirectory(prefix="orgplane-")
        self.secrets = Path(self._directory.name)
        self._lock = _held(self.secrets)
        #: Whether somebody has removed the directory; processes that run since before do not notice what is in it now.
        self.removed = False

    def close(self) -> None:
        os.close(self._lock)
        self._directory.cleanup()

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
        pair = {
            "certificate_chain": {"inline_string": chain},
            "private_key": {"inline_string": secret},
        }
        found = {"server.json": _secret("server", "tls_certificate", pair)}
        if trusted is not None:
            authorities = {"trusted_ca": {"inline_string": trusted}}
            found["clients.json"] = _secret("clients", "validation_context", authorities)
        self._before, self._served = self._served, found
        self._ends = [*self._ends[-1:], leaf.not_valid_after_utc]
        self.put()
        return f"{leaf.serial_number:x}"

    @property
    def ends_at(self) -> datetime:
        """When the certificate ends that is served."""
        return self._ends[-1]

    def undo(self) -> None:
        """Goes back to what there was before the last `load`. Raises as `put`."""
        self._served = self._before
        self._ends = self._ends[:1]
        self.put()

    def put(self) -> None:
        """Has what is served in the directory, also where that was removed. Raises ListenerError if it cannot be there."""
        try:
            self._make_directory()
            for name, content in self._served.items():
                self._put(name, content)
        except OSError as error:
            raise ListenerError(
                f"cannot write what is served into {self.secrets}: {error.strerror}"
            ) from None

    def _make_directory(self) -> None:
        """Raises ListenerError if in its place is what another user could have made."""
        try:
            self.secrets.mkdir(0o700)
        except FileExistsError:
            found = self.secrets.lstat()
            private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
            if not private or found.st_uid != os.geteuid():
                raise ListenerError(
                    f"{self.secrets} is not this server's any more; start the server anew"
                ) from None
        else:
            os.close(self._lock)
            self._lock = _held(self.secrets)
            self.removed = True

    def _put(self, name: str, content: str) -> None:
        """Envoy notices files that are moved, and is never shown one that is only half there."""
        new = self.secrets / "new"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
        new.replace(self.secrets / name)


def examine(options: ListenerOptions, now: datetime, host: str) -> tuple[str, list[str], list[str]]:
    """What the certificate is, in a few words; what is wrong with the files, and what soon will be or some clients refuse.

    Clients call the server `host`, if that is known. Raises ListenerError for files that cannot be read.
    """
    assert options.tls_cert is not None
    assert options.tls_key is not None
    _, chain = _read("tls-cert", options.tls_cert, x509.load_pem_x509_certificates)
    _, private = _read("tls-key", options.tls_key, _private_key)
    leaf, *others = chain
    wrong, doubts = [], []
    if _public(private) != _public(leaf):
        wrong.append(f"{options.tls_key} is not the key of the certificate in {options.tls_cert}")
    for issued, issuer in itertools.pairwise(chain):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            wrong.append(
                f"the chain is out of order: {_name(issuer)}, which comes next, has not issued {_name(issued)}"
            )
    named = [("certificate", leaf), *(("intermediate certificate", each) for each in others)]
    if options.client_ca is not None:
        _, authorities = _read("client-ca", options.client_ca, x509.load_pem_x509_certificates)
        named += [("certificate of --client-ca", each) for each in authorities]
    for what, each in named:
        begins, ends = each.not_valid_before_utc, each.not_valid_after_utc
        if ends <= now:
            wrong.append(f"the {what} {_name(each)} ended {ends:%Y-%m-%d}")
        elif begins > now:
            wrong.append(f"the {what} {_name(each)} begins {begins:%Y-%m-%d %H:%M} UTC")
        elif ends - now < min(_SOON, (ends - begins) / 3):
            doubts.append(f"the {what} {_name(each)} ends {ends:%Y-%m-%d}")
    if _is_authority(leaf):
        doubts.append("the certificate is an authority's, which some clients refuse in a server")
    if not wrong:
        doubts += _distrust(options.tls_cert, options.tls_key, chain[0], host)
    return f"{_name(leaf)}, until {leaf.not_valid_after_utc:%Y-%m-%d}", wrong, doubts


def _distrust(chain: Path, key: Path, leaf: x509.Certificate, host: str) -> list[str]:
    """What a client has against the certificate that trusts whom this machine trusts, and calls the server `host`."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    doubts = []
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    if refusal := _refusal(trusting, server, None):
        doubts.append(f"clients need its authority, whom this machine does not trust: {refusal}")
    if host:
        pem = leaf.public_bytes(serialization.Encoding.PEM).decode()
        naming = ssl.create_default_context(cadata=pem)
        naming.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if refusal := _refusal(naming, server, host):
            doubts.append(f"clients that go by --public-url refuse it: {refusal}")
    return doubts


def _refusal(client: ssl.SSLContext, server: ssl.SSLContext, host: str | None) -> str:
    """Why the client would not go on with the server, in OpenSSL's words; empty if it would."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    calling = client.wrap_bio(back, there, server_hostname=host)
    called = server.wrap_bio(there, back, server_side=True)
    for side in (calling, called, calling):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except ssl.SSLError as error:
            return error.reason or str(error)
    return ""


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"{certificate.serial_number:x}"


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _held(directory: Path) -> int:
    """A descriptor that keeps systemd-tmpfiles from cleaning up there: it passes over what is locked so (tmpfiles.d(5))."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _secret(name: str, kind: str, value: object) -> str:
    return json.dumps({"resources": [{"@type": _TYPE, "name": name, kind: value}]})


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
