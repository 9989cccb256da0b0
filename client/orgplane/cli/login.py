"""`orgplane login`, `logout` and `profiles`"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .._core.base_url import base_url
from .._core.tls import PEM
from ..errors import OrgplaneError, UnauthenticatedError
from . import expiry, secret
from .command import Command, Group
from .failure import Failure, status
from .identity import caller, named
from .profiles import Profile
from .session import Session, connect, options, pass_session, tell
from .target import Target, certificates, chosen, is_session, no_profile, profile_name

if TYPE_CHECKING:
    from .authorization_server import Signed


@click.command(cls=Command)
@click.option(
    "--sso", is_flag=True, help="Sign in through your organization's provider, in a browser."
)
@click.option(
    "--device", is_flag=True, help="The same with a browser on another machine, by a code."
)
@click.option(
    "--organization", metavar="ID", help="The one to sign in to. Default: you say it on the page."
)
@pass_session
def login(session: Session, sso: bool, device: bool, organization: str | None) -> None:
    """Store a server and a token as a profile, after trying them.

    The token is asked for without an echo, or read from standard input. It is stored for your eyes only.
    With --sso it is that of a session, which lasts for 24 hours if it is used every 8; where no browser can be opened, as
    with --device. The server is the one of --url, of ORGPLANE_URL, or the one that the profile has. Without --profile it is
    the profile in use that is stored, `default` at first. What --protocol, --ca, --client-cert and
    --client-key say is stored as well.

    \b
    Examples:
      printenv ORGPLANE_TOKEN | orgplane login --url "$ORGPLANE_URL"
      orgplane login --url "$ORGPLANE_URL" --profile staging --protocol grpc < token
    """
    if organization and (device or not sso):
        raise click.UsageError("--organization goes with --sso alone")
    flags = session.flags
    name = profile_name(flags, session.profiles)
    known = session.profiles.get(name)
    given = flags.url or os.environ.get("ORGPLANE_URL", "") or (known.url if known else "")
    if not given:
        raise click.UsageError("which server? Say --url http(s)://host:port")
    url = base_url(given)
    same = known if known and known.url == url else None
    tls = certificates(flags, same)
    protocol = flags.protocol or (same.protocol if same else "")

    def target(profile: Profile | None) -> Target:
        return Target(url, profile.token if profile else "", protocol or "connect", tls, profile)

    signed = _sign_in(session, target(None), device, organization) if sso or device else None
    profile = Profile(
        name=name,
        url=url,
        token=signed.token if signed else secret.read("-", "token"),
        protocol=protocol,
        ca=_whole(tls.ca),
        client_cert=_whole(tls.cert),
        client_key=_whole(tls.key),
    )
    session.api = connect(flags, target(profile))
    who = caller(session, session.call("GetAuthenticatedIdentity"))
    if is_session(profile.token):
        ends = session.call("GetSession").session.expires_at.to_datetime()
        profile = replace(profile, session_expires_at=f"{ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    session.profiles.save(profile)
    session.done(
        f"logged in to {url} as {named(who)}\nprofile {name!r} is in {session.profiles.path}"
    )
    if "user" in who:
        expiry.warn_of_last_token(session)
    _tell_what_wins("ORGPLANE_TOKEN")


def _sign_in(session: Session, target: Target, device: bool, organization: str | None) -> Signed:
    """A new session. Raises Failure if there comes none of it."""
    from . import device as by_code
    from . import loopback
    from .authorization_server import AuthorizationServer

    with AuthorizationServer(options(session.flags, target), debug=session.flags.debug) as server:
        if device or not (organization or loopback.browser_here()):
            return by_code.sign_in(server)
        return loopback.sign_in(server, {"organization": organization} if organization else {})


def _whole(file: PEM | None) -> str:
    """Its path from wherever the next command is run."""
    return str(Path(str(file)).resolve()) if file else ""


@click.command(cls=Command)
@click.option("--local", is_flag=True, help="Do not end its session on the server.")
@pass_session
def logout(session: Session, local: bool) -> None:
    """Forget a profile: the one in use unless --profile says which. A session ends, a personal access token stays valid.

    \b
    Examples:
      orgplane logout
      orgplane logout --profile staging
    """
    name = profile_name(session.flags, session.profiles)
    profile = session.profiles.get(name)
    if profile is None:
        raise no_profile(name, session.profiles)
    if not is_session(profile.token):
        further = "To revoke its token as well: orgplane tokens delete ID"
    elif local:
        further = "Its session goes on until it ends by itself"
    elif _end(session, profile):
        further = "Its session has ended"
    else:
        further = "Its session had ended before"
    session.profiles.remove(name)
    session.done(f"profile {name!r}: forgotten\n{further}")


def _end(session: Session, profile: Profile) -> bool:
    """Ends a profile's session; False if it had ended. Raises Failure where that is not known."""
    tls = certificates(session.flags, profile)
    session.api = connect(
        session.flags,
        Target(profile.url, profile.token, profile.protocol or "connect", tls, profile),
    )
    try:
        session.call("EndSession")
    except UnauthenticatedError:
        return False
    except OrgplaneError as error:
        raise Failure(
            f"the session is not known to have ended, and profile {profile.name!r} was not forgotten: {error}",
            "Try again later. To forget it all the same: orgplane logout --local",
            status(error),
        ) from error
    return True


@click.group(cls=Group)
def profiles() -> None:
    """The servers and tokens that `login` has stored."""


@profiles.command("list")
@pass_session
def list_(session: Session) -> None:
    """List them: where to, which is in use, and whether a token is stored, which is never shown.

    \b
    Examples:
      orgplane profiles list
      orgplane profiles list --output json
    """
    chosen(session.flags, session.profiles)
    current = profile_name(session.flags, session.profiles)
    ends, between = ("session_expires_at", " ") if session.for_people else ("sessionExpiresAt", "T")
    records = [
        {
            "name": profile.name,
            "url": profile.url,
            "protocol": profile.protocol or "connect",
            "current": profile.name == current,
            "credential": bool(profile.token),
            ends: profile.session_expires_at.replace("T", between),
        }
        for profile in session.profiles.all().values()
    ]
    session.show_all([records], ("name", "url", "protocol", "current", "credential", ends))


@profiles.command("use")
@click.argument("name")
@pass_session
def use(session: Session, name: str) -> None:
    """Use this one from now on, where neither --profile nor ORGPLANE_PROFILE names another.

    \b
    Examples:
      orgplane profiles use staging
    """
    profile = session.profiles.get(name)
    if profile is None:
        raise no_profile(name, session.profiles)
    session.profiles.use(name)
    session.done(f"profile {name!r} is in use: {profile.url}")
    _tell_what_wins("ORGPLANE_PROFILE", "ORGPLANE_URL", "ORGPLANE_TOKEN")


def _tell_what_wins(*variables: str) -> None:
    for variable in variables:
        if os.environ.get(variable):
            tell(f"{variable} is set, and wins over the profile")
