"""Sign-outs: applications are told which sign-ins to them something has ended, so that they end what they have made of them.

A sign-in that ends by time alone is not told: the application knows since it began when it ends (`Session.expires_at`), and unused ends by
its own not asking. Those that are told are kept longer than any sign-in lasts, so whoever listens again later than that has missed
nothing that still counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .identifier import ApplicationId, OrganizationId, SessionId, UserId

#: How long one is told.
KEPT = timedelta(days=7)


class SignOutReason(StrEnum):
    """What has ended a sign-in."""

    #: The member was suspended, has left, or was deleted, by whomever.
    MEMBER = "member"
    #: The SSO configuration was deleted, became INACTIVE, or lets in others now.
    SSO_CONFIGURATION = "sso_configuration"
    #: The SCIM configuration that provisions the member was unlinked or deleted.
    SCIM_CONFIGURATION = "scim_configuration"
    #: The organization's provider has logged the member out.
    PROVIDER = "provider"
    #: The organization was deleted.
    ORGANIZATION = "organization"
    #: The application has, or its code was shown twice.
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class SignOut:
    """`sequence` is its place among all."""

    sequence: int
    application_id: ApplicationId
    sign_in_id: SessionId
    organization_id: OrganizationId
    user_id: UserId
    ended_at: datetime
    reason: SignOutReason
