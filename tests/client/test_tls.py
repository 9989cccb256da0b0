"""Certificates, the server's and the client's own: what is used, and what is said of those that do not do."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import certificates
import orgplane
import pytest
from certificates import Certificate
from either_client import settled
from fake_gateway import Gateway


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def ca(folder: Path) -> Certificate:
    return certificates.make(folder, "ca", authority=True)


@pytest.fixture(scope="module")
def leaf(folder: Path, ca: Certificate) -> Certificate:
    return certificates.make(folder, "leaf", ca)


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return orgplane.Client if request.param == "sync" else orgplane.AsyncClient


@contextmanager
def serving(
    certificate: Certificate, client_ca: Path | None = None, *, newest: bool = True
) -> Iterator[str]:
    """A port that shakes hands with TLS, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.pem, certificate.key)
    if not newest:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with (
                        connection,
                        suppress(OSError),
                        context.wrap_socket(connection, server_side=True) as secure,
                    ):
                        secure.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


async def refused(kind: Any, url: str, **options: Any) -> orgplane.APIConnectionError:
    client = kind(url=url, token="x", **options)
    with pytest.raises(orgplane.APIConnectionError) as caught:
        await settled(client.identity.get_authenticated_identity())
    await settled(client.close())
    return caught.value


@pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
async def test_a_server_that_nobody_known_vouches_for(
    kind: Any, protocol: str, leaf: Certificate, folder: Path
) -> None:
    other = certificates.make(folder, "other-ca", authority=True)
    with serving(leaf) as url:
        told = [
            await refused(kind, url, protocol=protocol),
            await refused(kind, url, protocol=protocol, ca=other.pem),
        ]
    for error, trusted in zip(told, ("the public ones", "those given as ca"), strict=True):
        assert isinstance(error, orgplane.CertificateError)
        assert error.whose == "server"
        assert f"none of the trusted authorities, which are {trusted}" in str(error)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"years": (2020, 2021)}, "it expired at 2021-01-01 00:00:00Z"),
        ({"years": (2110, 2120)}, "it is not valid before 2110-01-01 00:00:00Z"),
        (
            {"hosts": ("a.example", "b.example")},
            "it is not for localhost, only for a.example, b.example",
        ),
    ],
)
async def test_a_servers_certificate_that_does_not_do(
    kind: Any, folder: Path, ca: Certificate, options: dict[str, Any], complaint: str
) -> None:
    with serving(certificates.make(folder, "wrong", ca, **options)) as url:
        error = await refused(kind, url, ca=ca.pem)
    assert isinstance(error, orgplane.CertificateError)
    assert complaint in str(error)


async def test_an_authoritys_own_certificate_is_named_as_such(kind: Any, ca: Certificate) -> None:
    with serving(ca) as url:
        error = await refused(kind, url, ca=ca.pem)
    assert isinstance(error, orgplane.CertificateError)
    assert "a certificate authority's own" in str(error)


async def test_the_systems_authorities_are_trusted_without_a_ca(
    kind: Any, ca: Certificate, leaf: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.pem))
    with serving(leaf) as url:
        error = await refused(kind, url, max_retries=0)
    assert isinstance(error, orgplane.AnswerLostError)


@pytest.mark.parametrize("newest", [True, False])
async def test_a_server_that_asks_for_a_client_certificate(
    kind: Any, folder: Path, ca: Certificate, leaf: Certificate, newest: bool
) -> None:
    own = certificates.make(folder, "own", ca)
    stranger = certificates.make(folder, "stranger")
    with serving(leaf, ca.pem, newest=newest) as url:
        none = await refused(kind, url, ca=ca.pem)
        tls = orgplane.TLS(ca=ca.pem, cert=stranger.pem, key=stranger.key)
        wrong = await refused(kind, url, tls=tls)
        tls = orgplane.TLS(ca=str(ca.pem), cert=own.pem.read_bytes() + own.key.read_bytes())
        right = await refused(kind, url, tls=tls, max_retries=0)
    assert isinstance(none, orgplane.CertificateError)
    assert none.whose == "client"
    assert "asks for a client certificate, and none was given" in str(none)
    assert isinstance(wrong, orgplane.CertificateError)
    assert wrong.whose == "client"
    assert f"(tls.cert: {stranger.pem}): its issuer is not trusted there" in str(wrong)
    assert isinstance(right, orgplane.AnswerLostError)


async def test_a_server_without_tls_is_named_as_such(kind: Any) -> None:
    with Gateway(400) as plain:
        error = await refused(kind, f"https://{plain.address}", max_retries=0)
    assert type(error) is orgplane.NotReachedError
    assert "is it http:// instead of https://?" in str(error)


def test_what_cannot_be_used_is_refused_with_name_and_file(
    kind: Any, folder: Path, ca: Certificate, leaf: Certificate
) -> None:
    locked = folder / "locked.key"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----")
    for tls, complaint in (
        ({"ca": "/nowhere"}, "tls.ca: cannot read /nowhere: No such file"),
        ({"ca": leaf.key}, f"tls.ca: {leaf.key} holds no certificate in PEM"),
        ({"cert": "/nowhere"}, "tls.cert: cannot read /nowhere: No such file"),
        ({"cert": leaf.pem, "key": "/nowhere"}, "tls.key: cannot read /nowhere: No such file"),
        ({"cert": leaf.key, "key": leaf.key}, f"tls.cert: {leaf.key} holds no certificate in PEM"),
        ({"cert": leaf.pem}, f"tls.cert: {leaf.pem} holds no private key; give it as tls.key"),
        ({"key": leaf.key}, "tls.key: goes with tls.cert, which is missing"),
        ({"cert": leaf.pem, "key": leaf.pem}, f"tls.key: {leaf.pem} holds no private key in PEM"),
        ({"cert": leaf.pem, "key": "\0"}, "tls.key: is neither PEM nor the name of a file"),
        ({"cert": leaf.pem, "key": locked}, f"tls.key: {locked} holds a private key under a"),
        (
            {"cert": leaf.pem, "key": ca.key},
            f"tls.key: {ca.key} is not the key of the certificate in tls.cert: {leaf.pem}",
        ),
    ):
        with pytest.raises(orgplane.ConfigurationError, match=f"^{re.escape(complaint)}"):
            kind(url="https://localhost:1", token="x", tls=orgplane.TLS(**tls))  # type: ignore[arg-type]
    with pytest.raises(orgplane.ConfigurationError, match=r"^ca: goes into tls"):
        kind(url="https://localhost:1", token="x", ca=ca.pem, tls=orgplane.TLS(ca=ca.pem))


async def test_pem_may_be_text_with_the_line_ends_of_any_system(
    kind: Any, ca: Certificate, leaf: Certificate
) -> None:
    texts = {
        name: file.read_text().replace("\n", "\r\n")
        for name, file in (("ca", ca.pem), ("cert", leaf.pem), ("key", leaf.key))
    }
    with serving(leaf, ca.pem) as url:
        error = await refused(kind, url, tls=orgplane.TLS(**texts), max_retries=0)
    assert isinstance(error, orgplane.AnswerLostError)
    with pytest.raises(orgplane.ConfigurationError) as caught:
        kind(url=url, token="x", tls=orgplane.TLS(cert=texts["cert"], key=texts["ca"]))
    assert str(caught.value) == "tls.key: holds no private key in PEM"


def test_printing_it_shows_no_key(kind: Any, leaf: Certificate) -> None:
    tls = orgplane.TLS(cert=leaf.pem.read_bytes(), key=leaf.key.read_bytes())
    client = kind(url="https://localhost:1", token="x", tls=tls)
    assert "PRIVATE" not in repr(tls) + repr(client._connection.options)
