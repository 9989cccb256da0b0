"""A real Orgplane server for the tests of programs that call one.

It is the server itself in a process of its own on 127.0.0.1, with a SQLite database in a temporary folder: what it
answers is what production answers. Needs `pip install 'orgplane[testing]'`, which brings the server along.

With pytest, in the root `conftest.py`:

    pytest_plugins = ["orgplane.testing"]

and in a test:

    def test_disabling(orgplane_server):
        client = orgplane_server.client
        ...

Without pytest, `with orgplane.testing.Server() as server:` is the same.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .errors import OrgplaneError

if TYPE_CHECKING:
    from ._async.client import AsyncClient
    from ._sync.client import Client

__all__ = ["Organization", "Server", "ServerError", "orgplane_organization", "orgplane_server"]

_READY = "orgplane-server ready on "


class ServerError(OrgplaneError):
    """The server is not installed, or did not start; the text says why."""


@dataclass(frozen=True)
class Organization:
    """An organization of a test server: its ids, and a token of its administrator.

    `client` is closed with the server.
    """

    url: str
    organization_id: str
    user_id: str
    token: str = field(repr=False)

    @cached_property
    def client(self) -> Client:
        """A client as the organization's administrator."""
        from ._sync.client import Client

        return Client(url=self.url, token=self.token)

    def async_client(self, **options: Any) -> AsyncClient:
        """A new AsyncClient, to be closed by the caller: it belongs to the event loop that uses it."""
        from ._async.client import AsyncClient

        return AsyncClient(url=self.url, token=self.token, **options)


class Server:
    """A server that runs as long as the context, with one organization in it to begin with.

    `url`, `organization_id`, `user_id`, `token` and `client` are those of that organization. Its members may create others.
    Raises ServerError if it cannot start.
    """

    def __init__(self) -> None:
        if importlib.util.find_spec("orgplane_server") is None:
            raise ServerError(
                "orgplane-server is not installed in this environment; "
                "install it with: pip install 'orgplane[testing]'"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="orgplane-testing-")
        self._database = f"sqlite:///{self._folder.name}/orgplane.db"
        self._log = Path(self._folder.name) / "server.log"
        self._organizations: list[Organization] = []
        self._process: subprocess.Popen[str] | None = None
        try:
            self.url = self._start()
            self._first = self.create_organization()
        except BaseException:
            self.close()
            raise

    @property
    def organization_id(self) -> str:
        """The first organization's id."""
        return self._first.organization_id

    @property
    def user_id(self) -> str:
        """The id of the first organization's administrator."""
        return self._first.user_id

    @property
    def token(self) -> str:
        """A token of the first organization's administrator."""
        return self._first.token

    @property
    def client(self) -> Client:
        """A client as the first organization's administrator."""
        return self._first.client

    def async_client(self, **options: Any) -> AsyncClient:
        """A new AsyncClient as the first organization's administrator; the caller closes it."""
        return self._first.async_client(**options)

    def create_organization(
        self, name: str = "Acme", admin_email: str = "admin@acme.example"
    ) -> Organization:
        """Another organization, which knows nothing of the others."""
        facts = json.loads(
            self._run(
                *("create-organization", "--json", "--name", name),
                *("--admin-email", admin_email),
            )
        )
        organization = Organization(
            url=self.url,
            organization_id=facts["organizationId"],
            user_id=facts["userId"],
            token=facts["token"],
        )
        self._organizations.append(organization)
        return organization

    def verify_domain(self, domain: str, organization_id: str = "") -> None:
        """Vouches for a domain of an organization (the first one), as an operator can: any name, and again for others."""
        self._run(
            *("verify-domain", "--private", "--shared-domains", "--domain", domain),
            *("--organization", organization_id or self.organization_id),
        )

    def _run(self, *arguments: str) -> str:
        """What an operator's command over the server's database prints. Raises ServerError if it fails."""
        done = subprocess.run(
            self._command(*arguments, "--database-url", self._database),
            env=_environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise ServerError(done.stderr.strip())
        return done.stdout

    @property
    def log(self) -> str:
        """What the server has logged so far; a call's line, with its request id, comes just after the answer."""
        return self._log.read_text()

    def close(self) -> None:
        """Ends the server and removes what it kept. Doing it twice is fine."""
        for organization in self._organizations:
            if "client" in organization.__dict__:
                organization.client.close()
        self._organizations.clear()
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._folder.cleanup()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'url', 'not started')}>"

    def _start(self) -> str:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command(
                    *("serve", "--listen", "127.0.0.1:0", "--database-url", self._database),
                    "--allow-organization-creation",
                ),
                env=_environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.startswith(_READY):
            raise ServerError(f"orgplane-server did not start: {self.log.strip() or line}")
        return line.removeprefix(_READY)

    @staticmethod
    def _command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "orgplane_server", *arguments]


def _environment() -> dict[str, str]:
    """Ours, without settings that are meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ORGPLANE_")}


try:
    import pytest
except ImportError:  # the server is of use without it
    pass
else:

    @pytest.fixture(scope="session")
    def orgplane_server() -> Iterator[Server]:
        """A real server for the whole test session, with one organization in it."""
        with Server() as server:
            yield server

    @pytest.fixture
    def orgplane_organization(orgplane_server: Server) -> Organization:
        """An organization of the test's own: nothing that another test did is in it."""
        return orgplane_server.create_organization()
