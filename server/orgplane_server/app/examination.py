"""Looks at what a server needs around it, and changes none of it: database, secret key, mail server, DNS, proxies."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..dns.records import TextRecords
from ..dns.resolver import Resolver
from ..dns.texts import NoAnswer
from ..domain.destination import in_the_clear
from ..domain.errors import Unavailable
from ..mail.relay import Delayed
from ..settings import PREFIX, SettingError, Settings
from ..store.engine.database import Database
from ..store.engine.database_url import DatabaseURLError, is_sqlite, sqlite_path
from ..store.engine.migrate import HEAD
from ..store.secret_key import find
from ..usecases.sealing import Sealer
from . import secret_key
from .finding import Finding
from .opening import DatabaseMissing, refuse_missing

#: A name that no resolver has, and each one says so (RFC 6761, section 6.4).
_NOWHERE = "orgplane.invalid"
_DNS_SECONDS = 3.0
_PROXY_SECONDS = 5.0
#: A question of the database should take no longer, nor its clock differ more, in seconds.
_SLOW = 0.02
_APART = 5.0


async def surroundings(settings: Settings) -> list[Finding]:
    """All but the database, at once."""
    found = await asyncio.gather(_mail(settings), _dns(settings), _outbound_proxy(settings))
    return [*(each for some in found for each in some), _public_url(settings)]


async def database(settings: Settings) -> tuple[list[Finding], Database | None]:
    """And the database, to be closed, if there is one whose schema is ours."""
    try:
        if (missing := await asyncio.to_thread(_missing, settings)) is not None:
            return [missing], None
        opened = Database.open(settings.database_url, 2, migrated=False)
    except (DatabaseMissing, DatabaseURLError, secret_key.SecretKeyError, SettingError) as error:
        return [Finding("database", "fail", str(error))], None
    try:
        found = await asyncio.to_thread(_condition, settings, opened)
        schema = await asyncio.to_thread(_schema, opened)
        found.append(schema)
        if schema.status == "ok":
            found.append(await _secret_key(settings, opened))
            return found, opened
    except Unavailable as error:
        remedy = "see the line above for its own words; look at address, user, password and whether it runs"
        await opened.aclose()
        return [Finding("database", "fail", str(error), remedy)], None
    except BaseException:
        await opened.aclose()
        raise
    await opened.aclose()
    return found, None


def _missing(settings: Settings) -> Finding | None:
    """Raises what `refuse_missing` does."""
    refuse_missing(settings)
    file = sqlite_path(settings.database_url)
    if file is None:
        if not is_sqlite(settings.database_url):
            return None
        what, remedy = "in memory: it ends with the server", "name a file for what is to last"
        return Finding("database", "warn", what, remedy)
    if Path(file).exists():
        return None
    what = f"the database {Path(file).absolute()} does not exist"
    remedy = f"say --database-url (or {PREFIX}DATABASE_URL) as the server has it; a server that starts makes it"
    return Finding("database", "fail", what, remedy)


def _condition(settings: Settings, opened: Database) -> list[Finding]:
    begun = time.perf_counter()
    found, took = opened.condition()
    answered = time.perf_counter()
    told = f"{found.version}, which answers in {took * 1000:.1f} ms"
    if took > _SLOW:
        remedy = "run server and database near each other: a call asks several times"
        findings = [Finding("database", "warn", told, remedy)]
    else:
        findings = [Finding("database", "ok", told)]
    remedy = "give the role, or the server's user, what is missing"
    findings += [Finding("database rights", "fail", each, remedy) for each in found.lacks]
    if found.now is not None:
        apart = abs((datetime.now(UTC) - found.now).total_seconds())
        apart = max(0.0, apart - (answered - begun))
        if apart > _APART:
            what = f"this machine's and the database's clock are {apart:.0f} seconds apart"
            findings.append(Finding("clock", "warn", what, "let both follow NTP"))
        else:
            findings.append(Finding("clock", "ok", "the database's clock is this machine's"))
    if (left := found.connections_left) is not None:
        wanted = settings.workers * (settings.database_connections + 2)
        what = f"the database takes {left} more; a server that starts makes up to {wanted}"
        if left < wanted:
            remedy = "raise max_connections there, or lower --database-connections; if the server runs, these are among those taken"
            findings.append(Finding("database connections", "warn", what, remedy))
        else:
            findings.append(Finding("database connections", "ok", what))
    return findings


def _schema(opened: Database) -> Finding:
    revision = opened.revision()
    if revision == HEAD:
        return Finding("schema", "ok", f"at revision {revision}")
    if revision is not None and revision > HEAD:
        what = f"at revision {revision}, this program knows only up to {HEAD}"
        return Finding("schema", "fail", what, "use the newer orgplane-server that migrated it")
    what = f"at revision {revision or 'none'}, this program needs {HEAD}"
    return Finding("schema", "warn", what, "start the server, or run orgplane-server migrate")


async def _secret_key(settings: Settings, opened: Database) -> Finding:
    check = "secret key"
    try:
        file = secret_key.path(settings)
        kept = None if file is None else secret_key.read(file)
    except (SettingError, secret_key.SecretKeyError) as error:
        return Finding(check, "fail", str(error))
    known = await opened.read(find)
    if kept is None and known is None:
        return Finding(check, "ok", "none yet; the first server that starts makes it")
    if kept is None:
        what = f"{file} is missing, and the database was sealed with the key in it"
        return Finding(check, "fail", what, "put it back, or name it with --secret-key-file")
    if known is not None and Sealer(kept.key).fingerprint != known:
        assert file is not None
        what = f"the key in {file} is not the one that this database was sealed with"
        remedy = "give --secret-key-file the file of the other servers"
        if secret_key.is_begun(file, known):
            remedy = "run orgplane-server rotate-secret-key again, which was interrupted"
        return Finding(check, "fail", what, remedy)
    assert file is not None
    mode = file.stat().st_mode & 0o777
    if mode & 0o037:  # a group of the operator's choice may read it: Kubernetes' fsGroup
        return Finding(check, "warn", f"{file} has mode {mode:04o}", f"chmod 600 {file}")
    return Finding(check, "ok", f"{file} is this database's")


async def _mail(settings: Settings) -> list[Finding]:
    try:
        relay = settings.relay()
    except SettingError as error:
        return [Finding("mail", "fail", str(error))]
    if relay is None:
        return [Finding("mail", "ok", "no server is set; what needs mail is refused")]
    where = f"{relay.host}:{relay.port}"
    try:
        await relay.greet()
    except Delayed as error:
        remedy = "look at --smtp-url, its password and --smtp-ca; letters wait meanwhile"
        return [Finding("mail", "fail", f"{where}: {error}", remedy)]
    return [Finding("mail", "ok", f"{where} would take letters")]


async def _dns(settings: Settings) -> list[Finding]:
    asked: list[tuple[str, tuple[Resolver, ...]]]
    asked = [(f"{each.address} port {each.port}", (each,)) for each in settings.resolvers]
    return list(
        await asyncio.gather(*(_resolver(*each) for each in asked or [("the system's", ())]))
    )


async def _resolver(name: str, resolvers: tuple[Resolver, ...]) -> Finding:
    try:
        await TextRecords(resolvers, _DNS_SECONDS).of(_NOWHERE)
    except NoAnswer as error:
        remedy = "look at --dns-resolvers and the firewall; without, no domain can be proven"
        return Finding("dns", "fail" if resolvers else "warn", f"{name}: {error}", remedy)
    return Finding("dns", "ok", f"{name} answers")


async def _outbound_proxy(settings: Settings) -> list[Finding]:
    if not settings.outbound_proxy:
        return []
    parts = urlsplit(settings.outbound_proxy)
    where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    try:
        host, _, port = where.rpartition(":")
        async with asyncio.timeout(_PROXY_SECONDS):
            _, connection = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError, ValueError) as error:
        what = f"{where} cannot be reached: {error or 'no answer in time'}"
        return [
            Finding("outbound proxy", "fail", what, "look at --outbound-proxy and the firewall")
        ]
    connection.close()
    with contextlib.suppress(OSError):
        await connection.wait_closed()
    return [Finding("outbound proxy", "ok", f"{where} takes connections")]


def _public_url(settings: Settings) -> Finding:
    check, url = "public url", settings.public_url
    host, _ = settings.address
    if not url and not _is_loopback(host):
        what = "it is not set: identity providers are told that resources are at the address the server listens at"
        return Finding(check, "warn", what, "set --public-url to where clients reach the server")
    if in_the_clear(url):
        what = f"{url} is http, so anybody on the way can read tokens"
        return Finding(check, "warn", what, "put TLS before the server, or give it --tls-cert")
    behind = url.startswith("https:") and settings.tls_cert is None
    if behind and not settings.proxies.networks:
        what = "a proxy seems to be before the server, and none is trusted: logs, audit trail and limits have its address for everybody's"
        return Finding(check, "warn", what, "name it in --trusted-proxies")
    if settings.proxies.networks and not url:
        what = "a proxy is trusted, and where clients reach it is not said"
        return Finding(check, "warn", what, "set --public-url")
    return Finding(check, "ok", url or "not needed: the server listens on this machine alone")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
