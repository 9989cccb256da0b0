"""A sign-in, or a refusal of one, as the administrators of its SSO configuration see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .caller import Origin
from .identifier import OrganizationId, SignInAttemptId, SsoConfigurationId, UserId
from .sign_in import Denied, Refusal
from .text import fitting

DEFAULT_RETENTION = timedelta(days=30)
#: Attempts that are kept of each configuration.
MAXIMUM = 10_000
#: And of those of whom no provider said who they are: so many whoever knows a link can cause, and no more.
MAXIMUM_OF_STRANGERS = 1_000
#: Refusals of one kind, of one person or of nobody known, that are kept at once; then one a minute is.
AT_ONCE = 5
#: Refusals of whomever that are kept of a configuration in a minute.
PER_MINUTE = 60

_MAX_DETAIL = 1024
_MAX_EMAIL = 320


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider tells of, and the member that they are, as far as that is known.

    `email` only if it counts as verified (`domain.sign_in.verified`); no other claim is kept.
    """

    subject: str = ""
    email: str = ""
    user_id: UserId | None = None


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """`refusal` is None of one that succeeded. Nothing in it is a secret.

    `omitted` is how many refusals like it were not kept since the one before it. `sequence` is where it stands among all
    attempts, given by the store; 0 before that.
    """

    id: SignInAttemptId
    organization_id: OrganizationId
    sso_configuration_id: SsoConfigurationId
    attempted_at: datetime
    refusal: Refusal | None
    detail: str
    user_id: UserId | None
    subject: str
    email: str
    request_id: str
    peer: str
    omitted: int = 0
    sequence: int = 0

    @property
    def failed(self) -> bool:
        return self.refusal is not None


def attempt(
    id: SignInAttemptId,
    organization: OrganizationId,
    configuration: SsoConfigurationId,
    person: Person,
    denied: Denied | None,
    now: datetime,
    origin: Origin,
    omitted: int = 0,
) -> SignInAttempt:
    """The attempt that `person` made, and why they were `denied`, if they were."""
    return SignInAttempt(
        id=id,
        organization_id=organization,
        sso_configuration_id=configuration,
        attempted_at=now,
        refusal=None if denied is None else denied.refusal,
        detail="" if denied is None else fitting(denied.detail, _MAX_DETAIL),
        user_id=person.user_id or (None if denied is None else denied.member),
        subject=person.subject,
        email=fitting(person.email, _MAX_EMAIL),
        request_id=origin.request_id,
        peer=origin.peer,
        omitted=omitted,
    )
