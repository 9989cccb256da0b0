"""`orgplane webhooks listen`: events come to a developer's own server as webhooks would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from standardwebhooks import Webhook

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """Its URL, and what it took, all of it signed."""
    taken: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append(Webhook(SECRET).verify(body, dict(self.headers.items())))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", taken
        server.shutdown()
        thread.join()


def test_events_are_posted_signed_and_what_came_back_is_shown(
    run: CommandLine, receiver: tuple[str, list[Any]]
) -> None:
    url, taken = receiver
    (newest,) = run.json("events", "list", "--newest-first", "--limit", "1")
    made = [
        run.json("service-accounts", "create", "--name", name, "--valid-until", "1d")["id"]
        for name in ("a", "b")
    ]
    shown = run.having(ORGPLANE_WEBHOOK_SECRET=SECRET).ok(
        *("webhooks", "listen", "--forward-to", url, "--after", newest["cursor"]),
        *("--event-type", "service_account.create", "--limit", "2"),
    )
    assert [each["resourceId"] for each in taken] == made
    assert shown.count("service_account.create") == 2
    assert shown.count(" 201") == 2


def test_nobody_there_is_shown_and_a_secret_that_is_none_refused(
    run: CommandLine, tmp_path: Path
) -> None:
    (oldest, *_) = run.json("events", "list")
    listen = ("webhooks", "listen", "--after", oldest["cursor"], "--limit", "1", "--forward-to")
    done = run(*listen, "http://127.0.0.1:1/")
    assert done.returncode == 0, done.stderr
    assert "Connection refused" in done.stdout
    assert "signed with whsec_" in done.stderr
    no_secret = tmp_path / "secret"
    no_secret.write_text("whsec_?\n")
    here = (*listen, "http://127.0.0.1:1/")
    for runner, arguments, why in (
        (run, (*here, "--secret-file", str(no_secret)), "the secret: expected whsec_"),
        (run.having(ORGPLANE_WEBHOOK_SECRET="?"), here, "the secret: expected whsec_"),
        (run, (*listen, "127.0.0.1:1"), "--forward-to: expected for example"),
    ):
        refused = runner(*arguments)
        assert refused.returncode == 2
        assert why in refused.stderr
