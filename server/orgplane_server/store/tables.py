"""Every table there is, for what needs them all at once: migrations and their tests."""

from __future__ import annotations

from . import (
    audit,
    demo,
    domain_verification,
    expiry,
    organization,
    personal_access_token,
    scim_configuration,
    scim_count,
    scim_deletion,
    scim_group,
    scim_membership,
    scim_request,
    scim_token,
    scim_user,
    secret_key,
    sso_configuration,
    user,
)

TABLES = (
    organization.table,
    user.table,
    personal_access_token.table,
    sso_configuration.table,
    domain_verification.table,
    scim_configuration.table,
    scim_user.table,
    scim_user.values,
    scim_group.table,
    scim_membership.table,
    scim_count.table,
    scim_deletion.table,
    scim_request.table,
    scim_token.table,
    audit.table,
    audit.retention,
    secret_key.table,
    demo.table,
    expiry.table,
)
