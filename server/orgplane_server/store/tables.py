"""Every table there is, for what needs them all at once: migrations and their tests."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import UserId
from . import (
    account,
    address_code,
    application,
    audit,
    authorization,
    deletion,
    demo,
    device,
    domain_verification,
    email_invite,
    expiry,
    group,
    operator_token,
    organization,
    organization_invite,
    outbox,
    personal_access_token,
    role,
    scim_breaker,
    scim_configuration,
    scim_count,
    scim_credential,
    scim_group,
    scim_membership,
    scim_request,
    scim_token,
    scim_user,
    secret_key,
    service_account,
    service_account_token,
    session,
    sign_in,
    sign_in_attempt,
    sign_out,
    signing_key,
    sso_configuration,
    user,
    webhook_delivery,
    webhook_endpoint,
)
from .engine.schema import metadata
from .engine.slices import Slices
from .engine.statement import Call, Statement

TABLES = (
    organization.table,
    organization_invite.table,
    user.table,
    account.table,
    address_code.table,
    personal_access_token.table,
    role.table,
    service_account.table,
    service_account_token.table,
    sso_configuration.table,
    sign_in.table,
    sign_in.bindings,
    sign_in_attempt.table,
    application.table,
    application.secrets,
    operator_token.table,
    session.table,
    sign_out.table,
    authorization.table,
    device.table,
    signing_key.table,
    domain_verification.table,
    scim_configuration.table,
    scim_credential.table,
    scim_user.table,
    scim_user.values,
    scim_group.table,
    scim_membership.table,
    group.table,
    group.members,
    scim_count.table,
    scim_breaker.table,
    scim_breaker.departures,
    deletion.table,
    scim_request.table,
    scim_token.table,
    audit.table,
    audit.retention,
    secret_key.table,
    secret_key.former,
    demo.table,
    expiry.table,
    outbox.table,
    email_invite.table,
    webhook_endpoint.table,
    webhook_endpoint.progress,
    webhook_delivery.table,
)

#: What is deleted with the SCIM configuration that it belongs to.
OF_CONFIGURATION: Sequence[Slices] = (
    scim_membership.SLICES,
    scim_group.SLICES,
    scim_user.VALUE_SLICES,
    scim_user.SLICES,
    scim_request.SLICES,
)
#: What is deleted after a group: who was in it, by its roster.
OF_ROSTER: Sequence[Slices] = (scim_membership.ROSTER_SLICES, group.MEMBER_SLICES)


@functools.cache
def of_organization() -> Sequence[Slices]:
    """What is deleted with an organization, after its SCIM configurations: the rows of every table with a foreign key to it.

    What refers to others comes first.
    """
    return [
        outbox.SLICES,
        webhook_delivery.SLICES,
        *(
            Slices(table, column, *table.primary_key.columns)
            for table in reversed(metadata.sorted_tables)
            for column in referring(table, organization.table)
        ),
    ]


def referring(table: sa.Table, to: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table that are foreign keys to the `id` of another."""
    return [
        key.parent
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column is to.c.id
    ]


@functools.cache
def _of_member() -> Sequence[Statement]:
    return [
        Statement(sa.delete(table).where(column == sa.bindparam("member", type_=sa.Uuid)))
        for table in reversed(metadata.sorted_tables)
        if table is not scim_user.table
        for column in referring(table, user.table)
    ]


def deleting_of(member: UserId) -> list[Call]:
    """What deletes all that belongs to a member, but for what SCIM configurations know of them."""
    return [(statement, {"member": member}) for statement in _of_member()]
