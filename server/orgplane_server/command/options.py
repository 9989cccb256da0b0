"""The options that several commands share, each with its setting."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import settings
from ..telemetry import logs

_DEFAULTS = {setting.name: setting.default for setting in fields(settings.Settings)}


def _flag(setting: str, help: str) -> Any:
    """The option of a setting; its environment variable and default are in the help, the flag wins."""
    notes = f"env: {settings.PREFIX}{setting.upper()}"
    if _DEFAULTS[setting] not in (None, False, ""):
        notes += f"; default: {_DEFAULTS[setting]}"
    name = f"--{setting.replace('_', '-')}"
    return typer.Option(name, help=f"{help} [{notes}]", show_default=False)


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="TOML file of settings, each named as its flag; flags and variables win. "
        f"[env: {settings.PREFIX}CONFIG]",
        show_default=False,
    ),
]
Listen = Annotated[str | None, _flag("listen", "HOST:PORT to serve on; port 0 takes a free one.")]
Workers = Annotated[
    int | None, _flag("workers", "Processes that serve on the port; more than 1 need Linux.")
]
DatabaseURL = Annotated[
    str | None,
    _flag("database_url", "sqlite:///FILE, in memory sqlite://, or postgresql://USER@HOST/NAME."),
]
DatabaseConnections = Annotated[
    int | None,
    _flag("database_connections", "Connections to PostgreSQL that a process makes at most."),
]
SecretKeyFile = Annotated[
    Path | None,
    _flag(
        "secret_key_file", "Secret that seals client secrets; made beside the database if missing."
    ),
]
TLSCert = Annotated[Path | None, _flag("tls_cert", "Certificate chain (PEM): serve TLS.")]
TLSKey = Annotated[Path | None, _flag("tls_key", "The certificate's private key (PEM).")]
ClientCA = Annotated[
    Path | None, _flag("client_ca", "Require client certificates of this CA (PEM).")
]
CpuAffinity = Annotated[
    settings.CpuAffinity | None,
    _flag("cpu_affinity", "CPUs that a worker's interpreter uses at a time: one or any."),
]
MetricsListen = Annotated[
    str | None,
    _flag(
        "metrics_listen",
        "HOST:PORT on which /metrics is served to Prometheus, to whoever asks; nowhere if left out.",
    ),
]
LogFormat = Annotated[logs.LogFormat | None, _flag("log_format", "Logs on stderr: text or json.")]
LogLevel = Annotated[
    logs.LogLevel | None,
    _flag(
        "log_level", "The least that is logged: info, with a line for each call, warning or error."
    ),
]
MaxRequestBytes = Annotated[
    int | None, _flag("max_request_bytes", "Largest request body, in bytes.")
]
UnknownJSONFields = Annotated[
    settings.UnknownJSONFields | None,
    _flag(
        "unknown_json_fields",
        "Fields of JSON requests that this server does not know: refuse or ignore.",
    ),
]
RequestTimeout = Annotated[
    float | None, _flag("request_timeout", "Seconds that a call may take, streams excepted.")
]
DrainGrace = Annotated[
    float | None, _flag("drain_grace", "Seconds that calls get to finish when the server stops.")
]
PublicURL = Annotated[
    str | None,
    _flag(
        "public_url",
        "Where clients reach the server through a proxy, such as https://id.example.com.",
    ),
]
TrustedProxies = Annotated[
    str | None,
    _flag(
        "trusted_proxies",
        "CIDR, separated by commas: proxies whose X-Forwarded-For says where a request came from.",
    ),
]
FailedTokens = Annotated[
    int | None,
    _flag("failed_tokens_per_minute", "Bad tokens from one address that are looked at; 0: any."),
]
TokenlessCalls = Annotated[
    int | None,
    _flag(
        "tokenless_calls_per_minute",
        "Calls from one address that need no token, probes of health excepted; 0: any.",
    ),
]
RequestsPerSecond = Annotated[
    int | None,
    _flag(
        "requests_per_second",
        "Requests with one credential that are answered while other organizations wait; 0: any.",
    ),
]
CORSAllowedOrigins = Annotated[
    str | None,
    _flag(
        "cors_allowed_origins",
        "Origins, separated by commas, whose web pages may call RPCs; * for all.",
    ),
]
ReturnOrigins = Annotated[
    str | None,
    _flag(
        "return_origins",
        "Origins, separated by commas, that browsers may be sent to after a sign-in, to act for whoever signed in.",
    ),
]
SSOAllowedHosts = Annotated[
    str | None,
    _flag(
        "sso_allowed_hosts",
        "HOST[:PORT], separated by commas, where an SSO configuration's issuer may be plain http "
        "or have a private address.",
    ),
]
WebhookAllowedHosts = Annotated[
    str | None,
    _flag(
        "webhook_allowed_hosts",
        "HOST[:PORT], separated by commas, where a webhook endpoint may be plain http or have a private address.",
    ),
]
OutboundCA = Annotated[
    Path | None,
    _flag(
        "outbound_ca",
        "Certificates (PEM) of authorities that are trusted beside the system's where the server asks identity providers or posts webhooks.",
    ),
]
OutboundProxy = Annotated[
    str | None,
    _flag(
        "outbound_proxy",
        "URL of the HTTP proxy that requests to identity providers go through, and that looks their hosts up.",
    ),
]
DNSResolvers = Annotated[
    str | None,
    _flag(
        "dns_resolvers",
        "ADDRESS[:PORT], separated by commas: DNS resolvers that are asked for the records that prove domains; "
        "the system's if left out.",
    ),
]
DomainGrace = Annotated[
    str | None,
    _flag(
        "domain_grace",
        "How long the record of a proven domain may be missing before the domain is proven no more.",
    ),
]
AllowOrganizationCreation = Annotated[
    bool | None,
    _flag(
        "allow_organization_creation",
        "Let members of organizations create others, whose administrators they are.",
    ),
]
SharedDomains = Annotated[
    bool | None,
    _flag("shared_domains", "Let several organizations hold one domain."),
]
SMTPURL = Annotated[
    str | None,
    _flag(
        "smtp_url",
        "Mail server, smtp[s]://USER@HOST:PORT; with the password in --smtp-password-file, or all of it in the variable.",
    ),
]
SMTPPasswordFile = Annotated[
    Path | None, _flag("smtp_password_file", "File with the password for the mail server.")
]
SMTPCA = Annotated[
    Path | None,
    _flag("smtp_ca", "Certificate authority (PEM) of the mail server, beside the public ones."),
]
MailFrom = Annotated[
    str | None,
    _flag("mail_from", "Whom mail is from, such as id@example.com or Name <id@example.com>."),
]
AuditRetention = Annotated[
    str | None,
    _flag("audit_retention", "How long audit events are kept, such as 90d; for ever if left out."),
]
WatchHeartbeat = Annotated[
    float | None,
    _flag("watch_heartbeat", "Seconds after which a watch with nothing to tell says so."),
]
SCIMLogRetention = Annotated[
    str | None,
    _flag("scim_log_retention", "How long requests of identity providers are kept, such as 12h."),
]
SCIMLogMaximum = Annotated[
    int | None,
    _flag("scim_log_maximum", "Requests that are kept of each SCIM configuration at most."),
]
SCIMLogBodies = Annotated[
    bool | None,
    _flag("scim_log_bodies", "Keep their bodies too, without passwords and tokens."),
]
SCIMPageSize = Annotated[
    int | None,
    _flag("scim_page_size", "Users or groups in a page of SCIM, by default and at most."),
]
WebhookLogRetention = Annotated[
    str | None,
    _flag("webhook_log_retention", "How long deliveries to webhooks are kept, such as 30d."),
]
SignInLogRetention = Annotated[
    str | None,
    _flag("sign_in_log_retention", "How long sign-ins and refusals are kept, such as 12h."),
]
UniqueAddresses = Annotated[
    settings.UniqueAddresses | None,
    _flag(
        "unique_addresses",
        "A second active SCIM user with an e-mail address: allow makes it a member whom the address "
        "does not find, refuse answers 409.",
    ),
]
Demo = Annotated[
    bool | None,
    _flag(
        "demo", "Create something to try on an empty database, and print how; again: a new token."
    ),
]
Ephemeral = Annotated[
    bool,
    typer.Option(
        "--ephemeral",
        help="For tests: a database in memory with the demo's content, on a free port unless --listen says which; one line of JSON on "
        "stdout tells address and tokens when it serves. Ends with SIGTERM, and when a pipe on its stdin closes.",
    ),
]
PrintConfig = Annotated[
    bool,
    typer.Option(
        "--print-config",
        help="Print the settings in force and where each is from, without what is secret, and end.",
    ),
]
