"""What the SCIM library is to tolerate when it checks bodies and applies operations."""

from __future__ import annotations

from typing import Any

from scim2_models import ScimPolicy

from ...domain.text import folded
from .deviation import deviation


@deviation
def unmatched_filter_creates(policy: ScimPolicy) -> ScimPolicy:
    """An entry that a filter of `eq` and `and` describes is made if there is none.

    Who: Entra sets `emails[type eq "work"].value` and `roles[primary eq "True"].display` of users without any.
    RFC: RFC 7644 section 3.5.2.3 answers noTarget, as is still done for other filters.
    """
    create = ScimPolicy.UnmatchedPathFilter.create
    return policy.model_copy(update={"unmatched_path_filter": create})


@deviation
def unknown_attributes(policy: ScimPolicy) -> ScimPolicy:
    """Attributes and schema URNs that no schema of ours declares are ignored, and told. `password` is one.

    To remove what is no attribute of a group, such as `member`, is refused: it might mean people.

    Who: Entra and Okta send what administrators map; Okta a placeholder password; Entra a schema URN of its own for groups.
    RFC: RFC 7644 section 3.12 answers invalidValue or invalidPath.
    """
    return policy.model_copy(update={"unknown": ScimPolicy.Unknown.ignore})


def compared(binding: Any, text: str) -> str:
    """What the SCIM library compares text by: what filters do."""
    return text if binding.case_exact else folded(text)


#: What the SCIM library is to tolerate when it checks bodies and applies operations.
POLICY = unmatched_filter_creates(unknown_attributes(ScimPolicy(comparison_key=compared)))
