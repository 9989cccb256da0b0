"""What there is of things that an operator watches over, in all organizations together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: A credential that ends in less is one to be replaced.
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Census:
    """How many SCIM configurations are enabled and disabled, how many credentials of which kind end soon, and how many domains are
    proven, are so although the record that proves them is missing, and are not.

    Of personal access tokens only those count that were made for longer than `SOON`.
    """

    enabled_scim_configurations: int
    disabled_scim_configurations: int
    ending_scim_credentials: int
    ending_service_account_tokens: int
    ending_personal_access_tokens: int
    proven_domains: int
    missing_domains: int
    unproven_domains: int
