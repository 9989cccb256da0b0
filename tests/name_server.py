"""A real name server (NSD) on a loopback port, whose zones a test edits."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import pytest
import toolchains
from orgplane_server.dns.resolver import Resolver
from processes import eventually

#: What there is to ask for. The file of the last one is missing, so that it answers SERVFAIL; all else is REFUSED.
ZONES = ("acme.com", "globex.com", "elsewhere.net", "xn--strae-oqa.de")
BROKEN = "broken.com"
#: Where Debian has it.
_PATH = f"{os.environ['PATH']}:/usr/sbin"


class NameServer:
    """Answers for `ZONES` over UDP and TCP; authoritative, so it looks up nothing elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._serial = 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        zones = "".join(
            f'zone:\n  name: "{zone}"\n  zonefile: "{zone}.zone"\n' for zone in (*ZONES, BROKEN)
        )
        (folder / "nsd.conf").write_text(
            f"""server:
  ip-address: 127.0.0.1@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  database: ""
  logfile: "{folder}/nsd.log"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{zones}"""
        )
        self._write({})
        self._process = subprocess.Popen(
            [str(shutil.which("nsd", path=_PATH)), "-c", folder / "nsd.conf", "-d"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._current)

    @property
    def resolver(self) -> Resolver:
        return Resolver("127.0.0.1", self.port)

    def publish(self, *records: str, **zones: Sequence[str]) -> None:
        """From now on `acme.com` has these records, the others those of `zones` (`globex_com=`), and none besides.

        Such as `_orgplane-challenge TXT "..."`.
        """
        others = {name.replace("_", "."): each for name, each in zones.items()}
        self._write({"acme.com": records, **others})
        self._process.send_signal(signal.SIGHUP)
        eventually(self._current)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _write(self, zones: Mapping[str, Sequence[str]]) -> None:
        self._serial += 1
        for zone in ZONES:
            lines = [
                "$TTL 0",
                f"@ SOA ns.{zone}. root.{zone}. {self._serial} 1 1 1 0",
                f"@ NS ns.{zone}.",
                "ns A 127.0.0.1",
                *zones.get(zone, ()),
            ]
            (self._folder / f"{zone}.zone").write_text("\n".join(lines) + "\n")

    def _current(self) -> bool:
        """Whether every zone is served as it was last written."""
        try:
            return all(self._serial_of(zone) == self._serial for zone in ZONES)
        except (OSError, dns.exception.DNSException):
            return False

    def _serial_of(self, zone: str) -> int:
        query = dns.message.make_query(zone, "SOA")
        answer = dns.query.udp(query, "127.0.0.1", port=self.port, timeout=1)
        return int(answer.answer[0][0].serial)


@pytest.fixture(scope="session")
def name_server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NameServer]:
    if shutil.which("nsd", path=_PATH) is None:
        toolchains.missing("nsd is not installed")
    server = NameServer(tmp_path_factory.mktemp("nsd"))
    yield server
    server.stop()


@pytest.fixture
def name_server(name_server_process: NameServer) -> NameServer:
    """With empty zones."""
    name_server_process.publish()
    return name_server_process


@contextmanager
def silent() -> Iterator[Resolver]:
    """A server that takes questions and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield Resolver("127.0.0.1", deaf.getsockname()[1])


def challenge(token: str) -> str:
    """The record of a zone file that proves its domain."""
    return f'_orgplane-challenge TXT "{token}"'
