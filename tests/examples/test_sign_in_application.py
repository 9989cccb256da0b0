"""The example application, run as its README says: one integration, two customers with two providers."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import orgplane
import toolchains
from installation import Browser, customer, free_port, provider
from processes import PATIENCE, Lines, Server, create_organization, run, sqlite_url

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/sign-in"


def test_people_of_two_customers_sign_in_by_one_integration(tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    toolchains.run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    toolchains.fetch(
        python, "-m", "pip", "install", "-q", "-r", EXAMPLE / "requirements.txt", cwd=tmp_path
    )
    database = sqlite_url(tmp_path)
    acme, globex = create_organization(database), create_organization(database, "Globex")
    port, app_port = free_port(), free_port()
    public, app_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{app_port}"
    made = run(
        *("create-application", "--name", "Shop", "--return-to", f"{app_url}/callback"),
        *("--database-url", database),
    ).stdout
    registered = dict(line.split(": ") for line in made.splitlines())
    environment = {
        "ORGPLANE_URL": public,
        "ORGPLANE_APPLICATION_ID": registered["applicationId"],
        "ORGPLANE_APPLICATION_SECRET": registered["secret"],
        "APP_URL": app_url,
    }
    with contextlib.ExitStack() as stack:
        providers = [stack.enter_context(provider()) for _ in range(2)]
        hosts = ",".join(each.issuer.removeprefix("http://") for each in providers)
        server = stack.enter_context(
            Server(
                *("--database-url", database, "--listen", f"127.0.0.1:{port}"),
                *("--public-url", public, "--sso-allowed-hosts", hosts),
            )
        )
        people = [
            customer(server, organization, its)[1]
            for organization, its in zip((acme, globex), providers, strict=True)
        ]
        app = stack.enter_context(
            subprocess.Popen(
                [python, "-m", "uvicorn", "app:app", "--port", str(app_port)],
                cwd=EXAMPLE,
                env={**os.environ, **environment},
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        assert app.stderr is not None
        said = Lines(app.stderr)
        stack.callback(said.rest)
        stack.callback(app.terminate)
        while "running on" not in (said.next() or ""):
            pass
        for organization, its, name in zip(
            (acme, globex), providers, ("Acme", "Globex"), strict=True
        ):
            browser = Browser(its, "bea-1")
            login = f"{app_url}/login?organization={organization.organization_id}"
            page = browser.open(login)
            assert (page.status, page.text) == (200, f"Bea of {name}, member, no group")
            assert browser.open(app_url).status == 200
            stranger = Browser(its, "nobody").open(login)
            assert (stranger.status, "You are not signed in" in stranger.text) == (403, True)
        with orgplane.Client(url=server.url, token=globex.token) as client:
            client.users.set_suspended(user_id=people[1], suspended=True)
        assert "Your sign-in has ended" in browser.open(app_url).text
    assert app.wait(PATIENCE) is not None
