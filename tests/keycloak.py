"""Keycloak on a loopback port, with the same clients as in `openid_provider`. Takes up to two minutes to start."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import toolchains
from openid_provider import CALLBACK, CLIENT_ID, CLIENT_SECRET, ELSEWHERE, OpenIDProvider

_DISTRIBUTION = "org.keycloak:keycloak-quarkus-dist:26.7.3:tar.gz"
_UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"
_LISTENING = "Listening on: "
_REALM = "acme"


def _client(id: str, redirect_uri: str) -> dict[str, object]:
    """As docs/sso.md has it, but for the `*`."""
    return {
        "clientId": id,
        "secret": CLIENT_SECRET,
        "publicClient": False,
        "standardFlowEnabled": True,
        "redirectUris": [f"{redirect_uri}*"],
        "attributes": {"pkce.code.challenge.method": "S256"},
    }


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIDProvider]:
    """One process for all tests, which are `long` and of one file: it is heavy, and each worker of a run has its own."""
    toolchains.need("java", "mvn")
    folder: Path = tmp_path_factory.mktemp("keycloak")
    toolchains.fetch(
        *("mvn", "-q", "-B", _UNPACK, f"-Dartifact={_DISTRIBUTION}"),
        f"-DoutputDirectory={folder}",
        cwd=folder,
    )
    (home,) = folder.glob("keycloak-*")
    realms = home / "data/import"
    realms.mkdir(parents=True)
    realm = {
        "realm": _REALM,
        "enabled": True,
        "clients": [_client(CLIENT_ID, CALLBACK), _client(*ELSEWHERE)],
    }
    (realms / "acme.json").write_text(json.dumps(realm))
    with subprocess.Popen(
        [
            *("sh", home / "bin/kc.sh", "start-dev", "--import-realm"),
            *("--http-host", "127.0.0.1", "--http-port", "0"),
        ],
        env=toolchains.ENVIRONMENT | {"JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx700m"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # the script starts another process, and does not end it
    ) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if _LISTENING in line:
                    break
            else:
                pytest.fail("Keycloak does not start:\n" + "".join(said))
            url = line.rpartition(_LISTENING)[2].strip()
            # What it says later is read, or it would wait for that.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            issuer = f"{url}/realms/{_REALM}"
            _wake(issuer, folder)
            yield OpenIDProvider(issuer, tells_time=False)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    shutil.rmtree(home)  # 300 MB


def _wake(issuer: str, folder: Path) -> None:
    """Asks for everything once: on a busy machine the first answer of each kind takes longer than providers are given."""
    endpoints = f"{issuer}/protocol/openid-connect"
    begin = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": CALLBACK}
    login = f"{endpoints}/auth?{urlencode({**begin, 'scope': 'openid', 'prompt': 'none'})}"
    refused = ("-d", "grant_type=authorization_code&code=none", "-u", f"{CLIENT_ID}:none")
    for asked in (
        (f"{issuer}/.well-known/openid-configuration",),
        (f"{endpoints}/certs",),
        (login,),
        (*refused, f"{endpoints}/token"),
    ):
        toolchains.run("curl", "-sS", "-o", os.devnull, *asked, cwd=folder)
