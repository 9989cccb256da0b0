"""What the commands do with the database; a server's supervising process never imports it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from ..domain.errors import OrgplaneError
from ..domain.identifier import (
    ApplicationId,
    ApplicationSecretId,
    OperatorTokenId,
    OrganizationId,
)
from ..domain.instant import system_clock
from ..domain.letter import Letter
from ..domain.membership import SharedAddress
from ..domain.operator import OperatorToken
from ..domain.sso_configuration import UnprovenDomain
from ..settings import PREFIX, SettingError, Settings, duration
from ..store.backup import CopyError
from ..store.engine.database import Database
from ..store.engine.database_url import DatabaseURLError, is_sqlite, sqlite_path
from ..store.engine.migrate import SchemaTooNew
from ..usecases.application import Applications, Registered
from ..usecases.application import Overview as OverviewOfApplication
from ..usecases.doctor import Doctor
from ..usecases.domain_verification import Vouching
from ..usecases.operator import LetIn, Operations, Overview
from ..usecases.operator_token import Minted, OperatorTokens
from ..usecases.organization import Foundation, Founded
from ..usecases.secret_key import CannotOpen
from ..usecases.signing_key import Rotation
from . import backup as backups
from . import examination, key_rotation, secret_key
from .finding import Finding
from .opening import DatabaseMissing, open_database, refuse_missing

#: What an operator can put right.
TROUBLE = (
    OrgplaneError,
    SettingError,
    DatabaseURLError,
    SchemaTooNew,
    DatabaseMissing,
    backups.BackupError,
    CopyError,
    secret_key.SecretKeyError,
    CannotOpen,
)


async def prepare(settings: Settings) -> bool:
    """Brings the database and the key that `serve` needs into being; whether they outlive the process.

    Whatever is wrong with them is said before the listener starts.
    """
    lasting = _outlives_us(settings)
    if settings.workers > 1 and not lasting:
        raise SettingError("workers: more than 1 cannot share a database in memory; name a file")
    settings.relay()
    if lasting:
        key_file = secret_key.path(settings)
        async with contextlib.aclosing(_open(settings)) as database:
            await secret_key.of(database, key_file)
    return lasting


async def create_organization(
    settings: Settings, name: str, admin_email: str, admin_name: str
) -> Founded:
    async with contextlib.aclosing(_open(settings)) as database:
        return await Foundation(database, system_clock).create(name, admin_email, admin_name)


async def create_token(
    settings: Settings,
    organization: uuid.UUID,
    email: str,
    valid_for: str | None,
    make_administrator: bool,
) -> LetIn:
    lifetime = None if valid_for is None else duration("valid_for", valid_for)
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await Operations(database, system_clock).create_token(
            OrganizationId(organization),
            email,
            lifetime=lifetime,
            make_administrator=make_administrator,
        )


async def verify_domain(
    settings: Settings, organization: uuid.UUID, domain: str, private: bool, withdraw: bool
) -> str:
    """The domain in its normal form."""
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        vouching = Vouching(database, system_clock, shared=settings.shared_domains)
        if withdraw:
            return (await vouching.withdraw(OrganizationId(organization), domain)).domain
        claim = await vouching.vouch(OrganizationId(organization), domain, private=private)
        return claim.domain


async def list_organizations(settings: Settings) -> list[Overview]:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await Operations(database, system_clock).organizations()


async def create_application(
    settings: Settings, name: str, return_to: list[str], organizations: list[uuid.UUID]
) -> Registered:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        ids = [OrganizationId(each) for each in organizations]
        return await Applications(database, system_clock).create(name, return_to, ids)


async def list_applications(settings: Settings) -> list[OverviewOfApplication]:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await Applications(database, system_clock).list()


async def add_application_secret(settings: Settings, application: uuid.UUID) -> Registered:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await Applications(database, system_clock).add_secret(ApplicationId(application))


async def remove_application_secret(
    settings: Settings, application: uuid.UUID, secret: uuid.UUID
) -> None:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        await Applications(database, system_clock).remove_secret(
            ApplicationId(application), ApplicationSecretId(secret)
        )


async def delete_application(settings: Settings, application: uuid.UUID) -> None:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        await Applications(database, system_clock).delete(ApplicationId(application))


async def create_operator_token(settings: Settings, name: str, read_only: bool, by: str) -> Minted:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        tokens = OperatorTokens(database, system_clock)
        return await tokens.create(name, read_only=read_only, by=by)


async def list_operator_tokens(settings: Settings, revoked: bool) -> list[OperatorToken]:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await OperatorTokens(database, system_clock).list(revoked=revoked)


async def revoke_operator_token(settings: Settings, token: uuid.UUID, by: str) -> None:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        await OperatorTokens(database, system_clock).revoke(OperatorTokenId(token), by=by)


async def rotate_signing_key(settings: Settings, forget: bool) -> None:
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        await Rotation(database, system_clock).rotate(forget=forget)


async def rotate_secret_key(
    settings: Settings, new_key_file: Path | None, forget: bool
) -> key_rotation.Rotated:
    if (path := secret_key.path(settings)) is None:
        raise DatabaseURLError("a database in memory ends with its process; name a file")
    async with contextlib.aclosing(await _open_existing(settings)) as database:
        return await key_rotation.rotate(database, system_clock, path, new_key_file, forget=forget)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How the surroundings are, and what is to be put right within organizations, if the database could be asked."""

    surroundings: list[Finding]
    shared_addresses: list[SharedAddress] = field(default_factory=list)
    unproven_domains: list[UnprovenDomain] = field(default_factory=list)
    waiting_letters: list[Letter] = field(default_factory=list)


async def examine(settings: Settings) -> Diagnosis:
    found, database = await examination.database(settings)
    found += await examination.surroundings(settings)
    if database is None:
        return Diagnosis(found)
    async with contextlib.aclosing(database):
        doctor = Doctor(database, system_clock)
        return Diagnosis(
            found,
            await doctor.shared_addresses(),
            await doctor.unproven_domains(),
            await doctor.waiting_letters(),
        )


async def back_up(settings: Settings, file: Path, with_key: bool, force: bool) -> backups.Backup:
    return await asyncio.to_thread(backups.back_up, settings, file, with_key=with_key, force=force)


async def restore(settings: Settings, file: Path, with_key: bool, force: bool) -> backups.Restored:
    return await asyncio.to_thread(
        backups.restore, settings, file, system_clock, with_key=with_key, force=force
    )


async def migrate(settings: Settings) -> str:
    async with contextlib.aclosing(_open(settings)) as database:
        return database.migrate()


async def pending(settings: Settings) -> str | None:
    refuse_missing(settings)
    file = sqlite_path(settings.database_url)
    if file is not None and not await asyncio.to_thread(Path(file).exists):
        return f"there is no database {file} yet"
    async with contextlib.aclosing(_open(settings, migrated=False)) as database:
        return database.pending()


async def _open_existing(settings: Settings) -> Database:
    """For what is about organizations that are there: it never makes an empty database."""
    refuse_missing(settings)
    file = sqlite_path(settings.database_url)
    if file is not None and not await asyncio.to_thread(Path(file).exists):
        raise DatabaseURLError(
            f"{shown(settings)} does not exist; say --database-url (or {PREFIX}DATABASE_URL) as the server has it"
        )
    return _open(settings)


def shown(settings: Settings) -> str:
    """Which database, without a password."""
    file = sqlite_path(settings.database_url)
    return "the database" if file is None else f"the database {Path(file).absolute()}"


def _open(settings: Settings, *, migrated: bool = True) -> Database:
    if not _outlives_us(settings):
        raise DatabaseURLError("a database in memory ends with its process; name a file")
    return open_database(settings, connections=2, migrated=migrated)


def _outlives_us(settings: Settings) -> bool:
    url = settings.database_url
    return not is_sqlite(url) or sqlite_path(url) is not None
