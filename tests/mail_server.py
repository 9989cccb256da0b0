"""A real SMTP server on a loopback port, which does to letters what a test says."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def secret(letter: EmailMessage) -> str:
    """The invite or the code in a letter."""
    plain, _ = letter.iter_parts()
    (found,) = re.findall(r"^    (\S+)\r?$", plain.get_content(), re.MULTILINE)
    return str(found)


class MailServer:
    """Its `received` letters; `answers` are given to the next recipients before any is taken."""

    def __init__(self, **options: Any) -> None:
        self.received: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.answers: list[str] = []
        self.silent = False
        self.drops = 0
        self.arrived = threading.Event()
        self._options = {"enable_SMTPUTF8": True, "hostname": "mail.test", **options}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.port = 0

    def url(self, scheme: str = "smtp", user: str = "", more: str = "") -> str:
        return f"{scheme}://{user}127.0.0.1:{self.port}{more}"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.silent:
            self.arrived.set()
            await asyncio.Event().wait()
        taken = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(taken, EmailMessage)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.received.append(taken)
        self.arrived.set()
        if self.drops:
            self.drops -= 1
            server.transport.abort()
        return "250 taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    def reserve(self) -> None:
        """Chooses the port, at which nobody answers before `start`."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    async def _listen(self) -> None:
        tls = self._options.pop("tls", None)
        options = {"authenticator": self.authenticate, **self._options}

        def protocol() -> SMTP:
            return SMTP(self, loop=self._loop, **options)

        self._server = await self._loop.create_server(
            protocol, "127.0.0.1", self.port or 0, ssl=tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        ours = asyncio.all_tasks() - {asyncio.current_task()}
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    def next_secret(self) -> str:
        """The invite or the code in the next letter, which must come."""
        assert self.arrived.wait(60)
        self.arrived.clear()
        return secret(self.received[-1])

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """What `aiosmtpd.smtp.SMTP` takes, and `tls`: a context to speak it from the start."""
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def server_context(certificate: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.pem, certificate.key)
    return context
