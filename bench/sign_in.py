"""What a sign-in costs the server, and what another caller notices of fifty a second.

    python bench/sign_in.py [--seconds 5] [--rate 50]

The provider is `tests/simple_provider.py`, in this process, which is on the same machine as the server and takes its
share of it: read the ratios. The server has a SQLite database; the other caller asks for its own identity, one call after the
other, alone and then beside the sign-ins.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.identifier import SsoBindingId
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.sign_in import SsoBinding
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.store.engine.database import Database
from orgplane_server.store.sign_in import sso_bindings
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Foundation
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from processes import children
from servers import serving
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

_IDENTITY = "/gitpod.v1.IdentityService/GetAuthenticatedIdentity"


async def _seed(url: str, issuer: str) -> tuple[str, str]:
    """The id of an SSO configuration through which `ada` signs in, and a token."""
    database = Database.open(url)
    founded = await Foundation(database, system_clock).create("Acme", "ada@acme.example")
    hosts, sealer = AllowedHosts(loopback=True), Sealer(bytes(32))
    sso = SsoConfigurations(database, system_clock, PageTokens(sealer), sealer, hosts)
    made = await sso.create(
        *(founded.caller, founded.organization.id),
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        issuer_url=issuer,
    )
    await sso.update(founded.caller, made.id, {"state": SsoConfigurationState.ACTIVE})
    bound = SsoBinding(
        *(SsoBindingId(new_id()), founded.organization.id, made.id),
        *(founded.administrator.id, "ada", system_clock()),
    )
    await database.write(lambda unit: unit.run(sso_bindings.inserting(bound)))
    await database.aclose()
    return str(made.id), founded.token.reveal()


def _sign_in(connection: http.client.HTTPConnection, id: str, provider: SimpleProvider) -> None:
    connection.request("GET", f"/login/sso/{id}")
    begun = connection.getresponse()
    begun.read()
    cookie = begun.headers["set-cookie"].split(";")[0]
    answer = provider.sign_in(begun.headers["location"], "ada", email="ada@acme.example")
    connection.request("GET", f"/sso/callback/{id}?{urlencode(answer)}", headers={"cookie": cookie})
    done = connection.getresponse()
    assert re.search(rb"orgplane_session_", done.read()), done.status


def _p99(netloc: str, token: str, seconds: float) -> float:
    """Of calls one after the other, in milliseconds."""
    connection = http.client.HTTPConnection(netloc)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        connection.request("POST", _IDENTITY, b"{}", headers)
        assert connection.getresponse().read()
        took.append(time.perf_counter() - begun)
    return sorted(took)[len(took) * 99 // 100] * 1000


def _processor(pid: int) -> float:
    """Seconds of a process and of those that it has started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(_processor, children(pid)))


def _measure(
    netloc: str,
    pid: int,
    id: str,
    token: str,
    provider: SimpleProvider,
    rate: float,
    seconds: float,
) -> dict[str, float]:
    over = threading.Event()
    counts = [0] * 8

    def keep_on(number: int) -> None:
        connection = http.client.HTTPConnection(netloc)
        turn = time.monotonic() + number / rate
        while not over.wait(max(0.0, turn - time.monotonic())):
            _sign_in(connection, id, provider)
            counts[number] += 1
            turn = max(turn + len(counts) / rate, time.monotonic())

    connection = http.client.HTTPConnection(netloc)
    for _ in range(20):
        _sign_in(connection, id, provider)
    alone = _p99(netloc, token, seconds)
    used = _processor(pid)
    for _ in range(100):
        _sign_in(connection, id, provider)
    used = _processor(pid) - used
    crowd = [threading.Thread(target=keep_on, args=(n,), daemon=True) for n in range(len(counts))]
    for each in crowd:
        each.start()
    time.sleep(1)
    before, begun = sum(counts), time.monotonic()
    beside = _p99(netloc, token, seconds)
    done = (sum(counts) - before) / (time.monotonic() - begun)
    over.set()
    for each in crowd:
        each.join()
    return {
        "a sign-in, ms of processor": used * 10,
        "another caller's p99 alone, ms": alone,
        "sign-ins a second": done,
        "another caller's p99 beside them, ms": beside,
        "times": beside / alone,
    }


async def _main(rate: float, seconds: float) -> None:
    async with simple_provider(time.time) as provider:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = f"sqlite:///{folder}/sign_in.db"
            (folder / "key").write_text(bytes(32).hex())
            (folder / "key").chmod(0o600)
            id, token = await _seed(url, provider.issuer)
            command = [
                *(sys.executable, "-m", "orgplane_server", "serve", "--listen", "127.0.0.1:0"),
                *("--log-format", "json", "--secret-key-file", str(folder / "key")),
                *("--public-url", "http://127.0.0.1:1", "--sso-allowed-hosts", "127.0.0.1"),
                *("--tokenless-calls-per-minute", "0"),
            ]

            def run() -> dict[str, float]:
                with serving(command, folder / "log", ORGPLANE_DATABASE_URL=url) as server:
                    netloc = urlsplit(server.url).netloc
                    return _measure(netloc, server.pid, id, token, provider, rate, seconds)

            found = await asyncio.to_thread(run)
            print(json.dumps({what: round(value, 2) for what, value in found.items()}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=float, default=50)
    given = parser.parse_args()
    asyncio.run(_main(given.rate, given.seconds))
