"""`orgplane-server doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from .. import listener, setting_sources
from ..app.finding import Finding
from ..listener import open_files
from ..settings import SettingError, Settings
from ..telemetry import logs
from . import options
from .program import program, run

if TYPE_CHECKING:  # a server's supervising process has no use for a database
    from ..app.commands import Diagnosis


@program.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
    secret_key_file: options.SecretKeyFile = None,
) -> None:
    """Look for what an operator may want to put right; changes nothing, works beside a running server. Status 1 if something fails.

    Settings, database, secret key, open files, TLS certificate, mail server (no mail is sent), DNS, outbound proxy, public URL: run it as
    the server's user, with the server's settings.

    E-mail addresses that several active members of an organization have: they find none of them. E-mail domains of
    SSO configurations that are not proven: they license nothing. Mail that has waited for ten minutes, and why.
    """
    from ..app import commands

    flags = {"database_url": database_url, "secret_key_file": secret_key_file}
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        gathered = setting_sources.gather(given, config)
    except SettingError as error:
        remedy = "put it right, and try again: nothing else was looked at"
        found = commands.Diagnosis([Finding("settings", "fail", str(error), remedy)])
    else:
        logs.configure(gathered.settings.log_format, gathered.settings.log_level)
        found = run(commands.examine(gathered.settings))
        here = _settings(gathered) + _open_files() + _certificates(gathered.settings)
        found.surroundings[:0] = here
    print(_json(found) if as_json else _text(found))
    if any(each.status == "fail" for each in found.surroundings):
        raise typer.Exit(1)


def _settings(gathered: setting_sources.Gathered) -> list[Finding]:
    doubts = [Finding("settings", "warn", each, "correct its name") for each in gathered.doubts]
    told = f"{len(gathered.sources)} are not by default; serve --print-config tells which"
    return doubts or [Finding("settings", "ok", told)]


def _open_files() -> list[Finding]:
    wanted = listener.ListenerOptions("", 0).max_connections + open_files.RESERVED
    allowed = open_files.allowed()
    if allowed is None or allowed >= wanted:
        return [Finding("open files", "ok", f"{allowed or 'any number'} are allowed here")]
    remedy = f"LimitNOFILE={wanted} in the systemd unit, or ulimit -n {wanted}"
    what = f"{allowed} are allowed here, so fewer connections than {wanted - open_files.RESERVED}"
    return [Finding("open files", "warn", what, remedy)]


def _certificates(settings: Settings) -> list[Finding]:
    if settings.tls_cert is None:
        return []
    from ..listener import certificates

    host, port = settings.address
    told = listener.ListenerOptions(
        host,
        port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        client_ca=settings.client_ca,
    )
    try:
        named = urlsplit(settings.public_url).hostname or ""
        what, wrong, doubts = certificates.examine(told, datetime.now(UTC), named)
    except listener.ListenerError as error:
        return [Finding("tls", "fail", str(error), "the server does not start with it")]
    again = "put others in place, then send the server SIGHUP"
    found = [Finding("tls", "fail", each, again) for each in wrong]
    found += [Finding("tls", "warn", each, again) for each in doubts]
    return found or [Finding("tls", "ok", what)]


def _text(found: Diagnosis) -> str:
    lines = []
    for each in found.surroundings:
        remedy = f"; {each.remedy}" if each.remedy else ""
        lines.append(f"{each.status:<5} {each.check}: {each.detail}{remedy}")
    for shared in found.shared_addresses:
        ids = ", ".join(str(id) for id in shared.user_ids)
        lines.append(
            f"warn  organization {shared.organization_id}: {shared.email} is the address of {ids}"
        )
    lines += [
        f"warn  organization {one.organization_id}: {one.domain}, an e-mail domain of SSO configuration "
        f"{one.configuration_id}, is not proven"
        for one in found.unproven_domains
    ]
    lines += [
        f"warn  organization {one.organization_id}: letter {one.id} waits since {one.created_at:%Y-%m-%d %H:%M} UTC: "
        f"{one.reason or 'no server with --smtp-url has tried to deliver it'}"
        for one in found.waiting_letters
    ]
    if all(line.startswith("ok") for line in lines):
        lines.append("nothing to put right")
    return "\n".join(lines)


def _json(found: Diagnosis) -> str:
    told = {
        "checks": [asdict(each) for each in found.surroundings],
        "sharedAddresses": [
            {
                "organizationId": str(each.organization_id),
                "email": each.email,
                "userIds": [str(id) for id in each.user_ids],
            }
            for each in found.shared_addresses
        ],
        "unprovenDomains": [
            {
                "organizationId": str(each.organization_id),
                "ssoConfigurationId": str(each.configuration_id),
                "domain": each.domain,
            }
            for each in found.unproven_domains
        ],
        "waitingMail": [
            {
                "organizationId": str(each.organization_id),
                "letterId": str(each.id),
                "since": each.created_at.isoformat(),
                "reason": each.reason,
            }
            for each in found.waiting_letters
        ],
    }
    return json.dumps(told)
