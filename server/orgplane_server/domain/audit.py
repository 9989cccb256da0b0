"""What changed, who did it, when and from where: one event for each change, kept with the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .caller import Caller, Origin
from .errors import NotFound, OutOfRange, Reason
from .identifier import AuditEventId, OrganizationId
from .joining import Newcomer
from .operator import Operator
from .provisioner import Provisioner
from .revision import FieldChange
from .sign_in import Voucher


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
    GROUP = "group"
    DOMAIN_VERIFICATION = "domain_verification"
    ORGANIZATION_POLICY = "organization_policy"
    ROLE_ASSIGNMENT = "role_assignment"
    SERVICE_ACCOUNT = "service_account"
    SERVICE_ACCOUNT_TOKEN = "service_account_token"
    WEBHOOK_ENDPOINT = "webhook_endpoint"


class ActorKind(StrEnum):
    """Who does something: a member, a service account, an identity provider by SCIM or by sign-ins, or whoever runs the server, itself included."""

    USER = "user"
    SCIM_CONFIGURATION = "scim_configuration"
    SSO_CONFIGURATION = "sso_configuration"
    OPERATOR = "operator"
    SERVICE_ACCOUNT = "service_account"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """`actor_id` is None for an operator; `actor_token_id` is set for a user, though not when they
    join, for a service account, and for an operator who came with a token.

    `sequence` is where the event stands among all events, given by the store; 0 before that.
    """

    id: AuditEventId
    occurred_at: datetime
    organization_id: OrganizationId
    actor: ActorKind
    actor_id: UUID | None
    actor_token_id: UUID | None
    action: Action
    subject: Subject
    subject_id: UUID
    changes: Mapping[str, FieldChange]
    origin: Origin
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What narrows events: None narrows nothing, an empty collection lets nothing pass.

    `since` is the first moment of interest, `until` the first one after the last.
    """

    actors: frozenset[UUID] | None = None
    actor_kinds: frozenset[ActorKind] | None = None
    subject_ids: frozenset[UUID] | None = None
    subjects: frozenset[Subject] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def passes(self, event: AuditEvent) -> bool:
        return (
            (self.actors is None or event.actor_id in self.actors)
            and (self.actor_kinds is None or event.actor in self.actor_kinds)
            and (self.subject_ids is None or event.subject_id in self.subject_ids)
            and (self.subjects is None or event.subject in self.subjects)
            and (self.since is None or event.occurred_at >= self.since)
            and (self.until is None or event.occurred_at < self.until)
        )


def record(
    id: AuditEventId,
    caller: Caller | Operator | Provisioner | Newcomer | Voucher,
    action: Action,
    subject: Subject,
    subject_id: UUID,
    occurred_at: datetime,
    changes: Mapping[str, FieldChange] | None = None,
) -> AuditEvent:
    """The event that says `caller` did `action`, in the caller's organization."""
    actor: tuple[ActorKind, UUID | None, UUID | None]
    match caller:
        case Caller():
            kind = ActorKind.SERVICE_ACCOUNT if caller.service_account else ActorKind.USER
            actor = (kind, caller.id, caller.token_id)
        case Newcomer():
            actor = (ActorKind.USER, caller.user_id, None)
        case Provisioner():
            actor = (ActorKind.SCIM_CONFIGURATION, caller.id, None)
        case Voucher():
            actor = (ActorKind.SSO_CONFIGURATION, caller.id, None)
        case Operator():
            actor = (ActorKind.OPERATOR, None, caller.token_id)
    return AuditEvent(
        id=id,
        occurred_at=occurred_at,
        organization_id=caller.organization_id,
        actor=actor[0],
        actor_id=actor[1],
        actor_token_id=actor[2],
        action=action,
        subject=subject,
        subject_id=subject_id,
        changes=changes or {},
        origin=caller.origin,
    )


def purged() -> OutOfRange:
    return OutOfRange(
        "events behind the cursor are no longer kept; start without one",
        reason=Reason.EVENTS_PURGED,
    )


def not_found() -> NotFound:
    return NotFound("audit log entry not found", reason=Reason.AUDIT_LOG_ENTRY_NOT_FOUND)
