"""Keycloak on a loopback port, with the same clients as in `openid_provider`. Takes up to two minutes to start."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
import toolchains
from installation import Page, Plain
from openid_provider import CALLBACK, CLIENT_ID, CLIENT_SECRET, ELSEWHERE, OpenIDProvider

_DISTRIBUTION = "org.keycloak:keycloak-quarkus-dist:26.7.3:tar.gz"
_UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"
_LISTENING = "Listening on: "
_REALM = "acme"
#: Of Keycloak's administrator, and of every user that tests make.
_PASSWORD = "correct horse"


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
        env=toolchains.ENVIRONMENT
        | {
            "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx700m",
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": _PASSWORD,
        },
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


class Realm:
    """What an administrator of Keycloak does in its console, by the API that the console uses."""

    def __init__(self, issuer: str) -> None:
        self._url = issuer.replace("/realms/", "/admin/realms/")
        login = urlencode(
            {
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": "admin",
                "password": _PASSWORD,
            }
        )
        master = issuer.replace(f"/realms/{_REALM}", "/realms/master")
        with urllib.request.urlopen(
            f"{master}/protocol/openid-connect/token", login.encode()
        ) as answer:
            self._token = json.load(answer)["access_token"]

    def create_client(self, client_id: str, redirect_uri: str) -> tuple[str, str]:
        """As docs/sso.md has it. Keycloak's own id of it, and the secret that Keycloak made."""
        client = _client(client_id, redirect_uri) | {"redirectUris": [redirect_uri]}
        del client["secret"]
        id = self._create("/clients", client)
        return id, self._ask("GET", f"/clients/{id}/client-secret")["value"]

    def register(self, id: str, redirect_uri: str) -> None:
        """In place of any other."""
        client = self._ask("GET", f"/clients/{id}")
        self._ask("PUT", f"/clients/{id}", client | {"redirectUris": [redirect_uri]})

    def create_user(self, name: str) -> str:
        """Its id, which SCIM sends as externalId. The address is not verified, as of whoever is typed in."""
        user = {
            "username": name,
            "enabled": True,
            "email": f"{name}@acme.example",
            "firstName": name,
            "lastName": "Acme",
            "credentials": [{"type": "password", "value": _PASSWORD, "temporary": False}],
        }
        return self._create("/users", user)

    def _create(self, path: str, body: Any) -> str:
        with self._open("POST", path, body) as answer:
            return str(answer.headers["location"].rpartition("/")[2])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        with self._open(method, path, body) as answer:
            return json.loads(answer.read() or "null")

    def _open(self, method: str, path: str, body: Any) -> Any:
        return urllib.request.urlopen(
            urllib.request.Request(
                self._url + path,
                None if body is None else json.dumps(body).encode(),
                {"authorization": f"Bearer {self._token}", "content-type": "application/json"},
                method=method,
            )
        )


class Browser(Plain):
    """Follows redirects, and fills in Keycloak's form as the user of this name."""

    def __init__(self, issuer: str, name: str) -> None:
        super().__init__()
        # Browsers send cookies that are Secure to loopback addresses, too.
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        for handler in self._opener.handlers:
            if isinstance(handler, urllib.request.HTTPCookieProcessor):
                handler.cookiejar = CookieJar(policy)
        self._issuer = issuer
        self._name = name

    def open(self, url: str) -> Page:
        """The page at the end of the way."""
        page = self.ask(url)
        while True:
            if page.status in (302, 303):
                page = self.ask(urljoin(page.url, page.headers["location"]))
            elif urlsplit(page.url).netloc == urlsplit(self._issuer).netloc:
                form = re.search(r'<form id="kc-form-login"[^>]* action="([^"]+)"', page.text)
                assert form is not None, page.text
                typed = {"username": self._name, "password": _PASSWORD}
                page = self.ask(unescape(form[1]), typed)
                assert page.status == 302, page.text
            else:
                return page
