"""What every example does, as it tells it."""

from __future__ import annotations

import re

import orgplane
from processes import Organization

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def check(told: list[str], organization: Organization, client: orgplane.Client) -> None:
    """All of it happened, and nothing is left behind."""
    user, acme = organization.user_id, organization.organization_id
    patterns = [
        f"signed in as user {user} of organization {acme}",
        f"created SSO configuration {_UUID}",
        *(f'created SCIM configuration ({_UUID}) "{n}"' for n in ("Okta", "Entra", "OneLogin")),
        'updated it: name "Okta, paused", enabled false',
        rf"event: (?:RESOURCE_OPERATION_)?UPDATE (?:RESOURCE_TYPE_)?SCIM_CONFIGURATION of ({_UUID}) "
        r"changes (?=.*\bname\b)(?=.*\benabled\b).*",
        "listed 3 SCIM configurations on 2 pages",
        "refused: (?i:invalid_?argument), reason INVALID_ARGUMENT",
        "  scim_configuration_id: must be a valid UUID",
    ]
    assert len(told) == len(patterns), "\n".join(told)
    matches = []
    for pattern, line in zip(patterns, told, strict=True):
        match = re.fullmatch(pattern, line)
        assert match, f"{line!r} is not {pattern!r}"
        matches.append(match)
    assert matches[2][1] == matches[6][1], "the event is about the configuration that was updated"
    assert list(client.organizations.scim_configurations.list()) == []
    sso = client.organizations.sso_configurations
    assert list(sso.list(organization_id=acme)) == []
