"""`orgplane login`, `logout` and `profiles`"""

from __future__ import annotations

import os
from pathlib import Path

import click

from .._core.tls import PEM
from . import expiry, secret
from .command import Command
from .failure import Failure
from .profiles import Profile
from .session import Session, connect, pass_session, tell
from .target import Target, certificates, chosen, profile_name


@click.command(cls=Command)
@pass_session
def login(session: Session) -> None:
    """Store a server and a token as a profile, after trying them.

    The token is asked for without an echo, or read from standard input. It is stored for your eyes only.
    The server is the one of --url, of ORGPLANE_URL, or the one that the profile has. What --protocol,
    --ca, --client-cert and --client-key say is stored as well.

    \b
    Examples:
      printenv ORGPLANE_TOKEN | orgplane login --url "$ORGPLANE_URL"
      orgplane login --url "$ORGPLANE_URL" --profile staging --protocol grpc < token
    """
    flags = session.flags
    name = profile_name(flags)
    known = session.profiles.get(name)
    url = (flags.url or os.environ.get("ORGPLANE_URL", "")).rstrip("/") or (
        known.url if known else ""
    )
    if not url:
        raise click.UsageError("which server? Say --url http(s)://host:port")
    same = known if known and known.url == url else None
    tls = certificates(flags, same)
    profile = Profile(
        name=name,
        url=url,
        token=secret.read("-", "token"),
        protocol=flags.protocol or (same.protocol if same else ""),
        ca=_whole(tls.ca),
        client_cert=_whole(tls.cert),
        client_key=_whole(tls.key),
    )
    session.api = connect(
        flags,
        Target(url, profile.token, profile.protocol or "connect", tls, profile),
    )
    user = session.call("GetAuthenticatedUser").user
    session.profiles.save(profile)
    session.done(
        f"logged in to {url} as {user.name} <{user.email}>\n"
        f"profile {name!r} is in {session.profiles.path}"
    )
    expiry.warn_of_last_token(session)
    if os.environ.get("ORGPLANE_TOKEN"):
        tell("ORGPLANE_TOKEN is set, and wins over the profile's token")


def _whole(file: PEM | None) -> str:
    """Its path from wherever the next command is run."""
    return str(Path(str(file)).resolve()) if file else ""


@click.command(cls=Command)
@pass_session
def logout(session: Session) -> None:
    """Forget a profile, `default` unless --profile says which. Its token stays valid on the server.

    \b
    Examples:
      orgplane logout
      orgplane logout --profile staging
    """
    name = profile_name(session.flags)
    if not session.profiles.remove(name):
        raise Failure(f"there is no profile {name!r}", "Those there are: orgplane profiles")
    session.done(
        f"profile {name!r}: forgotten\nTo revoke its token as well: orgplane tokens delete ID"
    )


@click.command(cls=Command)
@pass_session
def profiles(session: Session) -> None:
    """List the profiles, without their tokens.

    \b
    Examples:
      orgplane profiles
      orgplane profiles --output json
    """
    chosen(session.flags, session.profiles)
    current = profile_name(session.flags)
    records = [
        {
            "name": profile.name,
            "url": profile.url,
            "protocol": profile.protocol or "connect",
            "current": profile.name == current,
        }
        for profile in session.profiles.all().values()
    ]
    session.show_all([records], ("name", "url", "protocol", "current"))
