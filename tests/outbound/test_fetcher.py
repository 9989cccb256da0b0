"""What the server asks of others, and what it puts up with: servers on loopback that do as they like."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import certificates
import pytest
from odd_server import OK, Behaviour, dripping, endless, interim, saying, serving, silent
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.outbound.answer import MOST_BYTES, NotFetched
from orgplane_server.outbound.fetcher import Fetcher


def here(host: str, port: int) -> Sequence[str]:
    """Every name is this machine's."""
    return ["127.0.0.1"]


def fetcher(
    port: int,
    look_up: Callable[[str, int], Sequence[str]] = here,
    seconds: float = 5.0,
    authorities: Path | None = None,
) -> Fetcher:
    """May go to idp.test, wherever that is."""
    allowed = AllowedHosts.parse(f"idp.test:{port}")
    return Fetcher(allowed, look_up=look_up, seconds=seconds, authorities=authorities)


async def refused(fetcher: Fetcher, url: str) -> str:
    with contextlib.closing(fetcher), pytest.raises(NotFetched) as caught:
        await fetcher.fetch(url)
    return str(caught.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificate:
    return certificates.make(tmp_path_factory.mktemp("ca"), "authority", authority=True)


async def test_a_request_names_the_host_and_asks_for_what_is_not_compressed() -> None:
    heard: list[bytes] = []
    async with serving(saying(OK, heard)) as port:
        with contextlib.closing(fetcher(port)) as fetching:
            answer = await fetching.fetch(f"http://idp.test:{port}/a?b=c")
    assert (answer.status, answer.json()) == (200, {})
    head = heard[0].decode().lower()
    assert head.startswith("get /a?b=c http/1.1\r\n")
    assert f"host: idp.test:{port}\r\n" in head
    assert "accept-encoding: identity\r\n" in head
    assert "\r\ncookie:" not in head


async def test_a_certificate_is_of_a_trusted_authority_and_of_the_host(
    authority: certificates.Certificate, tmp_path: Path
) -> None:
    right = certificates.make(tmp_path, "right", authority, hosts=("idp.test",))
    other = certificates.make(tmp_path, "other", authority, hosts=("evil.test",))
    async with serving(saying(OK), right) as port:
        url = f"https://idp.test:{port}/"
        with contextlib.closing(fetcher(port, authorities=authority.pem)) as fetching:
            assert (await fetching.fetch(url)).status == 200
        assert "--outbound-ca" in await refused(fetcher(port), url)
    async with serving(saying(OK), other) as port:
        url = f"https://idp.test:{port}/"
        told = await refused(fetcher(port, authorities=authority.pem), url)
    assert "has a certificate that is not trusted (Hostname mismatch" in told


async def test_redirects_are_answers() -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n"
    async with serving(saying(moved)) as port:
        with contextlib.closing(fetcher(port)) as fetching:
            answer = await fetching.fetch(f"http://idp.test:{port}/")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1/")


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (saying(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b"), "compressed"),
        (endless, f"more than {MOST_BYTES} bytes"),
        (silent, "no whole answer within 0.5 seconds"),
        (dripping, "no whole answer within 0.5 seconds"),
        (saying(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 3_000_000), "does not answer in HTTP"),
        (interim, "gives too much for an answer"),
        (saying(b"220 mail.test ESMTP\r\n"), "does not answer in HTTP"),
        (saying(b""), "does not answer in HTTP"),
    ],
    ids=[
        "gzip",
        "endless",
        "silent",
        "dripping",
        "long head",
        "interim answers",
        "no HTTP",
        "nothing",
    ],
)
async def test_what_is_not_put_up_with(behave: Behaviour, why: str) -> None:
    async with serving(behave) as port:
        seconds = 0.5 if "seconds" in why else 5.0
        told = await refused(fetcher(port, seconds=seconds), f"http://idp.test:{port}/")
    assert why in told


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"])
async def test_no_private_address_is_asked(host: str) -> None:
    told = await refused(Fetcher(), f"https://{host}/")
    assert "is not public" in told
    assert "--sso-allowed-hosts" in told


async def test_one_private_address_among_public_ones_refuses_all() -> None:
    nowhere = Fetcher(look_up=lambda host, port: ["9.9.9.9", "10.0.0.1"])
    told = await refused(nowhere, "https://evil.test/")
    assert told.startswith("has the address 10.0.0.1, which is not public")
    assert told.endswith("--sso-allowed-hosts evil.test:443")


async def test_a_host_is_looked_up_once_and_its_next_address_tried_if_one_is_dead() -> None:
    asked = []

    def look_up(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"] if len(asked) == 1 else ["127.0.0.3"]

    async with serving(saying(OK)) as port:
        with contextlib.closing(fetcher(port, look_up)) as fetching:
            assert (await fetching.fetch(f"http://idp.test:{port}/")).status == 200
    assert asked == ["idp.test"]


async def test_nobody_is_there() -> None:
    def look_up(host: str, port: int) -> Sequence[str]:
        raise OSError

    assert "is not found" in await refused(fetcher(1, look_up), "http://idp.test:1/")
    assert "does not take the connection" in await refused(fetcher(1), "http://idp.test:1/")
    assert "--sso-allowed-hosts idp.test:2" in await refused(fetcher(1), "http://idp.test:2/")


async def test_look_ups_that_hang_keep_no_thread_from_others() -> None:
    ended = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        ended.wait()
        return []

    with contextlib.closing(fetcher(1, hang, seconds=0.05)) as hanging:
        asked = [hanging.fetch("http://idp.test:1/") for _ in range(20)]
        try:
            done = await asyncio.gather(*asked, return_exceptions=True)
            await asyncio.wait_for(asyncio.to_thread(lambda: None), 5)
        finally:
            ended.set()
    assert all(isinstance(each, NotFetched) for each in done)


async def test_look_ups_that_hang_leave_room_for_others() -> None:
    ended = threading.Event()

    def look_up(host: str, port: int) -> Sequence[str]:
        if host == "slow.test":
            ended.wait()
        return ["9.9.9.9", "10.0.0.1"]

    fetching = Fetcher(look_up=look_up, seconds=2)
    with contextlib.closing(fetching):
        asked = [asyncio.create_task(fetching.fetch("https://slow.test/")) for _ in range(8)]
        try:
            assert "not public" in await refused(fetching, "https://idp.test/")
        finally:
            ended.set()
            await asyncio.gather(*asked, return_exceptions=True)


async def test_a_proxy_of_the_operators_looks_hosts_up_and_no_other_is_used(
    authority: certificates.Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    certificate = certificates.make(tmp_path, "idp", authority, hosts=("idp.test",))
    heard: list[bytes] = []

    async def tunnel(
        head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        heard.append(head)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while some := await source.read(65536):
                    target.write(some)
                target.close()

        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.transport.abort()
            await asyncio.sleep(0)

    def look_up(host: str, port: int) -> Sequence[str]:
        raise AssertionError

    async with serving(saying(OK), certificate) as port, serving(tunnel) as proxy:
        with contextlib.closing(fetcher(port, authorities=authority.pem)) as fetching:
            assert (await fetching.fetch(f"https://idp.test:{port}/")).status == 200
        assert not heard
        through = Fetcher(
            authorities=authority.pem, proxy=f"http://us%40:p%3A@127.0.0.1:{proxy}", look_up=look_up
        )
        with contextlib.closing(through):
            assert (await through.fetch(f"https://idp.test:{port}/")).status == 200
            with pytest.raises(NotFetched, match="is not public"):
                await through.fetch("https://10.0.0.1/")
    (asked,) = heard
    assert asked.startswith(f"CONNECT idp.test:{port} HTTP/1.1\r\n".encode())
    assert b"Basic dXNAOnA6\r\n" in asked
