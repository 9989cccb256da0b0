"""The server's settings, and the only reader of its environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args

from .dns.resolver import Resolver
from .domain.client_address import TrustedProxies
from .domain.destination import AllowedHosts
from .domain.scim_query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from .mail.relay import Relay
from .mail.sender import Sender
from .store.engine import DEFAULT_CONNECTIONS
from .telemetry.logs import LogFormat, LogLevel

PREFIX = "ORGPLANE_"
CpuAffinity = Literal["one", "any"]
UnknownJSONFields = Literal["refuse", "ignore"]
UniqueAddresses = Literal["allow", "refuse"]

#: What no number of these is above, so that what is made of it is still a number, a time, a process.
_MOST: Mapping[str, int] = {
    "workers": 1024,
    "database_connections": 10_000,
    "max_request_bytes": 1 << 30,
    "request_timeout": 86_400,
    "drain_grace": 86_400,
    "watch_heartbeat": 86_400,
    "scim_log_maximum": 1_000_000_000,
    "scim_page_size": MAX_PAGE_SIZE,
    "failed_tokens_per_minute": 1_000_000_000,
    "tokenless_calls_per_minute": 1_000_000_000,
    "requests_per_second": 1_000_000,
}
_ANY_NUMBER = (  # is 0
    "failed_tokens_per_minute",
    "tokenless_calls_per_minute",
    "requests_per_second",
)
_LONGEST = timedelta(days=36_500)

#: A proxy, with or without user name and password.
_PROXY = re.compile(r"https?://(?:[^@/\s]+@)?[^@/?#\s]+/?")
#: An origin as browsers write it (RFC 6454, section 6.2), without a path or a slash at the end.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", re.ASCII)

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class SettingError(ValueError):
    """A setting has a value that it cannot have; the text names the setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the flag of the same name (`--database-url`) and a variable (`ORGPLANE_DATABASE_URL`).

    `listen` is HOST:PORT (port 0: any free one), on which `workers` processes serve;
    `metrics_listen` is HOST:PORT where the command itself tells what the processes count, nowhere if it is empty;
    `database_connections` bounds those that each process makes to PostgreSQL;
    `max_request_bytes` bounds a request's body; `unknown_json_fields` says what becomes of fields that are in no
    message here;
    `request_timeout` is the seconds a call may take, from its first byte to its answer; `drain_grace`
    the seconds that calls get to finish when the server stops; `public_url` is where clients reach the
    server if that is not where it listens; `cors_allowed_origins` are separated by commas, and so are `return_origins`, where browsers may
    be sent after a sign-in,
    `sso_allowed_hosts` (HOST or HOST:PORT), where the issuer of an SSO configuration may be plain http or at a private address,
    `webhook_allowed_hosts` (the same), where a webhook endpoint may be so, and
    `trusted_proxies` (addresses and networks), which are believed when they say whom they pass requests on for. From one
    address, `failed_tokens_per_minute` and `tokenless_calls_per_minute` are answered (0: any number), and `requests_per_second` with one credential while others wait. `audit_retention` is how long audit
    events are kept (`90d`, `12h`; None: for ever), `watch_heartbeat` the seconds after which a watch
    that has nothing to tell says so. `scim_log_retention` is how long the requests of identity
    providers are kept, `scim_log_maximum` how many of each SCIM configuration, `scim_log_bodies` whether
    their bodies are, `sign_in_log_retention` how long sign-ins and refusals are kept, `webhook_log_retention` how long deliveries to webhook endpoints are; `scim_page_size` is how many users or groups they get at once;
    `outbound_ca` are authorities that are trusted beside the system's where the server asks others, `outbound_proxy` is what it
    asks through; `dns_resolvers` (addresses, with a port if it is not 53; separated by commas) are asked for the records that prove domains, by default those of the system;
    `domain_grace` is how long such a record may be missing, `shared_domains` whether several organizations may hold one domain,
    `allow_organization_creation` whether members may create organizations;
    `smtp_url` is the mail server (smtp[s]://USER:PASSWORD@HOST:PORT), whose password may be in `smtp_password_file`, and which a certificate
    of `smtp_ca` may prove beside the public ones; `mail_from` is whom letters are from;
    `unique_addresses` says what becomes of a second active member with an e-mail address. `cpu_affinity` says whether a worker's interpreter keeps to one CPU. The last four fields are set by
    the server for its own child processes: where demo data is reported, the pipe that tells of the drain,
    which of the workers it is, and the Python that runs the server.
    """

    listen: str = "127.0.0.1:8080"
    workers: int = 1
    database_url: str = field(default="sqlite:///orgplane.db", repr=False)
    database_connections: int = DEFAULT_CONNECTIONS
    secret_key_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    cpu_affinity: CpuAffinity = "one"
    metrics_listen: str = ""
    log_format: LogFormat = "text"
    log_level: LogLevel = "info"
    max_request_bytes: int = 1024 * 1024
    unknown_json_fields: UnknownJSONFields = "refuse"
    request_timeout: float = 30.0
    drain_grace: float = 20.0
    public_url: str = ""
    trusted_proxies: str = ""
    failed_tokens_per_minute: int = 600
    tokenless_calls_per_minute: int = 3000
    requests_per_second: int = 50
    cors_allowed_origins: str = ""
    return_origins: str = ""
    sso_allowed_hosts: str = ""
    webhook_allowed_hosts: str = ""
    outbound_ca: Path | None = None
    outbound_proxy: str = field(default="", repr=False)
    dns_resolvers: str = ""
    domain_grace: str = "7d"
    allow_organization_creation: bool = False
    shared_domains: bool = False
    smtp_url: str = field(default="", repr=False)
    smtp_password_file: Path | None = None
    smtp_ca: Path | None = None
    mail_from: str = ""
    audit_retention: str | None = None
    watch_heartbeat: float = 30.0
    scim_log_retention: str = "30d"
    scim_log_maximum: int = 10_000
    scim_log_bodies: bool = False
    scim_page_size: int = DEFAULT_PAGE_SIZE
    sign_in_log_retention: str = "30d"
    webhook_log_retention: str = "7d"
    unique_addresses: UniqueAddresses = "allow"
    demo: bool = False
    demo_report: Path | None = None
    lifeline: Path | None = None
    worker: int = 0
    python: Path | None = None

    def __post_init__(self) -> None:
        self.address, self.origins, self.returns, self.sso_hosts, self.proxies  # noqa: B018  (raise when malformed)
        self.webhook_hosts  # noqa: B018
        if self.log_format not in get_args(LogFormat):
            raise SettingError("log_format: expected text or json")
        if self.log_level not in get_args(LogLevel):
            raise SettingError("log_level: expected info, warning or error")
        if self.cpu_affinity not in get_args(CpuAffinity):
            raise SettingError("cpu_affinity: expected one or any")
        if self.unknown_json_fields not in get_args(UnknownJSONFields):
            raise SettingError("unknown_json_fields: expected refuse or ignore")
        if self.unique_addresses not in get_args(UniqueAddresses):
            raise SettingError("unique_addresses: expected allow or refuse")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingError("tls_cert and tls_key: give both or neither")
        if self.client_ca is not None and self.tls_cert is None:
            raise SettingError("client_ca: needs tls_cert and tls_key")
        if self.public_url and not _is_origin(self.public_url):
            raise SettingError(
                "public_url: expected for example https://id.example.com, without a path"
            )
        if bool(self.smtp_url) != bool(self.mail_from):
            raise SettingError("smtp_url and mail_from: give both or neither")
        for name, most in _MOST.items():
            value = getattr(self, name)
            if not (value > 0 or (value == 0 and name in _ANY_NUMBER)):  # nor is what is no number
                none = ", or 0 for no limit" if name in _ANY_NUMBER else ""
                raise SettingError(f"{name}: must be positive{none}")
            if value > most:
                raise SettingError(f"{name}: must be at most {most}")
        if self.outbound_proxy and not _PROXY.fullmatch(self.outbound_proxy):
            raise SettingError("outbound_proxy: expected for example http://proxy.example.com:3128")
        if self.outbound_ca is not None:
            _check_authorities(self.outbound_ca)
        # These raise when malformed.
        self.retention, self.scim_log_kept, self.sign_in_log_kept, self.domain_kept, self.resolvers  # noqa: B018
        self.metrics_address, self.webhook_log_kept  # noqa: B018

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`; an IPv6 host is in brackets there, and without them here."""
        return _address("listen", self.listen, "127.0.0.1:8080")

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """`metrics_listen`, as `address`."""
        if not self.metrics_listen:
            return None
        return _address("metrics_listen", self.metrics_listen, "127.0.0.1:9090")

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_allowed_origins`; a `*` among them stands for all."""
        return _origins("cors_allowed_origins", self.cors_allowed_origins, all_="*")

    @property
    def returns(self) -> tuple[str, ...]:
        """The origins of `return_origins`."""
        return _origins("return_origins", self.return_origins)

    @property
    def sso_hosts(self) -> AllowedHosts:
        """`sso_allowed_hosts`, and for the demo this machine."""
        try:
            return AllowedHosts.parse(self.sso_allowed_hosts, loopback=self.demo)
        except ValueError as error:
            raise SettingError(f"sso_allowed_hosts: {error}") from None

    @property
    def webhook_hosts(self) -> AllowedHosts:
        """`webhook_allowed_hosts`, and for the demo this machine."""
        try:
            return AllowedHosts.parse(
                self.webhook_allowed_hosts, loopback=self.demo, option="--webhook-allowed-hosts"
            )
        except ValueError as error:
            raise SettingError(f"webhook_allowed_hosts: {error}") from None

    @property
    def proxies(self) -> TrustedProxies:
        """`trusted_proxies`, read."""
        try:
            return TrustedProxies.parse(self.trusted_proxies)
        except ValueError as error:
            raise SettingError(f"trusted_proxies: {error}") from None

    @property
    def resolvers(self) -> tuple[Resolver, ...]:
        """`dns_resolvers`, read."""
        listed = filter(None, map(str.strip, self.dns_resolvers.split(",")))
        try:
            return tuple(map(Resolver.parse, listed))
        except ValueError as error:
            raise SettingError(f"dns_resolvers: {error}") from None

    def relay(self) -> Relay | None:
        """The mail server of `smtp_url`, if there is one; reads the file with its password."""
        if not self.smtp_url:
            return None
        try:
            sender = Sender.parse(self.mail_from)
        except ValueError as error:
            raise SettingError(f"mail_from: {error}") from None
        file, password = self.smtp_password_file, ""
        try:
            password = "" if file is None else file.read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise SettingError(f"smtp_password_file: cannot read {file}") from None
        if self.smtp_ca is not None and not self.smtp_ca.is_file():
            raise SettingError(f"smtp_ca: cannot read {self.smtp_ca}")
        try:
            return Relay.parse(self.smtp_url, sender, password, self.smtp_ca)
        except ValueError as error:
            raise SettingError(f"smtp_url: {error}") from None

    @property
    def domain_kept(self) -> timedelta:
        """`domain_grace` as a duration."""
        return duration("domain_grace", self.domain_grace)

    @property
    def retention(self) -> timedelta | None:
        """`audit_retention` as a duration."""
        kept = self.audit_retention
        return None if kept is None else duration("audit_retention", kept)

    @property
    def scim_log_kept(self) -> timedelta:
        """`scim_log_retention` as a duration."""
        return duration("scim_log_retention", self.scim_log_retention)

    @property
    def sign_in_log_kept(self) -> timedelta:
        """`sign_in_log_retention` as a duration."""
        return duration("sign_in_log_retention", self.sign_in_log_retention)

    @property
    def webhook_log_kept(self) -> timedelta:
        """`webhook_log_retention` as a duration."""
        return duration("webhook_log_retention", self.webhook_log_retention)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingError for a value that cannot be read."""
        values: dict[str, object] = {}
        for setting in fields(cls):
            text = environment.get(PREFIX + setting.name.upper())
            if text:
                values[setting.name] = read(setting.name, str(setting.type), text)
        return cls(**values)  # type: ignore[arg-type]

    def environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads these settings from."""
        # All of them: nothing is left to what else the environment says.
        return {
            PREFIX + setting.name.upper(): _write(getattr(self, setting.name))
            for setting in fields(self)
        }


def loader_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a Python needs to find its own shared library, where that is not in the usual place."""
    name = "LD_LIBRARY_PATH"
    return {name: environment[name]} if name in environment else {}


def traces_protocol(environment: Mapping[str, str] = os.environ) -> str | None:
    """The OTLP protocol by which OpenTelemetry's own variables ask for traces to be sent; None if they ask for none.

    What they say beyond that is its SDK's affair.
    """

    def said(name: str) -> str:
        return environment.get(f"OTEL_{name}", "").strip()

    if said("SDK_DISABLED").lower() == "true":
        return None
    exporters = [each.strip() for each in said("TRACES_EXPORTER").split(",")]
    endpoint = said("EXPORTER_OTLP_TRACES_ENDPOINT") or said("EXPORTER_OTLP_ENDPOINT")
    if "otlp" not in exporters and (exporters != [""] or not endpoint):
        return None
    protocol = said("EXPORTER_OTLP_TRACES_PROTOCOL") or said("EXPORTER_OTLP_PROTOCOL")
    return protocol or "http/protobuf"


def duration(name: str, text: str) -> timedelta:
    """What `90d`, `12h` or `52w` says. Raises SettingError, naming the setting, for anything else."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text, re.ASCII)
    if match is None:
        raise SettingError(f"{name}: expected a duration such as 90d, 12h or 52w")
    if (long := int(match[1]) * _UNITS[match[2]]) > _LONGEST:
        raise SettingError(f"{name}: must be at most {_LONGEST.days}d")
    return long


def _address(name: str, text: str, example: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingError(f"{name}: expected HOST:PORT, for example {example}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _check_authorities(file: Path) -> None:
    import ssl  # here, as only those who set it need it so early

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        raise SettingError(f"outbound_ca: {file} has no certificate in PEM") from None
    except OSError as error:
        raise SettingError(f"outbound_ca: cannot read {file}: {error.strerror}") from None


def _origins(name: str, text: str, all_: str = "") -> tuple[str, ...]:
    origins = tuple(filter(None, map(str.strip, text.split(","))))
    for origin in origins:
        if origin != all_ and not _is_origin(origin):
            or_all = f", or {all_} for all" if all_ else ""
            raise SettingError(
                f"{name}: {origin!r} is no origin; expected for example https://app.example.com{or_all}"
            )
    return origins


def _is_origin(text: str) -> bool:
    match = _ORIGIN.fullmatch(text)
    return match is not None and int(match[1] or 0) <= 65535


def read(name: str, kind: str, text: str) -> object:
    """What a variable says, as the type of its setting. Raises SettingError."""
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
            case "Path | None":
                return Path(text)
            case _:
                return text
    except (ValueError, KeyError):
        raise SettingError(f"{name}: cannot read {text!r} as {kind}") from None


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
