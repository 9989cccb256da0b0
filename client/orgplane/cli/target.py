"""Which server to call, and with which token."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .._core.base_url import base_url
from .._core.tls import TLS
from .failure import Exit, Failure
from .profiles import DEFAULT, Profile, ProfileFile


@dataclass(slots=True)
class Flags:
    """The options of every command, as far as they were given."""

    output: str = "table"
    jq: str = ""
    profile: str = ""
    url: str = ""
    protocol: str = ""
    ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    timeout: float | None = None
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A server to call. `profile` is the one that it came from, if one did."""

    url: str
    token: str = field(repr=False)
    protocol: str
    tls: TLS
    profile: Profile | None

    @property
    def signed_in(self) -> bool:
        return is_session(self.token)


def is_session(token: str) -> bool:
    """Whether it is what somebody gets who signs in, and no personal access token."""
    return token.startswith("orgplane_session_")


def server(
    flags: Flags, profiles: ProfileFile, environment: Mapping[str, str] = os.environ
) -> tuple[str, Profile | None]:
    """The URL, from the flag, then ORGPLANE_URL, then the profile; and the profile if the URL is its own.

    A profile's token, protocol and certificates go to the profile's own server and to no other.
    """
    profile = chosen(flags, profiles, environment)
    if given := flags.url or environment.get("ORGPLANE_URL", ""):
        url = base_url(given)
        return url, profile if profile is not None and profile.url == url else None
    if profile is None or not profile.url:
        known = ", ".join(profiles.all())
        raise Failure(
            "no server to call",
            f"Choose one of your profiles with: orgplane profiles use NAME. They are: {known}."
            if known
            else "Log in with: orgplane login --url URL, or set ORGPLANE_URL and ORGPLANE_TOKEN.",
        )
    return base_url(profile.url), profile


def find(
    flags: Flags,
    profiles: ProfileFile,
    environment: Mapping[str, str] = os.environ,
    *,
    tokenless: bool = False,
) -> Target:
    """Where to call. ORGPLANE_TOKEN wins over the profile's token; there is no flag for one.

    One that is `tokenless` has none, whatever there is: it goes to nobody who does not ask for it.
    """
    url, profile = server(flags, profiles, environment)
    token = environment.get("ORGPLANE_TOKEN", "") or (profile.token if profile else "")
    if tokenless:
        token = ""
    elif not token:
        raise Failure(
            f"no token for {url}",
            f"Store one with: orgplane login --url {url}, or set ORGPLANE_TOKEN.",
            Exit.DENIED,
        )
    return Target(
        url=url,
        token=token,
        protocol=flags.protocol or (profile.protocol if profile else "") or "connect",
        tls=certificates(flags, profile, environment),
        profile=profile,
    )


def certificates(
    flags: Flags, profile: Profile | None, environment: Mapping[str, str] = os.environ
) -> TLS:
    """Each from its flag, its variable, or the profile; certificate and key are from one place."""
    ca = flags.ca or environment.get("ORGPLANE_CA")
    cert = flags.client_cert or environment.get("ORGPLANE_CLIENT_CERT")
    key = flags.client_key or environment.get("ORGPLANE_CLIENT_KEY")
    if profile:
        ca = ca or profile.ca
        if not cert and not key:
            cert, key = profile.client_cert, profile.client_key
    return TLS(ca=ca or None, cert=cert or None, key=key or None)


def chosen(
    flags: Flags, profiles: ProfileFile, environment: Mapping[str, str] = os.environ
) -> Profile | None:
    """The profile that was named, or the default one if it exists. Raises Failure for an unknown name."""
    name = profile_name(flags, profiles, environment)
    profile = profiles.get(name)
    if profile is None and name != DEFAULT:
        raise no_profile(name, profiles)
    return profile


def profile_name(
    flags: Flags, profiles: ProfileFile, environment: Mapping[str, str] = os.environ
) -> str:
    return flags.profile or environment.get("ORGPLANE_PROFILE", "") or profiles.in_use()


def no_profile(name: str, profiles: ProfileFile) -> Failure:
    """That a profile is not there, and which are."""
    known = ", ".join(profiles.all())
    return Failure(
        f"there is no profile {name!r}",
        f"Those there are: {known}." if known else "There is none: orgplane login --url URL",
    )
