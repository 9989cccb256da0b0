"""What both Python peers do: SQLAlchemy's ORM with asyncpg, as its documentation has it.

They serve a PostgreSQL database that Orgplane has made and seeded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

#: Fields that an update may change.
CHANGEABLE = ("name", "enabled", "sso_configuration_id", "allow_unverified_email_account_linking")


class Refused(Exception):
    """`code` is a gRPC status code's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012
        datetime: TIMESTAMP(timezone=True),
        dict: JSON().with_variant(JSONB(), "postgresql"),
    }


class Member(Base):
    __tablename__ = "member"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    status: Mapped[str]


class PersonalAccessToken(Base):
    __tablename__ = "personal_access_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    read_only: Mapped[bool]
    digest: Mapped[bytes]
    expires_at: Mapped[datetime]


class SsoConfiguration(Base):
    __tablename__ = "sso_configuration"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]


class ScimConfiguration(Base):
    __tablename__ = "scim_configuration"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    enabled: Mapped[bool]
    sso_configuration_id: Mapped[UUID | None]
    allow_unverified_email_account_linking: Mapped[bool]
    token_expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AuditEvent(Base):
    __tablename__ = "audit_event"

    sequence: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    occurred_at: Mapped[datetime]
    organization_id: Mapped[UUID]
    actor: Mapped[str]
    actor_id: Mapped[UUID]
    actor_token_id: Mapped[UUID]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    changes: Mapped[dict]  # type: ignore[type-arg]
    request_id: Mapped[str]
    peer: Mapped[str]


@dataclass(frozen=True)
class Caller:
    user_id: UUID
    organization_id: UUID
    token_id: UUID
    admin: bool
    read_only: bool
    peer: str

    def require(self, *, changes: bool) -> None:
        if not self.admin or (changes and self.read_only):
            raise Refused("PERMISSION_DENIED", "only an administrator may do this")


class Configurations:
    def __init__(self, url: str) -> None:
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=16, max_overflow=0
        )
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def authenticate(self, authorization: str, peer: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused("UNAUTHENTICATED", "an access token is needed")
        digest = hashlib.sha256(token.encode()).digest()
        async with self._sessions() as session:
            found = (
                await session.execute(
                    select(PersonalAccessToken, Member)
                    .join(Member, Member.id == PersonalAccessToken.user_id)
                    .where(PersonalAccessToken.digest == digest)
                )
            ).one_or_none()
        if found is None:
            raise Refused("UNAUTHENTICATED", "the token is unknown or revoked")
        access, member = found
        if access.expires_at <= datetime.now(UTC):
            raise Refused("UNAUTHENTICATED", "the token has expired")
        if member.status != "active":
            raise Refused("UNAUTHENTICATED", "the token's user is not active")
        return Caller(
            user_id=access.user_id,
            organization_id=access.organization_id,
            token_id=access.id,
            admin=member.role == "admin",
            read_only=access.read_only,
            peer=peer,
        )

    async def get(self, caller: Caller, id: UUID) -> ScimConfiguration:
        caller.require(changes=False)
        async with self._sessions() as session:
            return await _one(session, caller, id)

    async def page(
        self, caller: Caller, limit: int, token: str
    ) -> tuple[list[ScimConfiguration], str]:
        """A page, and the token of the next one."""
        caller.require(changes=False)
        try:
            after = UUID(bytes=base64.urlsafe_b64decode(token)) if token else UUID(int=0)
        except (ValueError, binascii.Error):
            raise Refused("INVALID_ARGUMENT", "not a page token") from None
        query = (
            select(ScimConfiguration)
            .where(
                ScimConfiguration.organization_id == caller.organization_id,
                ScimConfiguration.id > after,
            )
            .order_by(ScimConfiguration.id)
            .limit(limit + 1)
        )
        async with self._sessions() as session:
            found = list((await session.scalars(query)).all())
        if len(found) <= limit:
            return found, ""
        return found[:limit], base64.urlsafe_b64encode(found[limit - 1].id.bytes).decode()

    async def update(
        self, caller: Caller, id: UUID, changes: Mapping[str, Any]
    ) -> ScimConfiguration:
        caller.require(changes=True)
        async with self._sessions.begin() as session:
            configuration = await _one(session, caller, id, lock=True)
            differing = {
                name: (getattr(configuration, name), value)
                for name, value in changes.items()
                if getattr(configuration, name) != value
            }
            if not differing:
                return configuration
            if (
                link := changes.get("sso_configuration_id")
            ) and "sso_configuration_id" in differing:
                await _require_sso_configuration(session, caller, link)
            for name, (_, value) in differing.items():
                setattr(configuration, name, value)
            configuration.updated_at = max(
                datetime.now(UTC), configuration.updated_at + timedelta(microseconds=1)
            )
            session.add(
                AuditEvent(
                    id=uuid7(),
                    occurred_at=configuration.updated_at,
                    organization_id=caller.organization_id,
                    actor="user",
                    actor_id=caller.user_id,
                    actor_token_id=caller.token_id,
                    action="update",
                    subject="scim_configuration",
                    subject_id=id,
                    changes={
                        name: [_plain(before), _plain(after)]
                        for name, (before, after) in differing.items()
                    },
                    request_id=str(uuid7()),
                    peer=caller.peer,
                )
            )
        return configuration


async def _one(
    session: AsyncSession, caller: Caller, id: UUID, *, lock: bool = False
) -> ScimConfiguration:
    query = select(ScimConfiguration).where(
        ScimConfiguration.organization_id == caller.organization_id, ScimConfiguration.id == id
    )
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Refused("NOT_FOUND", "SCIM configuration not found")
    return found


async def _require_sso_configuration(session: AsyncSession, caller: Caller, id: UUID) -> None:
    query = select(SsoConfiguration.id).where(
        SsoConfiguration.organization_id == caller.organization_id, SsoConfiguration.id == id
    )
    if await session.scalar(query.with_for_update()) is None:
        raise Refused("NOT_FOUND", "sso_configuration_id: SSO configuration not found")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
