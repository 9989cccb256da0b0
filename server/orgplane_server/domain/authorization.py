"""How an application learns who has signed in: the authorization code flow (RFC 6749, section 4.1), always with PKCE
(RFC 7636) by S256, as OpenID Connect Core 1.0 has it.

What the application asks for goes to the sign-in pages and back sealed, so that a stranger's request leaves nothing behind.
Whoever signs in then gets a session, and the application a code for it: it is the application's alone, works once and within
a minute, and only for who knows the verifier. A code that comes a second time ends what came of it.

Beside the registered applications there is one client that everybody has, and that therefore has no secret: the command line,
which the browser comes back to on the same machine (RFC 8252, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from . import pkce
from .application import Application
from .identifier import ApplicationId, AuthorizationCodeId, OrganizationId, SessionId
from .revision import SECRET
from .sign_in import Denied
from .text import storable

#: How long somebody may take to choose how to sign in; at the provider it begins anew.
LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
#: How long a code is known after its end, so that one that comes again is.
KEPT = timedelta(hours=1)
#: The command line.
COMMAND_LINE = "orgplane-cli"
#: The page that lets in programs, and where its people come back to, below our own URL; see `domain.device`.
DEVICE_PAGE = "/device/confirm"
_DEVICE_PAGE_ID = "orgplane-device"

_MOST_STATE = 1024
_MOST_NONCE = 256
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})/")
#: What may be in an error_description (RFC 6749, section 4.1.2.1).
_UNSAID = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")


class Error(StrEnum):
    """RFC 6749, sections 4.1.2.1 and 5.2; RFC 8628, section 3.5; OpenID Connect Core 1.0, section 3.1.2.6."""

    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    ACCESS_DENIED = "access_denied"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    INVALID_SCOPE = "invalid_scope"
    LOGIN_REQUIRED = "login_required"
    REQUEST_NOT_SUPPORTED = "request_not_supported"
    REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    AUTHORIZATION_PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    EXPIRED_TOKEN = "expired_token"


class Refused(Exception):
    """An error that a client is told."""

    def __init__(self, error: Error, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = _UNSAID.sub("?", description)


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: a registered `application`, the page that lets in programs, or else the command line."""

    application: Application | None = None
    device_page: bool = False

    @property
    def id(self) -> str:
        if self.application is not None:
            return str(self.application.id)
        return _DEVICE_PAGE_ID if self.device_page else COMMAND_LINE

    @property
    def application_id(self) -> ApplicationId | None:
        return self.application.id if self.application else None

    def comes_back_to(self, redirect_uri: str) -> bool:
        if self.application is not None:
            return redirect_uri in self.application.return_to
        found = None if self.device_page else _LOOPBACK.fullmatch(redirect_uri)
        return found is not None and int(found[1]) <= 65535

    def lets_in(self, organization: OrganizationId) -> bool:
        return self.application is None or self.application.lets_in(organization)


@dataclass(frozen=True, slots=True)
class Return:
    """Where a browser goes back to, with what goes with every answer."""

    redirect_uri: str
    state: str | None
    issuer: str

    def url(self, **answer: str) -> str:
        told = dict(answer)
        if self.state is not None:
            told["state"] = self.state
        told["iss"] = self.issuer  # RFC 9207
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(told)}"

    def error(self, refused: Refused) -> str:
        return self.url(error=refused.error, error_description=refused.description)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asked for. If it named an `organization`, only a member of that is who it asks for."""

    client_id: str
    back: Return
    challenge: str = field(repr=False)
    nonce: str = field(repr=False)
    organization: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """For a session that was opened with it, and that nobody has the token of before the code was used."""

    id: AuthorizationCodeId
    organization_id: OrganizationId
    session_id: SessionId
    digest: bytes = field(repr=False, metadata=SECRET)
    client_id: str
    redirect_uri: str
    challenge: str = field(repr=False)
    nonce: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    used: bool = False


def check(client: Client, asked: Mapping[str, str]) -> None:
    """Raises Refused for what is asked for by somebody who is known, at an address that is known."""
    for name, error in (
        ("request", Error.REQUEST_NOT_SUPPORTED),
        ("request_uri", Error.REQUEST_URI_NOT_SUPPORTED),
    ):
        if name in asked:
            raise Refused(error, f"{name} is not supported")
    if asked.get("response_type") != "code":
        raise Refused(Error.UNSUPPORTED_RESPONSE_TYPE, "response_type: only code is supported")
    if asked.get("response_mode", "query") != "query":
        raise Refused(Error.INVALID_REQUEST, "response_mode: only query is supported")
    if client.application is not None and "openid" not in asked.get("scope", "").split():
        raise Refused(Error.INVALID_SCOPE, "scope: openid has to be in it")
    if asked.get("code_challenge_method") != "S256" or not pkce.is_challenge(
        asked.get("code_challenge", "")
    ):
        raise Refused(
            Error.INVALID_REQUEST,
            "code_challenge, code_challenge_method: PKCE is needed, with S256 (RFC 7636)",
        )
    if len(asked.get("nonce", "").encode()) > _MOST_NONCE:
        raise Refused(Error.INVALID_REQUEST, f"nonce: at most {_MOST_NONCE} bytes")
    storable(nonce=asked.get("nonce", ""))
    prompt = asked.get("prompt", "").split()
    if "none" in prompt:
        raise Refused(Error.LOGIN_REQUIRED, "nobody is signed in without a page")
    if "login" in prompt or "max_age" in asked:
        raise Refused(
            Error.INVALID_REQUEST,
            "prompt=login, max_age: how long ago somebody showed who they are is known to the organization's provider alone",
        )


def state_of(asked: Mapping[str, str]) -> str | None:
    """Raises Denied for one that does not fit into an address again."""
    state = asked.get("state")
    if state is not None and len(state.encode()) > _MOST_STATE:
        raise Denied(f"The application's request has a state of more than {_MOST_STATE} bytes.")
    return state


def check_organization(
    request: AuthorizationRequest, client: Client | None, organization: OrganizationId
) -> Client:
    """Raises Denied unless members of the organization are let in by what asked for somebody of them."""
    if client is None:
        raise Denied("The application is not registered any more.")
    if request.organization not in ("", str(organization)) or not client.lets_in(organization):
        raise Denied("The application does not let in members of this organization.")
    return client


def check_code(
    code: AuthorizationCode, redirect_uri: str, verifier: str, now: datetime
) -> str | None:
    """What is wrong with how a code is used that is this client's own; None if nothing is."""
    if code.used:
        return "code: it was used already; what came of it has ended"
    if now >= code.expires_at:
        return "code: it has ended"
    if redirect_uri != code.redirect_uri:
        return "redirect_uri: it is not the one that the code was asked for with"
    if not pkce.fits(verifier, code.challenge):
        return "code_verifier: it does not fit the code_challenge"
    return None


def built_in(id: str) -> Client | None:
    """The client with this id, if it is one that is not registered."""
    return next((each for each in (Client(), Client(device_page=True)) if each.id == id), None)


def is_asked_about(client_id: str) -> bool:
    """Whether somebody has to say that they have begun it: any page can ask in the name of the command line (RFC 8252, section 8.6)."""
    return client_id == COMMAND_LINE


def code_lifetime(client_id: str) -> timedelta:
    """Longer where a person has to decide something with it."""
    return LIFETIME if client_id in (COMMAND_LINE, _DEVICE_PAGE_ID) else CODE_LIFETIME


def unknown_code() -> Refused:
    return Refused(Error.INVALID_GRANT, "code: it is unknown, another client's, or has ended")
