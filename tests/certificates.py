"""Certificates as they are, and as they should not be."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: What an authority's key is for.
SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files too."""

    pem: Path
    key: Path
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey


def make(
    folder: Path,
    name: str,
    issuer: Certificate | None = None,
    *,
    authority: bool = False,
    hosts: tuple[str, ...] = ("localhost",),
    years: tuple[int, int] = (2020, 2120),
) -> Certificate:
    """For `localhost` and 127.0.0.1 unless `hosts` says otherwise; without an issuer signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
    if hosts == ("localhost",):
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    unsigned = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(years[0], 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(years[1], 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if authority:
        # Python 3.13 and newer take none without (RFC 5280, 4.2.1.3)
        unsigned = unsigned.add_extension(SIGNS, critical=True)
    if issuer:
        by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.private_key.public_key())
        unsigned = unsigned.add_extension(by, critical=False)
    certificate = unsigned.sign(issuer.private_key if issuer else key, hashes.SHA256())
    pem, private = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Certificate(pem, private, certificate, key)
