"""What an organization lets its members do; of the contract's policies those that have an effect here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from .errors import InvalidArgument, Violation
from .identifier import OrganizationId


@dataclass(frozen=True, slots=True)
class OrganizationPolicies:
    """`id` is the organization's, and so is `updated_at`.

    With `restrict_account_creation_to_scim` only SCIM makes members: nobody joins.
    """

    id: OrganizationId
    restrict_account_creation_to_scim: bool
    updated_at: datetime


class OrganizationPoliciesChanges(TypedDict, total=False):
    """What to change; an absent key leaves its policy as it is."""

    restrict_account_creation_to_scim: bool


def without_effect(fields: Iterable[str]) -> InvalidArgument:
    """Refuses policies that would be kept and do nothing."""
    why = "is about what this server does not have, and cannot be set"
    return InvalidArgument(*(Violation(name, why, "policy.supported") for name in fields))
