"""The command `orgplane-server`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import Coroutine
from dataclasses import fields, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from . import apart, listener
from .mail.relay import shows_password
from .settings import (
    PREFIX,
    CpuAffinity,
    SettingError,
    Settings,
    UniqueAddresses,
    UnknownJSONFields,
)
from .telemetry import logs

if TYPE_CHECKING:  # a server's supervising process has no use for a database
    from .usecases.application import Overview as OverviewOfApplication
    from .usecases.application import Registered
    from .usecases.operator import Overview

T = TypeVar("T")

_DEFAULTS = {setting.name: setting.default for setting in fields(Settings)}

program = typer.Typer(
    help="Orgplane, a self-hosted organization-identity server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"orgplane-server {metadata.version('orgplane-server')}")
        raise typer.Exit


@program.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version.")
    ] = False,
) -> None:
    pass


def _flag(setting: str, help: str) -> Any:
    """The option of a setting; its environment variable and default are in the help, the flag wins."""
    notes = f"env: {PREFIX}{setting.upper()}"
    if _DEFAULTS[setting] not in (None, False, ""):
        notes += f"; default: {_DEFAULTS[setting]}"
    name = f"--{setting.replace('_', '-')}"
    return typer.Option(name, help=f"{help} [{notes}]", show_default=False)


_Listen = Annotated[str | None, _flag("listen", "HOST:PORT to serve on; port 0 takes a free one.")]
_Workers = Annotated[
    int | None, _flag("workers", "Processes that serve on the port; more than 1 need Linux.")
]
_DatabaseURL = Annotated[
    str | None,
    _flag("database_url", "sqlite:///FILE, in memory sqlite://, or postgresql://USER@HOST/NAME."),
]
_Connections = Annotated[
    int | None,
    _flag("database_connections", "Connections to PostgreSQL that a process makes at most."),
]
_KeyFile = Annotated[
    Path | None,
    _flag(
        "secret_key_file", "Secret that seals client secrets; made beside the database if missing."
    ),
]
_Cert = Annotated[Path | None, _flag("tls_cert", "Certificate chain (PEM): serve TLS.")]
_Key = Annotated[Path | None, _flag("tls_key", "The certificate's private key (PEM).")]
_ClientCA = Annotated[
    Path | None, _flag("client_ca", "Require client certificates of this CA (PEM).")
]
_CpuAffinity = Annotated[
    CpuAffinity | None,
    _flag("cpu_affinity", "CPUs that a worker's interpreter uses at a time: one or any."),
]
_LogFormat = Annotated[logs.LogFormat | None, _flag("log_format", "Logs on stderr: text or json.")]
_MaxBytes = Annotated[int | None, _flag("max_request_bytes", "Largest request body, in bytes.")]
_UnknownJSONFields = Annotated[
    UnknownJSONFields | None,
    _flag(
        "unknown_json_fields",
        "Fields of JSON requests that this server does not know: refuse or ignore.",
    ),
]
_Timeout = Annotated[
    float | None, _flag("request_timeout", "Seconds that a call may take, streams excepted.")
]
_Grace = Annotated[
    float | None, _flag("drain_grace", "Seconds that calls get to finish when the server stops.")
]
_PublicURL = Annotated[
    str | None,
    _flag(
        "public_url",
        "Where clients reach the server through a proxy, such as https://id.example.com.",
    ),
]
_TrustedProxies = Annotated[
    str | None,
    _flag(
        "trusted_proxies",
        "CIDR, separated by commas: proxies whose X-Forwarded-For says where a request came from.",
    ),
]
_FailedTokens = Annotated[
    int | None,
    _flag("failed_tokens_per_minute", "Bad tokens from one address that are looked at; 0: any."),
]
_TokenlessCalls = Annotated[
    int | None,
    _flag(
        "tokenless_calls_per_minute",
        "Calls from one address that need no token, probes of health excepted; 0: any.",
    ),
]
_Origins = Annotated[
    str | None,
    _flag(
        "cors_allowed_origins",
        "Origins, separated by commas, whose web pages may call RPCs; * for all.",
    ),
]
_ReturnOrigins = Annotated[
    str | None,
    _flag(
        "return_origins",
        "Origins, separated by commas, that browsers may be sent to after a sign-in, to act for whoever signed in.",
    ),
]
_SsoAllowedHosts = Annotated[
    str | None,
    _flag(
        "sso_allowed_hosts",
        "HOST[:PORT], separated by commas, where an SSO configuration's issuer may be plain http "
        "or have a private address.",
    ),
]
_OutboundCA = Annotated[
    Path | None,
    _flag(
        "outbound_ca",
        "Certificates (PEM) of authorities that are trusted beside the system's where the server asks identity providers.",
    ),
]
_OutboundProxy = Annotated[
    str | None,
    _flag(
        "outbound_proxy",
        "URL of the HTTP proxy that requests to identity providers go through, and that looks their hosts up.",
    ),
]
_DnsResolvers = Annotated[
    str | None,
    _flag(
        "dns_resolvers",
        "ADDRESS[:PORT], separated by commas: DNS resolvers that are asked for the records that prove domains; "
        "the system's if left out.",
    ),
]
_DomainGrace = Annotated[
    str | None,
    _flag(
        "domain_grace",
        "How long the record of a proven domain may be missing before the domain is proven no more.",
    ),
]
_AllowOrganizationCreation = Annotated[
    bool | None,
    _flag(
        "allow_organization_creation",
        "Let members of organizations create others, whose administrators they are.",
    ),
]
_SharedDomains = Annotated[
    bool | None,
    _flag("shared_domains", "Let several organizations hold one domain."),
]
_SmtpURL = Annotated[
    str | None,
    _flag(
        "smtp_url",
        "Mail server, smtp[s]://USER@HOST:PORT; with the password in --smtp-password-file, or all of it in the variable.",
    ),
]
_SmtpPasswordFile = Annotated[
    Path | None, _flag("smtp_password_file", "File with the password for the mail server.")
]
_SmtpCA = Annotated[
    Path | None,
    _flag("smtp_ca", "Certificate authority (PEM) of the mail server, beside the public ones."),
]
_MailFrom = Annotated[
    str | None,
    _flag("mail_from", "Whom mail is from, such as id@example.com or Name <id@example.com>."),
]
_Retention = Annotated[
    str | None,
    _flag("audit_retention", "How long audit events are kept, such as 90d; for ever if left out."),
]
_Heartbeat = Annotated[
    float | None,
    _flag("watch_heartbeat", "Seconds after which a watch with nothing to tell says so."),
]
_ScimLogRetention = Annotated[
    str | None,
    _flag("scim_log_retention", "How long requests of identity providers are kept, such as 12h."),
]
_ScimLogMaximum = Annotated[
    int | None,
    _flag("scim_log_maximum", "Requests that are kept of each SCIM configuration at most."),
]
_ScimLogBodies = Annotated[
    bool | None,
    _flag("scim_log_bodies", "Keep their bodies too, without passwords and tokens."),
]
_ScimPageSize = Annotated[
    int | None,
    _flag("scim_page_size", "Users or groups in a page of SCIM, by default and at most."),
]
_SignInLogRetention = Annotated[
    str | None,
    _flag("sign_in_log_retention", "How long sign-ins and refusals are kept, such as 12h."),
]
_UniqueAddresses = Annotated[
    UniqueAddresses | None,
    _flag(
        "unique_addresses",
        "A second active SCIM user with an e-mail address: allow makes it a member whom the address "
        "does not find, refuse answers 409.",
    ),
]
_Demo = Annotated[
    bool | None,
    _flag(
        "demo", "Create something to try on an empty database, and print how; again: a new token."
    ),
]


@program.command()
def serve(
    listen: _Listen = None,
    workers: _Workers = None,
    database_url: _DatabaseURL = None,
    database_connections: _Connections = None,
    secret_key_file: _KeyFile = None,
    tls_cert: _Cert = None,
    tls_key: _Key = None,
    client_ca: _ClientCA = None,
    cpu_affinity: _CpuAffinity = None,
    log_format: _LogFormat = None,
    max_request_bytes: _MaxBytes = None,
    unknown_json_fields: _UnknownJSONFields = None,
    request_timeout: _Timeout = None,
    drain_grace: _Grace = None,
    public_url: _PublicURL = None,
    trusted_proxies: _TrustedProxies = None,
    failed_tokens_per_minute: _FailedTokens = None,
    tokenless_calls_per_minute: _TokenlessCalls = None,
    cors_allowed_origins: _Origins = None,
    return_origins: _ReturnOrigins = None,
    sso_allowed_hosts: _SsoAllowedHosts = None,
    outbound_ca: _OutboundCA = None,
    outbound_proxy: _OutboundProxy = None,
    dns_resolvers: _DnsResolvers = None,
    domain_grace: _DomainGrace = None,
    allow_organization_creation: _AllowOrganizationCreation = None,
    shared_domains: _SharedDomains = None,
    smtp_url: _SmtpURL = None,
    smtp_password_file: _SmtpPasswordFile = None,
    smtp_ca: _SmtpCA = None,
    mail_from: _MailFrom = None,
    audit_retention: _Retention = None,
    watch_heartbeat: _Heartbeat = None,
    scim_log_retention: _ScimLogRetention = None,
    scim_log_maximum: _ScimLogMaximum = None,
    scim_log_bodies: _ScimLogBodies = None,
    scim_page_size: _ScimPageSize = None,
    sign_in_log_retention: _SignInLogRetention = None,
    unique_addresses: _UniqueAddresses = None,
    demo: _Demo = None,
) -> None:
    """Serve gRPC, gRPC-Web and Connect on one port until SIGTERM or SIGINT, then finish what runs."""
    if smtp_url is not None and shows_password(smtp_url):
        print(
            "orgplane-server: smtp_url: everybody on this machine can read a password in a command line; set "
            f"{PREFIX}SMTP_URL instead, or --smtp-password-file",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    settings = _settings(locals())
    try:
        lasting = apart.call(_prepare, settings)
    except ChildProcessError as error:
        print(f"orgplane-server: the database was not opened: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if lasting is None:
        raise typer.Exit(1)
    raise typer.Exit(_run(_serve(settings, lasting)))


@program.command()
def create_organization(
    name: Annotated[str, typer.Option(help="The organization's name.")],
    admin_email: Annotated[str, typer.Option(help="E-mail address of its first administrator.")],
    admin_name: Annotated[str, typer.Option(help="Their name; from the address if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Create an organization and its first administrator; prints their token, once."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    founded = _run(commands.create_organization(settings, name, admin_email, admin_name))
    result = {
        "organizationId": str(founded.organization.id),
        "userId": str(founded.administrator.id),
        "token": founded.token.reveal(),
    }
    _print(result, as_json=as_json)


@program.command()
def create_token(
    organization: Annotated[
        uuid.UUID, typer.Option(help="The organization's id; list-organizations tells it.")
    ],
    email: Annotated[str, typer.Option(help="E-mail address of an active administrator.")],
    valid_for: Annotated[str, typer.Option(help="How long the token lives; up to 90d.")] = "90d",
    make_administrator: Annotated[
        bool,
        typer.Option(
            "--make-administrator",
            help="Make whoever has the address an active administrator first; a new member if nobody has it.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Let somebody act for an organization: prints a new token of an administrator, once."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    done = _run(commands.create_token(settings, organization, email, valid_for, make_administrator))
    result = {
        "organizationId": str(done.administrator.organization_id),
        "userId": str(done.administrator.id),
        "expiresAt": done.expires_at.isoformat(),
        "token": done.token.reveal(),
    }
    _print(result, as_json=as_json)
    for each in done.deprovisioned:
        print(
            f"orgplane-server: {each.email or each.id} is suspended or removed now: an identity provider "
            "had asked for it while nobody else could act",
            file=sys.stderr,
        )


@program.command()
def list_organizations(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """List the organizations, oldest first, and the administrators who can act for each."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    found = _run(commands.list_organizations(settings))
    if as_json:
        print(json.dumps([_overview(each) for each in found]))
        return
    for each in found:
        acting = ", ".join(
            f"{able.administrator.email or able.administrator.id} until {able.until:%Y-%m-%d %H:%M} UTC"
            for able in each.acting
        )
        count, more = each.members.value, "" if each.members.exact else "+"
        members = f"{count}{more} member{'' if count == 1 else 's'}"
        print(
            f"{each.organization.id}  {each.organization.name}  {members}  {acting or 'nobody can act'}"
        )
    if not found:
        print(f"no organizations in {commands.shown(settings)}", file=sys.stderr)
    if any(not each.acting for each in found):
        print("orgplane-server create-token lets somebody act; see --help", file=sys.stderr)


@program.command()
def verify_domain(
    organization: Annotated[
        uuid.UUID, typer.Option(help="The organization's id; list-organizations tells it.")
    ],
    domain: Annotated[str, typer.Option(help="The domain, such as acme.com.")],
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Any name, also one that is not in public DNS: acme.internal."
        ),
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="End what this command has begun before.")
    ] = False,
    shared_domains: _SharedDomains = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Vouch for a domain of an organization, where DNS cannot prove it; ended by --withdraw alone.

    Be sure: whoever administers the organization may link members, also administrators, by addresses of the domain.
    """
    from .app import commands

    settings = _settings({"database_url": database_url, "shared_domains": shared_domains})
    name = _run(commands.verify_domain(settings, organization, domain, private, withdraw))
    result = {
        "organizationId": str(organization),
        "domain": name,
        "state": "withdrawn" if withdraw else "verified by the operator",
    }
    _print(result, as_json=as_json)


_Application = Annotated[
    uuid.UUID, typer.Argument(help="The application's id; list-applications tells it.")
]


@program.command()
def create_application(
    name: Annotated[str, typer.Option(help="What people know it by.")],
    return_to: Annotated[
        list[str],
        typer.Option(
            help="Where people come back to, letter by letter (redirect_uri); repeatable."
        ),
    ],
    organization: Annotated[
        list[uuid.UUID] | None,
        typer.Option(
            help="Let in members of this organization alone; repeatable. Of every one if left out."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Register an application that people sign in to through their organization; prints its secret, once."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    work = commands.create_application(settings, name, return_to, organization or [])
    _print(_registered(_run(work)), as_json=as_json)


@program.command()
def list_applications(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """List the applications, oldest first, and the ids of their secrets."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    found = _run(commands.list_applications(settings))
    if as_json:
        print(json.dumps([_application(each) for each in found]))
        return
    for each in found:
        one = each.application
        limited = ", ".join(one.organization_ids) or "every organization"
        print(f"{one.id}  {one.name}  {limited}  {' '.join(one.return_to)}")
        for secret in each.secrets:
            print(f"    secret {secret.id} of {secret.created_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        print(f"no applications in {commands.shown(settings)}", file=sys.stderr)


@program.command()
def add_application_secret(
    application: _Application,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Make a second secret of an application, beside the one it has; prints it, once."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    _print(
        _registered(_run(commands.add_application_secret(settings, application))), as_json=as_json
    )


@program.command()
def remove_application_secret(
    application: _Application,
    secret: Annotated[uuid.UUID, typer.Argument(help="The secret's id.")],
    database_url: _DatabaseURL = None,
) -> None:
    """Remove one of two secrets of an application: it works no more."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    _run(commands.remove_application_secret(settings, application, secret))


@program.command()
def delete_application(application: _Application, database_url: _DatabaseURL = None) -> None:
    """Delete an application: nobody signs in to it any more."""
    from .app import commands

    _run(commands.delete_application(_settings({"database_url": database_url}), application))


@program.command()
def rotate_signing_key(
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Also forget the keys before at once, as somebody may have them: no token of theirs is good any more.",
        ),
    ] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Have ID tokens signed with a new key; the one before is published for a day more."""
    from .app import commands

    _run(commands.rotate_signing_key(_settings({"database_url": database_url}), forget))


@program.command()
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; status 1 if something is to be done.")
    ] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Bring the database's schema up to date; `serve` does so by itself."""
    from .app import commands

    settings = _settings({"database_url": database_url})
    if check:
        if (pending := _run(commands.pending(settings))) is not None:
            print(f"orgplane-server: {pending}", file=sys.stderr)
            raise typer.Exit(1)
        print("the schema is up to date")
        return
    print(f"the schema is at revision {_run(commands.migrate(settings))}")


@program.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    database_url: _DatabaseURL = None,
) -> None:
    """Look for what an operator may want to put right; changes nothing, works beside a running server.

    E-mail addresses that several active members of an organization have: they find none of them. E-mail domains of
    SSO configurations that are not proven: they license nothing. Mail that has waited for ten minutes, and why.
    """
    from .app import commands

    settings = _settings({"database_url": database_url})
    found, unproven, letters = _run(commands.examine(settings))
    if as_json:
        shared = [
            {
                "organizationId": str(each.organization_id),
                "email": each.email,
                "userIds": [str(id) for id in each.user_ids],
            }
            for each in found
        ]
        domains = [
            {
                "organizationId": str(each.organization_id),
                "ssoConfigurationId": str(each.configuration_id),
                "domain": each.domain,
            }
            for each in unproven
        ]
        mail = [
            {
                "organizationId": str(each.organization_id),
                "letterId": str(each.id),
                "since": each.created_at.isoformat(),
                "reason": each.reason,
            }
            for each in letters
        ]
        print(
            json.dumps({"sharedAddresses": shared, "unprovenDomains": domains, "waitingMail": mail})
        )
        return
    for each in found:
        ids = ", ".join(str(id) for id in each.user_ids)
        print(f"organization {each.organization_id}: {each.email} is the address of {ids}")
    for one in unproven:
        print(
            f"organization {one.organization_id}: {one.domain}, an e-mail domain of SSO configuration "
            f"{one.configuration_id}, is not proven"
        )
    for waits in letters:
        print(
            f"organization {waits.organization_id}: letter {waits.id} waits since {waits.created_at:%Y-%m-%d %H:%M} UTC: "
            f"{waits.reason or 'no server with --smtp-url has tried to deliver it'}"
        )
    if not (found or unproven or letters):
        print("nothing to put right")


@program.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Copy the secret key too, to FILE.key.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    database_url: _DatabaseURL = None,
    secret_key_file: _KeyFile = None,
) -> None:
    """Copy an SQLite database to FILE, as of one moment, also beside a running server.

    FILE appears when all of it was read back and found sound. PostgreSQL has pg_dump.
    """
    from .app import commands

    settings = _settings({"database_url": database_url, "secret_key_file": secret_key_file})
    done = _run(commands.back_up(settings, file, with_key, force))
    print(f"{done.file}: the database, sound, schema revision {done.revision}")
    if done.key_file is not None:
        print(f"{done.key_file}: the secret key")
    else:
        print(
            f"orgplane-server: the secret key is not in it; keep a copy of {done.key} elsewhere",
            file=sys.stderr,
        )


@program.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has made.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Restore the secret key too, from FILE.key.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Where there is a database, or another key, set it aside."),
    ] = False,
    database_url: _DatabaseURL = None,
    secret_key_file: _KeyFile = None,
) -> None:
    """Put a backup in the place of an SQLite database that no server has open; keeps what was there.

    PostgreSQL has pg_restore.
    """
    from .app import commands

    settings = _settings({"database_url": database_url, "secret_key_file": secret_key_file})
    done = _run(commands.restore(settings, file, with_key, force))
    print(f"{done.database}: restored, schema revision {done.revision}")
    for kept in done.kept:
        print(f"{kept}: what was there")
    if not done.has_key:
        print(
            f"orgplane-server: {done.key} is not there, or not this database's key: what was sealed with that, "
            "client secrets for one, cannot be opened, and the server does not start, before it is put there",
            file=sys.stderr,
        )


def main() -> None:
    program(prog_name="orgplane-server")


def _print(result: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key}: {value}")


def _registered(found: Registered) -> dict[str, str]:
    return {
        "applicationId": str(found.application.id),
        "secret": found.secret.reveal(),
    }


def _application(found: OverviewOfApplication) -> dict[str, object]:
    one = found.application
    return {
        "applicationId": str(one.id),
        "name": one.name,
        "returnTo": list(one.return_to),
        "organizationIds": list(one.organization_ids),
        "secrets": [
            {"secretId": str(each.id), "createdAt": each.created_at.isoformat()}
            for each in found.secrets
        ],
    }


def _overview(found: Overview) -> dict[str, object]:
    return {
        "organizationId": str(found.organization.id),
        "name": found.organization.name,
        "members": found.members.value,
        "administratorsWhoCanAct": [
            {
                "userId": str(able.administrator.id),
                "email": able.administrator.email,
                "until": able.until.isoformat(),
            }
            for able in found.acting
        ],
    }


def _settings(flags: dict[str, object]) -> Settings:
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = replace(Settings.from_environment(), **given)  # type: ignore[arg-type]
        logs.configure(settings.log_format)
        return settings
    except SettingError as error:
        print(f"orgplane-server: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except Exception as error:
        if not isinstance(error, _trouble()):
            raise
        print(f"orgplane-server: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _trouble() -> tuple[type[Exception], ...]:
    """What an operator can put right: told in a line, without a traceback."""
    from .app import commands  # looked for when there is some

    return (*commands.TROUBLE, listener.ListenerError)


def _prepare(settings: Settings) -> bool | None:
    """As `commands.prepare`; None when it has said why not."""
    from .app import commands

    try:
        return _run(commands.prepare(settings))
    except typer.Exit:
        return None


async def _serve(settings: Settings, lasting: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="orgplane-") as directory:
        report = Path(directory) / "demo.json" if settings.demo else None
        settings = replace(settings, demo_report=report, python=Path(sys.executable))

        def ready(url: str) -> None:
            print(f"orgplane-server ready on {url}", flush=True)
            if report is not None:
                from .app import demo

                told = demo.instructions(demo.read_report(report), url, settings.public_url)
                print(told, flush=True)
                report.unlink()

        host, port = settings.address
        return await listener.serve(
            "orgplane_server.app.asgi:application",
            listener.ListenerOptions(
                host=host,
                port=port,
                workers=settings.workers,
                revive=lasting,
                tls_cert=settings.tls_cert,
                tls_key=settings.tls_key,
                client_ca=settings.client_ca,
                request_timeout=settings.request_timeout,
                headers_timeout=min(10.0, settings.request_timeout),
                drain_grace=settings.drain_grace,
                environment=settings.environment(),
            ),
            on_ready=ready,
        )


if __name__ == "__main__":
    main()
