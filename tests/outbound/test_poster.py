"""What is posted to others again and again: guarded as all that the server asks of others, over connections that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import certificates
import pytest
from odd_server import OK, Behaviour, dripping, endless, interim, saying, serving, silent
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.outbound.answer import NotFetched
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.outbound.poster import Poster

HEADERS = {"webhook-id": "1"}
MOST = 16 * 1024


@asynccontextmanager
async def poster(
    port: int, seconds: float = 5.0, authorities: Path | None = None
) -> AsyncIterator[Poster]:
    """May post to hook.test, which is this machine."""
    fetcher = Fetcher(
        AllowedHosts.parse(f"hook.test:{port}", option="--webhook-allowed-hosts"),
        look_up=lambda host, port: ["127.0.0.1"],
        authorities=authorities,
    )
    posting = Poster(fetcher, seconds)
    try:
        yield posting
    finally:
        await posting.aclose()


async def answering(
    head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Goes on for as many requests as come; of each body the length is its answer."""
    while True:
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        writer.write(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")


async def test_requests_name_the_host_and_use_one_connection_one_after_the_other() -> None:
    connections = 0

    async def counted(
        head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal connections
        connections += 1
        assert head.startswith(b"POST /a?b=c HTTP/1.1\r\n")
        assert f"host: hook.test:{port}\r\n".encode() in head.lower()
        assert b"webhook-id: 1\r\n" in head
        await answering(head, reader, writer)

    async with serving(counted) as port, poster(port) as posting:
        url = f"http://hook.test:{port}/a?b=c"
        for body in (b"{}", b"[1, 2]", b""):
            answer = await posting.post("x", url, HEADERS, body)
            assert (answer.status, answer.body) == (200, body)
        assert connections == 1
        await posting.post("another", url, HEADERS, b"{}")
        assert connections == 2


async def test_a_connection_that_was_closed_meanwhile_costs_no_request() -> None:
    async with serving(saying(OK)) as port, poster(port) as posting:
        for _ in range(3):
            answer = await posting.post("x", f"http://hook.test:{port}/", HEADERS, b"{}")
            assert (answer.status, answer.body) == (200, b"{}")


async def test_a_certificate_is_of_a_trusted_authority_and_of_the_host(tmp_path: Path) -> None:
    authority = certificates.make(tmp_path, "authority", authority=True)
    right = certificates.make(tmp_path, "right", authority, hosts=("hook.test",))
    other = certificates.make(tmp_path, "other", authority, hosts=("evil.test",))
    async with serving(answering, right) as port:
        url = f"https://hook.test:{port}/"
        async with poster(port, authorities=authority.pem) as posting:
            assert (await posting.post("x", url, HEADERS, b"{}")).status == 200
        async with poster(port) as posting:
            with pytest.raises(NotFetched, match="--outbound-ca"):
                await posting.post("x", url, HEADERS, b"{}")
    async with serving(answering, other) as port, poster(port, authorities=authority.pem) as strict:
        with pytest.raises(NotFetched, match=r"not trusted \(Hostname mismatch"):
            await strict.post("x", f"https://hook.test:{port}/", HEADERS, b"{}")


async def test_of_a_long_answer_the_beginning_is_read_and_a_redirect_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n"
    async with serving(endless) as port, poster(port) as posting:
        answer = await posting.post("x", f"http://hook.test:{port}/", HEADERS, b"{}")
    assert (answer.status, len(answer.body)) == (200, MOST)
    async with serving(saying(moved)) as port, poster(port) as posting:
        answer = await posting.post("x", f"http://hook.test:{port}/", HEADERS, b"{}")
    assert answer.status == 302


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (silent, "no answer within 0.5 seconds"),
        (dripping, "no answer within 0.5 seconds"),
        (saying(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000), "does not answer in HTTP"),
        (interim, "gives too much for an answer"),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n"), "in HTTP"),
        (saying(b"220 mail.test ESMTP\r\n"), "does not answer in HTTP|ends the connection"),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), "does not answer in HTTP"),
        (saying(b""), "ends the connection without an answer"),
    ],
    ids=[
        "silent",
        "dripping",
        "long head",
        "interim answers",
        "length of digits",
        "no HTTP",
        "half",
        "nothing",
    ],
)
async def test_what_is_not_put_up_with(behave: Behaviour, why: str) -> None:
    seconds = 0.5 if "seconds" in why else 5.0
    async with serving(behave) as port, poster(port, seconds) as posting:
        with pytest.raises(NotFetched, match=why):
            await posting.post("x", f"http://hook.test:{port}/", HEADERS, b"{}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1/", "is not public.* --webhook-allowed-hosts 127.0.0.1:443"),
        ("https://[::ffff:10.0.0.1]/", "is not public"),
        ("https://evil.test/", "has the address 127.0.0.1, which is not public"),
        ("http://evil.test/", "must begin with https://"),
        ("https://me:secret@evil.test/", "no plain https:// URL"),
        ("ftp://evil.test/", "no plain https:// URL"),
    ],
)
async def test_where_nothing_is_posted(url: str, why: str) -> None:
    async with poster(1) as posting:
        with pytest.raises(NotFetched, match=why):
            await posting.post("x", url, HEADERS, b"{}")


async def test_nobody_is_there() -> None:
    async with poster(1) as posting:
        with pytest.raises(NotFetched, match="does not take the connection"):
            await posting.post("x", "http://hook.test:1/", HEADERS, b"{}")
