"""What changed, who did it, when and from where: one event for each change, kept with the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .caller import Caller, Origin
from .identifier import OrganizationId, PersonalAccessTokenId, UserId
from .revision import FieldChange


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Subject(StrEnum):
    """The kinds of object an event can be about."""

    ORGANIZATION = "organization"
    USER = "user"
    PERSONAL_ACCESS_TOKEN = "personal_access_token"
    SCIM_CONFIGURATION = "scim_configuration"
    SSO_CONFIGURATION = "sso_configuration"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    occurred_at: datetime
    organization_id: OrganizationId
    actor_user_id: UserId | None
    actor_token_id: PersonalAccessTokenId | None
    action: Action
    subject: Subject
    subject_id: UUID
    changes: Mapping[str, FieldChange]
    origin: Origin


def record(
    caller: Caller,
    action: Action,
    subject: Subject,
    subject_id: UUID,
    occurred_at: datetime,
    changes: Mapping[str, FieldChange] | None = None,
) -> AuditEvent:
    """The event that says `caller` did `action`, in the caller's organization."""
    return AuditEvent(
        occurred_at=occurred_at,
        organization_id=caller.organization_id,
        actor_user_id=caller.user_id,
        actor_token_id=caller.token_id,
        action=action,
        subject=subject,
        subject_id=subject_id,
        changes=changes or {},
        origin=caller.origin,
    )
