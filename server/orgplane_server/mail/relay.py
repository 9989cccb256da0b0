"""The mail server that takes letters, and what becomes of one there."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .sender import Sender

#: All that one letter may take; and one answer of the server, in seconds.
SECONDS = 30.0
_ANSWER_SECONDS = 10.0
_PORTS = {"smtp": 587, "smtps": 465}
#: What a URL may ask for.
_ON, _OFF = [("starttls", "on")], [("starttls", "off")]
#: How much of what a server says is kept.
_MOST_REASON = 200


class Refused(Exception):
    """The server will never take the letter; the text is what it said."""


class Delayed(Exception):
    """It may take it another time; the text says what was in the way."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server, by its URL. Neither the user nor the password is ever shown.

    `smtps` is TLS from the start. `smtp` becomes TLS by STARTTLS before anything is said, or nothing is sent; on this machine
    it stays as it is, unless `?starttls=on` asks for it. With `?starttls=off` it does so elsewhere, which no password
    goes along with.
    """

    host: str
    port: int
    sender: Sender
    tls: bool
    starttls: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca: Path | None = None
    seconds: float = SECONDS

    @classmethod
    def parse(cls, url: str, sender: Sender, password: str = "", ca: Path | None = None) -> Relay:
        """Raises ValueError, without what is secret, for a URL that is none."""
        wrong = "expected smtp[s]://[USER:PASSWORD@]HOST[:PORT]"
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
            query = parse_qsl(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            raise ValueError(wrong) from None
        host, asked = parts.hostname or "", query in ([], _ON, _OFF)
        usual = parts.scheme in _PORTS and asked and parts.path in ("", "/") and not parts.fragment
        if not usual or not re.fullmatch(r"[\w.:-]+", host, re.ASCII):
            raise ValueError(wrong)
        user, password = unquote(parts.username or ""), unquote(parts.password or "") or password
        if bool(user) != bool(password):
            raise ValueError("a user has a password, and a password a user; give both or neither")
        tls = parts.scheme == "smtps"
        if tls and query:
            raise ValueError("smtps is TLS from the start, and has no STARTTLS")
        starttls = query == _ON or not (tls or query == _OFF or _here(host))
        if password and not (tls or starttls or _here(host)):
            raise ValueError("a password is never sent without TLS: leave starttls=off out")
        return cls(host, port, sender, tls, starttls, user, password, ca)

    async def deliver(self, message: EmailMessage, recipient: str) -> None:
        """Returns when the server has taken the letter. Raises Refused or Delayed; then it perhaps has, all the same."""
        smtp, context = await asyncio.to_thread(_prepared, self.ca)
        try:
            async with asyncio.timeout(self.seconds):
                await smtp.send(
                    message,
                    sender=self.sender.address,
                    recipients=[recipient],
                    **self._connection(context),
                )
        except smtp.SMTPRecipientsRefused as error:
            raise self._told(error.recipients[0], recipient) from None
        except (smtp.SMTPRecipientRefused, smtp.SMTPDataError) as error:
            raise self._told(error, recipient) from None
        except smtp.SMTPNotSupported:
            raise Refused("the mail server takes no address with such characters") from None
        except smtp.SMTPAuthenticationError as error:
            raise Delayed(
                self._cleaned("refused the user or the password", error.code, "")
            ) from None
        except smtp.SMTPResponseException as error:
            raise Delayed(self._cleaned(error.message, error.code, recipient)) from None
        except (smtp.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise Delayed(_fault(error)) from None

    async def greet(self) -> None:
        """Connects, has TLS where it must be, signs in where there is a user, and leaves without a letter. Raises Delayed."""
        smtp, context = await asyncio.to_thread(_prepared, self.ca)
        session = smtp.SMTP(**self._connection(context))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), session:
                await session.ehlo()
        except smtp.SMTPAuthenticationError as error:
            raise Delayed(
                self._cleaned("refused the user or the password", error.code, "")
            ) from None
        except smtp.SMTPResponseException as error:
            raise Delayed(self._cleaned(error.message, error.code, "")) from None
        except (smtp.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise Delayed(_fault(error)) from None

    def _connection(self, context: ssl.SSLContext) -> dict[str, Any]:
        """How the server is reached, in the library's words."""
        return {
            "hostname": self.host,
            "port": self.port,
            "username": self.user or None,
            "password": self.password or None,
            "local_hostname": _name(),
            "timeout": _ANSWER_SECONDS,
            "use_tls": self.tls,
            "start_tls": self.starttls,
            "tls_context": context,
        }

    def _told(self, error: object, recipient: str) -> Refused | Delayed:
        code, text = getattr(error, "code", 0), getattr(error, "message", "")
        said = self._cleaned(text, code, recipient)
        return Refused(said) if 500 <= code < 600 else Delayed(said)

    def _cleaned(self, text: str, code: int, recipient: str) -> str:
        """What a server said, in a short line, without our own secret or the recipient if it should say them."""
        if self.password:
            text = text.replace(self.password, "…")
        if recipient:
            text = re.sub(re.escape(recipient), "…", text, flags=re.IGNORECASE)
        shown = "".join(each if each.isprintable() else " " for each in text)
        return f"{code} {' '.join(shown.split())}"[:_MOST_REASON]


def shows_password(url: str) -> bool:
    """Whether there is one in the URL of a mail server."""
    try:
        return urlsplit(url).password is not None
    except ValueError:
        return "@" in url


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name() -> str:
    """What this machine calls itself, without asking DNS for the rest of it."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"


def _fault(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the mail server's certificate is not good: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    text = str(error)
    if "STARTTLS" in text:
        return "the mail server offers no STARTTLS, and nothing is sent without"
    if isinstance(error, ConnectionError) and "connect" in text.lower():
        return "the mail server cannot be reached"
    return f"the mail server broke off ({type(error).__name__})"


@functools.lru_cache(maxsize=4)
def _prepared(ca: Path | None) -> tuple[ModuleType, ssl.SSLContext]:
    """In a thread, as both take a moment, in which others are served."""
    import aiosmtplib

    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return aiosmtplib, context
