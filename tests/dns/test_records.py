"""What DNS says: a fault is never taken for the absence of a record."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import toolchains
from name_server import NameServer, silent
from orgplane_server.dns.records import TextRecords
from orgplane_server.dns.resolver import Resolver
from orgplane_server.dns.texts import NoAnswer
from processes import eventually

NAME = "_orgplane-challenge.acme.com"


@pytest.fixture
def records(name_server: NameServer) -> TextRecords:
    return TextRecords([name_server.resolver])


async def test_character_strings_of_a_record_are_joined(
    name_server: NameServer, records: TextRecords
) -> None:
    name_server.publish('_orgplane-challenge TXT "orgplane-" "domain" "=1"')
    assert (await records.of(NAME)).values == ("orgplane-domain=1",)


async def test_all_records_of_a_name_are_told(
    name_server: NameServer, records: TextRecords
) -> None:
    name_server.publish(*(f'_orgplane-challenge TXT "value {n}"' for n in range(5)))
    found = await records.of(NAME)
    assert sorted(found.values) == [f"value {n}" for n in range(5)]
    assert found.seen.startswith("5 TXT records: 'value ")
    assert found.seen.endswith(" and 2 more")


async def test_a_long_answer_comes_by_tcp(name_server: NameServer, records: TextRecords) -> None:
    name_server.publish(*(f'_orgplane-challenge TXT "{n:0200}"' for n in range(60)))
    assert len((await records.of(NAME)).values) == 60


async def test_what_is_no_text_is_told_and_cut(
    name_server: NameServer, records: TextRecords
) -> None:
    name_server.publish(r'_orgplane-challenge TXT "\000\255' + "a" * 200 + '"')
    seen = (await records.of(NAME)).seen
    assert seen.isprintable()
    assert len(seen) < 200


async def test_an_alias_within_a_server_is_followed(
    name_server: NameServer, records: TextRecords
) -> None:
    name_server.publish("_orgplane-challenge CNAME elsewhere", 'elsewhere TXT "here"')
    assert (await records.of(NAME)).values == ("here",)


@pytest.mark.parametrize(
    ("published", "seen"),
    [
        ([], "no such name in DNS"),
        (["_orgplane-challenge A 192.0.2.1"], "no TXT record"),
        (["below._orgplane-challenge A 192.0.2.1"], "no TXT record"),
    ],
)
async def test_absence_is_said_by_the_server(
    name_server: NameServer, records: TextRecords, published: list[str], seen: str
) -> None:
    name_server.publish(*published)
    found = await records.of(NAME)
    assert (found.values, found.seen) == ((), seen)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("_orgplane-challenge.broken.com", []),  # SERVFAIL
        ("_orgplane-challenge.nobody-knows.com", []),  # REFUSED
        (NAME, ["_orgplane-challenge CNAME other.nobody-knows.com."]),  # leads out of the server
        (
            NAME,
            ["_orgplane-challenge CNAME a0", *(f"a{n} CNAME a{n + 1}" for n in range(20))],
        ),
    ],
    ids=["SERVFAIL", "REFUSED", "an alias out of the server", "a long chain of aliases"],
)
async def test_a_fault_says_nothing(
    name_server: NameServer, records: TextRecords, name: str, published: list[str]
) -> None:
    name_server.publish(*published)
    with pytest.raises(NoAnswer):
        await records.of(name)


async def test_a_silent_server_is_not_waited_for_long() -> None:
    with silent() as deaf, pytest.raises(NoAnswer, match=r"no answer within 0\.5 seconds"):
        await TextRecords([deaf], seconds=0.5).of(NAME)


async def test_another_server_is_asked_when_one_is_silent(name_server: NameServer) -> None:
    name_server.publish('_orgplane-challenge TXT "there"')
    with silent() as deaf:
        records = TextRecords([deaf, name_server.resolver], seconds=30)
        assert (await records.of(NAME)).values == ("there",)


@pytest.mark.parametrize(
    ("text", "resolver"),
    [
        ("192.0.2.1", Resolver("192.0.2.1")),
        ("192.0.2.1:5353", Resolver("192.0.2.1", 5353)),
        ("2001:db8::1", Resolver("2001:db8::1")),
        ("[2001:db8::1]", Resolver("2001:db8::1")),
        ("[2001:DB8::1]:5353", Resolver("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_and_a_port(text: str, resolver: Resolver) -> None:
    assert Resolver.parse(text) == resolver


@pytest.mark.parametrize(
    "text", ["", "dns.acme.com", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:70000", "[::1"]
)
def test_what_is_no_resolver_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"192\.0\.2\.1"):
        Resolver.parse(text)


@pytest.fixture
def unbound(name_server: NameServer, tmp_path: Path) -> Iterator[Resolver]:
    """A caching resolver that asks the name server."""
    program = shutil.which("unbound", path="/usr/sbin:/usr/bin")
    if program is None:
        toolchains.missing("unbound is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    stubs = "".join(
        f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{name_server.port}\n'
        for zone in ("acme.com", "elsewhere.net")
    )
    (tmp_path / "unbound.conf").write_text(
        f"""server:
  interface: 127.0.0.1@{port}
  username: ""
  chroot: ""
  directory: "{tmp_path}"
  pidfile: "{tmp_path}/unbound.pid"
  do-not-query-localhost: no
  module-config: "iterator"
  num-threads: 1
  use-syslog: no
remote-control:
  control-enable: no
{stubs}"""
    )
    process = subprocess.Popen(
        [str(program), "-c", tmp_path / "unbound.conf", "-d"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def listens() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0

    eventually(listens)
    yield Resolver("127.0.0.1", port)
    process.terminate()
    process.wait(timeout=30)


@pytest.mark.long
async def test_a_caching_resolver_follows_an_alias_into_another_zone(
    name_server: NameServer, unbound: Resolver
) -> None:
    records = TextRecords([unbound])
    name_server.publish("_orgplane-challenge CNAME acme.elsewhere.net.")
    assert (await records.of(NAME)).absence == "no such name in DNS"
    name_server.publish(
        "_orgplane-challenge CNAME there.elsewhere.net.", elsewhere_net=['there TXT "here"']
    )
    # what may be kept for no second is kept until the end of this one
    second = int(time.time())
    eventually(lambda: time.time() >= second + 1)
    assert (await records.of(NAME)).values == ("here",)
