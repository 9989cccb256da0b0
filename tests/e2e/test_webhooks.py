"""What a provider does is posted to somebody else's server, who knows that it is from us."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orgplane
import postgres
import pytest
from processes import Lines, Server, create_organization, environment, eventually
from provider import curl, new_configuration, user
from webhook_receiver import receiving

TEXT = (Path(__file__).resolve().parents[2] / "docs/webhooks.md").read_text()
(RECEIVER,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def receiver(secret: str, port: int) -> Iterator[Lines]:
    """The one of docs/webhooks.md, as it stands; what it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", RECEIVER],
        env=environment(WEBHOOK_SECRET=secret, PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Lines(process.stdout)
        finally:
            process.kill()


def test_a_user_whom_a_provider_suspends_is_told_of_and_the_message_verified(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/orgplane.db"
    with Server("--database-url", url, "--webhook-allowed-hosts", "127.0.0.1") as server:
        organization = create_organization(url)
        with orgplane.Client(url=server.url, token=organization.token) as client:
            _, token = new_configuration(client, organization)
            _, made = curl(server.url, token, "/Users", user("eve"))
            port = free_port()
            hook = client.webhook_endpoints.create(
                url=f"http://127.0.0.1:{port}/hook", event_types=["user.update"]
            )
            with receiver(hook.secret, port) as printed:
                eventually(
                    lambda: (
                        client.webhook_endpoints.test(
                            webhook_endpoint_id=hook.webhook_endpoint.id
                        ).webhook_delivery.status_code
                        == 204
                    )
                )
                suspension = {
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{"op": "replace", "path": "active", "value": False}],
                }
                curl(server.url, token, f"/Users/{made['id']}", suspension, "-X", "PATCH")
                assert "RESOURCE_TYPE_WEBHOOK" in (printed.next() or "")
                told = printed.next() or ""
            assert told.startswith(f"RESOURCE_TYPE_USER {made['id']} ")
            assert "'status': 'suspended'" in told
            id = hook.webhook_endpoint.id
            eventually(
                lambda: (
                    next(
                        (each.event_type, each.status_code)
                        for each in client.webhook_endpoints.list_deliveries(webhook_endpoint_id=id)
                    )
                    == ("user.update", 204)
                )
            )


@pytest.fixture(params=["sqlite", "postgresql"])
def two_servers(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, Callable[[], Server]]]:
    """A database's URL, and what starts a server on it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/orgplane.db"
    else:
        url = postgres.new_database(request.getfixturevalue("postgresql_server"))
    arguments = ("--database-url", url, "--webhook-allowed-hosts", "127.0.0.1")
    with ExitStack() as stack:
        yield (
            url,
            lambda: stack.enter_context(
                Server(*arguments, "--secret-key-file", str(tmp_path / "key"))
            ),
        )


async def test_nothing_is_lost_when_the_process_that_posts_is_killed_and_another_takes_over(
    two_servers: tuple[str, Callable[[], Server]],
) -> None:
    """Killed in the midst of it: each change comes, those of one resource in order."""
    url, start = two_servers
    organization = create_organization(url)
    first = await asyncio.to_thread(start)
    changes = range(10)
    async with receiving() as receiver:
        with orgplane.Client(url=first.url, token=organization.token) as client:
            accounts = [
                client.service_accounts.create(
                    name=name, valid_until=datetime.now(UTC) + timedelta(days=1)
                ).service_account.id
                for name in ("a", "b", "c")
            ]
            client.webhook_endpoints.create(
                url=receiver.url, event_types=["service_account.update"]
            )
        # It leads by now, or soon: who comes later does not.
        second = await asyncio.to_thread(start)
        with orgplane.Client(url=second.url, token=organization.token) as client:
            for number in changes:
                for id in accounts:
                    await asyncio.to_thread(
                        client.service_accounts.update,
                        service_account_id=id,
                        description=str(number),
                    )
                if number == 4:
                    await receiver.until(lambda: bool(receiver.posts))
                    first.kill()
        wanted = len(changes) * len(accounts)
        await receiver.until(lambda: len({*receiver.ids()}) == wanted, 60)
    for id in accounts:
        told = [
            change["after"]
            for post in receiver.posts
            if post.event["resourceId"] == id
            for change in post.event["changes"]
        ]
        assert [*dict.fromkeys(told)] == [str(number) for number in changes]
