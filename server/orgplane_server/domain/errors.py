"""What can go wrong, in the words of the domain. The doors translate these once, each in its own table.

OrgplaneError
├── InvalidArgument       the request can never succeed as it is; lists every violation
├── Unauthenticated       no usable credential
├── PermissionDenied      a known caller may not do this
├── NotFound              no such object, or none that the caller may know of
├── AlreadyExists         it would be a second one of what there can be only one of
├── VersionMismatch       the object is not at the version that the request is for
├── FailedPrecondition    the request is fine, the state of the organization is not
├── OutOfRange            what lies behind a place that was fine once is no longer kept
├── ResourceExhausted     as much as there may be of it at once is there already
└── Unavailable           nobody can answer now; whether a change was made may be unknown
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .quota import Quota


class Reason(StrEnum):
    """Stable, machine-readable causes; the same names as `orgplane.v1.ErrorReason`."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_MALFORMED = "TOKEN_MALFORMED"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    TOKEN_READ_ONLY = "TOKEN_READ_ONLY"
    USER_SUSPENDED = "USER_SUSPENDED"
    ORGANIZATION_NOT_FOUND = "ORGANIZATION_NOT_FOUND"
    USER_NOT_FOUND = "USER_NOT_FOUND"
    SCIM_CONFIGURATION_NOT_FOUND = "SCIM_CONFIGURATION_NOT_FOUND"
    SSO_CONFIGURATION_NOT_FOUND = "SSO_CONFIGURATION_NOT_FOUND"
    PERSONAL_ACCESS_TOKEN_NOT_FOUND = "PERSONAL_ACCESS_TOKEN_NOT_FOUND"
    SCIM_GROUP_NOT_FOUND = "SCIM_GROUP_NOT_FOUND"
    SCIM_CONFIGURATION_DISABLED = "SCIM_CONFIGURATION_DISABLED"
    SCIM_CONFIGURATION_UNLINKED = "SCIM_CONFIGURATION_UNLINKED"
    LAST_ADMINISTRATOR = "LAST_ADMINISTRATOR"
    AUDIT_LOG_ENTRY_NOT_FOUND = "AUDIT_LOG_ENTRY_NOT_FOUND"
    EVENTS_PURGED = "EVENTS_PURGED"
    TOO_MANY_WATCHERS = "TOO_MANY_WATCHERS"
    SERVER_STOPPING = "SERVER_STOPPING"
    SSO_CONFIGURATION_IN_USE = "SSO_CONFIGURATION_IN_USE"
    USER_LEFT = "USER_LEFT"
    SUSPENDED_BY_PROVIDER = "SUSPENDED_BY_PROVIDER"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    VERSION_MISMATCH = "VERSION_MISMATCH"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    OVERLOADED = "OVERLOADED"
    RATE_LIMITED = "RATE_LIMITED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELED = "CANCELED"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    UNSUPPORTED_ENCODING = "UNSUPPORTED_ENCODING"
    SERVICE_NOT_FOUND = "SERVICE_NOT_FOUND"
    DOMAIN_VERIFICATION_NOT_FOUND = "DOMAIN_VERIFICATION_NOT_FOUND"
    DOMAIN_RECORD_NOT_FOUND = "DOMAIN_RECORD_NOT_FOUND"
    DOMAIN_HELD = "DOMAIN_HELD"
    DOMAIN_VERIFIED_BY_OPERATOR = "DOMAIN_VERIFIED_BY_OPERATOR"
    DNS_UNAVAILABLE = "DNS_UNAVAILABLE"
    TOO_MANY_DOMAINS = "TOO_MANY_DOMAINS"
    INVITE_NOT_FOUND = "INVITE_NOT_FOUND"
    JOINING_RESTRICTED = "JOINING_RESTRICTED"
    ADDRESS_NOT_PROVEN = "ADDRESS_NOT_PROVEN"
    CODE_NOT_VALID = "CODE_NOT_VALID"
    MAIL_NOT_CONFIGURED = "MAIL_NOT_CONFIGURED"
    JOINING_DENIED = "JOINING_DENIED"
    ORGANIZATION_CREATION_DISABLED = "ORGANIZATION_CREATION_DISABLED"
    TOO_MANY_ORGANIZATIONS = "TOO_MANY_ORGANIZATIONS"
    FIRST_TOKEN_GIVEN = "FIRST_TOKEN_GIVEN"
    SIGN_IN_NOT_CONFIGURED = "SIGN_IN_NOT_CONFIGURED"
    NO_SESSION = "NO_SESSION"
    SUBJECTS_BOUND = "SUBJECTS_BOUND"
    SIGN_IN_DUE = "SIGN_IN_DUE"
    SIGN_IN_CODE_NOT_VALID = "SIGN_IN_CODE_NOT_VALID"
    SIGN_IN_ENDED = "SIGN_IN_ENDED"
    ROLE_ASSIGNMENT_NOT_FOUND = "ROLE_ASSIGNMENT_NOT_FOUND"
    TOO_MANY_ROLE_ASSIGNMENTS = "TOO_MANY_ROLE_ASSIGNMENTS"
    TOO_MANY_SCIM_CREDENTIALS = "TOO_MANY_SCIM_CREDENTIALS"
    SCIM_CREDENTIAL_NOT_FOUND = "SCIM_CREDENTIAL_NOT_FOUND"
    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    GROUP_MEMBERSHIP_NOT_FOUND = "GROUP_MEMBERSHIP_NOT_FOUND"
    GROUP_OF_PROVIDER = "GROUP_OF_PROVIDER"
    GROUP_NAME_AMBIGUOUS = "GROUP_NAME_AMBIGUOUS"
    DEPROVISIONING_PAUSED = "DEPROVISIONING_PAUSED"
    DEPROVISIONING_NOT_PAUSED = "DEPROVISIONING_NOT_PAUSED"
    SERVICE_ACCOUNT_NOT_FOUND = "SERVICE_ACCOUNT_NOT_FOUND"
    SERVICE_ACCOUNT_TOKEN_NOT_FOUND = "SERVICE_ACCOUNT_TOKEN_NOT_FOUND"
    SERVICE_ACCOUNT_SUSPENDED = "SERVICE_ACCOUNT_SUSPENDED"
    SERVICE_ACCOUNT_NEEDED = "SERVICE_ACCOUNT_NEEDED"
    USER_NEEDED = "USER_NEEDED"
    SERVICE_ACCOUNT_ENDED = "SERVICE_ACCOUNT_ENDED"
    ORGANIZATION_SUSPENDED = "ORGANIZATION_SUSPENDED"
    OPERATOR_NEEDED = "OPERATOR_NEEDED"
    OPERATOR_OUTSIDE = "OPERATOR_OUTSIDE"
    WEBHOOK_ENDPOINT_NOT_FOUND = "WEBHOOK_ENDPOINT_NOT_FOUND"
    WEBHOOK_DELIVERY_NOT_FOUND = "WEBHOOK_DELIVERY_NOT_FOUND"
    TOO_MANY_WEBHOOK_ENDPOINTS = "TOO_MANY_WEBHOOK_ENDPOINTS"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with one field.

    `field` is the path in the request as the API spells it (`pagination.page_size`), `rule` a stable
    id (`string.max_len`), `description` a sentence for people.
    """

    field: str
    description: str
    rule: str


class OrgplaneError(Exception):
    """Base of every error a caller may see. `str(error)` is safe to show to the caller."""

    reason: Reason = Reason.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        reason: Reason | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason or type(self).reason
        self.metadata: Mapping[str, str] = metadata or {}


class InvalidArgument(OrgplaneError):
    reason = Reason.INVALID_ARGUMENT

    def __init__(self, *violations: Violation, reason: Reason | None = None) -> None:
        super().__init__(
            "; ".join(f"{v.field}: {v.description}" for v in violations), reason=reason
        )
        self.violations = violations


class Unauthenticated(OrgplaneError):
    reason = Reason.UNAUTHENTICATED


class PermissionDenied(OrgplaneError):
    reason = Reason.PERMISSION_DENIED


class NotFound(OrgplaneError):
    """The text never tells an unknown id from one of another organization."""


class AlreadyExists(OrgplaneError):
    reason = Reason.ALREADY_EXISTS


class VersionMismatch(OrgplaneError):
    reason = Reason.VERSION_MISMATCH


class FailedPrecondition(OrgplaneError):
    pass


class OutOfRange(OrgplaneError):
    pass


class ResourceExhausted(OrgplaneError):
    """Trying again after `retry_after` seconds may do; `quota` is the caller's, if they have one."""

    def __init__(
        self,
        message: str,
        *,
        reason: Reason | None = None,
        metadata: Mapping[str, str] | None = None,
        retry_after: int = 1,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(message, reason=reason, metadata=metadata)
        self.retry_after = retry_after
        self.quota = quota


class Unavailable(OrgplaneError):
    """Trying again after `retry_after` seconds may do."""

    reason = Reason.STORAGE_UNAVAILABLE
    retry_after = 1
