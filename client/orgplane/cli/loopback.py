"""Signing in through a browser on this machine: it comes back to a port of 127.0.0.1 (RFC 8252, section 7.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import queue
import secrets
import sys
import threading
import webbrowser
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urlsplit

from .authorization_server import CLIENT_ID, AuthorizationServer, Signed
from .failure import Exit, Failure
from .session import tell

#: Seconds that somebody may take.
PATIENCE = 300.0
_SECONDS_OF_A_REQUEST = 5.0
_LONGEST_QUERY = 8192


def browser_here() -> bool:
    """Whether a person at this terminal may see a browser that is opened on this machine."""
    if os.environ.get("BROWSER"):
        return True
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not screen and (os.environ.get("SSH_CONNECTION") or sys.platform.startswith("linux")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def sign_in(server: AuthorizationServer, asked: Mapping[str, str]) -> Signed:
    """The session of who signs in; `asked` goes to the authorization endpoint too. Raises Failure."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    with _Listener(state) as listener:
        parameters = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": listener.url,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **asked,
        }
        url = f"{server.endpoint('authorization')}?{urlencode(parameters)}"
        tell("sign in on the page that a browser opens now. If none does, open it on this machine:")
        print(f"  {url}", file=sys.stderr, flush=True)
        threading.Thread(target=_open, args=(url,), daemon=True).start()
        answer = listener.answer()
    if not hmac.compare_digest(answer.get("iss", ""), server.issuer):  # RFC 9207, section 2.4
        raise Failure("another server answered than the one that was asked", "", Exit.DENIED)
    if "code" not in answer:
        why = answer.get("error_description") or answer.get("error", "")
        raise Failure(f"nobody signed in: {why}", "", Exit.DENIED)
    done = server.token(
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": listener.url,
            "code_verifier": verifier,
        }
    )
    if isinstance(done, str):
        raise Failure(f"the server does not take the sign-in: {done}", "Try again.", Exit.DENIED)
    return done


def _open(url: str) -> None:
    try:
        webbrowser.open(url)
    except (OSError, webbrowser.Error) as error:
        tell(f"no browser could be opened: {error}")


class _Listener(ThreadingHTTPServer):
    """Waits at a port of its own for the one answer that has the `state`; closed, and gone, at the end of the context."""

    daemon_threads = True

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.url = f"http://{self.host}/"
        self._state = state
        self._answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()
        self._told = False

    def read(self, query: str) -> Mapping[str, str] | None:
        """The answer, if a query is that; that it is another's is told once."""
        try:
            pairs = parse_qsl(query[:_LONGEST_QUERY], keep_blank_values=True)
        except ValueError:
            pairs = []
        found = dict(pairs)
        given = found.get("state", "").encode("utf-8", "surrogatepass")
        if len(found) == len(pairs) and hmac.compare_digest(given, self._state.encode()):
            return found
        if not self._told:
            self._told = True
            tell("what came back to this machine is not of this sign-in: ignored, still waiting")
        return None

    def take(self, answer: Mapping[str, str]) -> None:
        """Ends the wait, and soon the program."""
        self._answers.put(answer)

    def answer(self) -> Mapping[str, str]:
        """Raises Failure if none comes."""
        try:
            return self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failure(
                f"nobody signed in within {PATIENCE / 60:.0f} minutes",
                "Try again, or on a machine without a browser: orgplane login --device",
                Exit.DENIED,
            ) from None

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever breaks off is nobody to wait for."""

    def __enter__(self) -> _Listener:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    server: _Listener
    timeout = _SECONDS_OF_A_REQUEST
    server_version, sys_version = "orgplane", ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/" or self.headers.get("host") != self.server.host:
            self._page(404, "There is nothing here", "")
        elif (answer := self.server.read(parts.query)) is not None:
            try:
                self._page(
                    200,
                    "Go back to the terminal",
                    "It says whether you are signed in. You can close this page.",
                )
            finally:
                self.server.take(answer)
        else:
            self._page(
                400, "This is not the sign-in that the terminal waits for", "Begin anew there."
            )

    def _page(self, status: int, title: str, text: str) -> None:
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
        ).encode()
        self.send_response(status)
        for name, value in (
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", str(len(page))),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *arguments: object) -> None:
        """The request has the code in it."""
