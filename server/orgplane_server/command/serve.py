"""`orgplane-server serve`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import typer

from .. import apart, listener, setting_sources
from ..mail.relay import shows_password
from ..setting_sources import Gathered
from ..settings import PREFIX, Settings
from . import options, stdin
from .program import gathered, program, run
from .service_manager import ServiceManager

_NO_SETTINGS = {"config", "ephemeral", "print_config"}


@program.command()
def serve(
    listen: options.Listen = None,
    workers: options.Workers = None,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
    database_connections: options.DatabaseConnections = None,
    secret_key_file: options.SecretKeyFile = None,
    tls_cert: options.TLSCert = None,
    tls_key: options.TLSKey = None,
    client_ca: options.ClientCA = None,
    cpu_affinity: options.CpuAffinity = None,
    metrics_listen: options.MetricsListen = None,
    log_format: options.LogFormat = None,
    log_level: options.LogLevel = None,
    max_request_bytes: options.MaxRequestBytes = None,
    unknown_json_fields: options.UnknownJSONFields = None,
    request_timeout: options.RequestTimeout = None,
    drain_grace: options.DrainGrace = None,
    public_url: options.PublicURL = None,
    trusted_proxies: options.TrustedProxies = None,
    failed_tokens_per_minute: options.FailedTokens = None,
    tokenless_calls_per_minute: options.TokenlessCalls = None,
    requests_per_second: options.RequestsPerSecond = None,
    cors_allowed_origins: options.CORSAllowedOrigins = None,
    return_origins: options.ReturnOrigins = None,
    sso_allowed_hosts: options.SSOAllowedHosts = None,
    webhook_allowed_hosts: options.WebhookAllowedHosts = None,
    outbound_ca: options.OutboundCA = None,
    outbound_proxy: options.OutboundProxy = None,
    dns_resolvers: options.DNSResolvers = None,
    domain_grace: options.DomainGrace = None,
    allow_organization_creation: options.AllowOrganizationCreation = None,
    shared_domains: options.SharedDomains = None,
    smtp_url: options.SMTPURL = None,
    smtp_password_file: options.SMTPPasswordFile = None,
    smtp_ca: options.SMTPCA = None,
    mail_from: options.MailFrom = None,
    audit_retention: options.AuditRetention = None,
    watch_heartbeat: options.WatchHeartbeat = None,
    scim_log_retention: options.SCIMLogRetention = None,
    scim_log_maximum: options.SCIMLogMaximum = None,
    scim_log_bodies: options.SCIMLogBodies = None,
    scim_page_size: options.SCIMPageSize = None,
    sign_in_log_retention: options.SignInLogRetention = None,
    webhook_log_retention: options.WebhookLogRetention = None,
    unique_addresses: options.UniqueAddresses = None,
    demo: options.Demo = None,
    ephemeral: options.Ephemeral = False,
    print_config: options.PrintConfig = False,
) -> None:
    """Serve gRPC, gRPC-Web and Connect on one port until SIGTERM or SIGINT, then finish what runs."""
    if smtp_url is not None and shows_password(smtp_url):
        print(
            "orgplane-server: smtp_url: everybody on this machine can read a password in a command line; set "
            f"{PREFIX}SMTP_URL instead, or --smtp-password-file",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    given = {name: value for name, value in locals().items() if name not in _NO_SETTINGS}
    found = gathered(given, config)
    if ephemeral:
        found = _ephemeral(found)
    if print_config:
        print(setting_sources.shown(found))
        raise typer.Exit
    settings = found.settings
    _require_folder_for_temporary_files()
    manager = ServiceManager()
    try:
        lasting = apart.call(_prepare, settings)
    except ChildProcessError as error:
        print(f"orgplane-server: the database was not opened: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if lasting is None:
        raise typer.Exit(1)
    raise typer.Exit(run(_serve(settings, lasting, ephemeral, manager)))


def _ephemeral(found: Gathered) -> Gathered:
    """The same for a server that leaves nothing behind: whatever database is named elsewhere, it has none of it."""
    for name in ("database_url", "secret_key_file"):
        if found.sources.get(name) == setting_sources.flag(name):
            print(
                f"orgplane-server: --ephemeral keeps nothing; leave {setting_sources.flag(name)} out",
                file=sys.stderr,
            )
            raise typer.Exit(2)
    changes = {"database_url": "sqlite://", "secret_key_file": None, "demo": True}
    if "listen" not in found.sources:
        changes["listen"] = "127.0.0.1:0"
    settings = replace(found.settings, **changes)  # type: ignore[arg-type]
    return Gathered(settings, {**found.sources, **dict.fromkeys(changes, "--ephemeral")})


def _require_folder_for_temporary_files() -> None:
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        print(
            "orgplane-server: there is no folder for temporary files: let TMPDIR name one that is writable, or make /tmp so "
            "(on a read-only system a tmpfs of 16 MiB)",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None


def _prepare(settings: Settings) -> bool | None:
    """As `commands.prepare`; None when it has said why not."""
    from ..app import commands

    try:
        return run(commands.prepare(settings))
    except typer.Exit:
        return None


async def _serve(
    settings: Settings, lasting: bool, ephemeral: bool, manager: ServiceManager
) -> int:
    with tempfile.TemporaryDirectory(prefix="orgplane-") as directory:
        report = Path(directory) / "demo.json" if settings.demo else None
        settings = replace(settings, demo_report=report, python=Path(sys.executable))

        def ready(url: str, metrics: str | None) -> None:
            if not ephemeral:
                print(f"orgplane-server ready on {url}", flush=True)
            if report is not None:
                from ..app import demo

                tell = demo.in_one_line if ephemeral else demo.instructions
                print(tell(demo.read_report(report), url, settings.public_url), flush=True)
                report.unlink()
            if metrics is not None:
                print(f"metrics on {metrics}", flush=True)
            manager.ready()

        if ephemeral:
            stdin.end_with_it()
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
                metrics=settings.metrics_address,
                environment=settings.environment(),
            ),
            on_ready=ready,
            on_stop=manager.stopping,
        )
