"""When a call may be tried again, and how long to wait first."""

from __future__ import annotations

import random
from collections.abc import Callable

from orgplane_api.gitpod.v1.account_service_connect import AccountService
from orgplane_api.gitpod.v1.event_service_connect import EventService as AuditLogService
from orgplane_api.gitpod.v1.group_service_connect import GroupService
from orgplane_api.gitpod.v1.identity_service_connect import IdentityService
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationService
from orgplane_api.gitpod.v1.service_account_service_connect import ServiceAccountService
from orgplane_api.gitpod.v1.user_service_connect import UserService
from orgplane_api.orgplane.v1.domain_verification_service_connect import DomainVerificationService
from orgplane_api.orgplane.v1.email_invite_service_connect import EmailInviteService
from orgplane_api.orgplane.v1.event_service_connect import EventService
from orgplane_api.orgplane.v1.membership_service_connect import MembershipService
from orgplane_api.orgplane.v1.operator_service_connect import OperatorService
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenService,
)
from orgplane_api.orgplane.v1.role_service_connect import RoleService
from orgplane_api.orgplane.v1.scim_breaker_service_connect import ScimBreakerService
from orgplane_api.orgplane.v1.scim_credential_service_connect import ScimCredentialService
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import ScimProvisioningService
from orgplane_api.orgplane.v1.session_service_connect import SessionService
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import SignInAttemptService
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInService
from orgplane_api.orgplane.v1.sso_configuration_service_connect import SsoConfigurationService
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import WebhookEndpointService

from ..errors import (
    APIError,
    CertificateError,
    NotReachedError,
    ResourceExhaustedError,
    UnavailableError,
)

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
#: What a watch waits at most because it was asked to: whoever asked may be back sooner.
_LONGEST_PAUSE = 600.0
_NO_SIDE_EFFECTS = 1  # google.protobuf.MethodOptions.IdempotencyLevel

#: RPCs without side effects, as the contract marks them, in one word of lower case.
_READ_ONLY = frozenset(
    method.name.lower()
    for service in (
        AccountService,
        GroupService,
        IdentityService,
        OrganizationService,
        UserService,
        AuditLogService,
        EventService,
        ScimBreakerService,
        ScimCredentialService,
        ScimProvisioningService,
        SignInAttemptService,
        SsoConfigurationService,
        MembershipService,
        DomainVerificationService,
        EmailInviteService,
        SessionService,
        SignInService,
        PersonalAccessTokenService,
        RoleService,
        ServiceAccountService,
        OperatorService,
        WebhookEndpointService,
    )
    for method in service.desc().methods
    if method.idempotency == _NO_SIDE_EFFECTS
)


def is_read_only(rpc: Callable[..., object]) -> bool:
    """Whether a generated client's method (`get_scim_configuration`) is an RPC without side effects."""
    return getattr(rpc, "__name__", "").replace("_", "") in _READ_ONLY


def delay(
    error: BaseException,
    attempt: int,
    read_only: bool,
    jitter: Callable[[], float] = random.random,
) -> float | None:
    """Seconds to wait before trying again after failure number `attempt` (from 0); None: do not.

    What changes something is tried again only if it never reached the server. Exponential with full
    jitter, and never before the server's RetryInfo.
    """
    if not read_only and not isinstance(error, NotReachedError):
        return None
    if not isinstance(error, (UnavailableError, ResourceExhaustedError)):
        return None
    if isinstance(error, CertificateError):
        return None  # it will be the same
    if isinstance(error, ResourceExhaustedError) and error.retry_after is None:
        return None  # too large, not too much: it would be so again
    asked = error.retry_after.total_seconds() if error.retry_after else 0.0
    longest: float = min(_LONGEST_DELAY, _FIRST_DELAY * 2**attempt)
    return asked + jitter() * longest


#: What a broken connection looks like in one protocol or another; the server itself gives a reason.
_BROKEN = frozenset(
    {
        *("unavailable", "internal", "unknown", "data_loss"),
        *("canceled", "aborted", "deadline_exceeded"),
    }
)


def watch_delay(
    error: BaseException,
    attempt: int,
    established: bool,
    max_retries: int,
    jitter: Callable[[], float] = random.random,
) -> float | None:
    """Seconds to wait before a watch connects again after failure number `attempt` in a row; None: do not.

    As `delay`, but for ever once it was `established`, whatever shows that the connection broke, and
    never longer than ten minutes.
    """
    if not isinstance(error, APIError) or (not established and attempt >= max_retries):
        return None
    if not error.reason and error.code in _BROKEN:
        longest: float = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(attempt, 16))
        return jitter() * longest
    asked = delay(error, min(attempt, 16), True, jitter)
    return None if asked is None else min(asked, _LONGEST_PAUSE)
