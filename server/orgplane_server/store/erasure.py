"""Where a person may be told of: the logs, of which rows change for this alone, and what is addressed to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.audit import Subject
from ..domain.identifier import OrganizationId, UserId
from ..domain.letter import recipient_key
from ..domain.user import email_key
from . import (
    address_code,
    audit,
    email_invite,
    outbox,
    scim_configuration,
    scim_request,
    scim_user,
    sign_in,
    sign_in_attempt,
    sso_configuration,
    webhook_delivery,
)
from .engine.trail import Trail

_END = 2**62


class Log:
    """A trail whose rows are an organization's, or those of what it has in another table."""

    def __init__(self, trail: Trail, table: sa.Table, owners: sa.Table | None = None) -> None:
        self._trail = trail
        self._table = table
        self._owners = None
        if owners is not None:
            mine = owners.c.organization_id == sa.bindparam("organization")
            self._owners = sa.select(owners.c.id).where(mine).order_by(owners.c.id)

    def owners(self, connection: sa.Connection, organization: OrganizationId) -> list[UUID]:
        """Whose rows are the organization's."""
        if self._owners is None:
            return [organization]
        return list(connection.execute(self._owners, {"organization": organization}).scalars())

    def some(
        self, connection: sa.Connection, owner: UUID, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """Up to `limit` rows after a sequence, in its order, by the names of their columns."""
        rows = self._trail.following(connection, owner, after, _END, limit)
        return [dict(row._mapping) for row in rows]

    def rewrite(self, connection: sa.Connection, sequence: int, values: Mapping[str, Any]) -> None:
        """Gives a row other values."""
        this = self._table.c.sequence == sequence
        connection.execute(sa.update(self._table).where(this).values(**values))


EVENTS = Log(audit.TRAIL, audit.table)
REQUESTS = Log(scim_request.TRAIL, scim_request.table, scim_configuration.table)
SIGN_INS = Log(sign_in_attempt.TRAIL, sign_in_attempt.table, sso_configuration.table)

_DOCUMENTS = sa.select(scim_user.table.c.document).where(
    scim_user.table.c.id == sa.bindparam("member")
)
_SUBJECTS = sa.select(sign_in.bindings.c.subject).where(
    sign_in.bindings.c.user_id == sa.bindparam("member")
)
_ATTEMPTS = sa.select(sign_in_attempt.table.c.subject, sign_in_attempt.table.c.email).where(
    sign_in_attempt.table.c.sso_configuration_id.in_(
        sa.select(sso_configuration.table.c.id).where(
            sso_configuration.table.c.organization_id == sa.bindparam("organization")
        )
    ),
    sign_in_attempt.table.c.user_id == sa.bindparam("member"),
)
_ABOUT = sa.select(audit.table.c.subject, audit.table.c.changes).where(
    audit.table.c.organization_id == sa.bindparam("organization"),
    audit.table.c.subject_id == sa.bindparam("member"),
)


def events_about(
    connection: sa.Connection, organization: OrganizationId, member: UserId
) -> list[tuple[Subject, dict[str, Any]]]:
    """What events about a member, in no order, are about, and what has changed."""
    given = {"organization": organization, "member": member}
    return [(row.subject, row.changes) for row in connection.execute(_ABOUT, given)]


def documents(connection: sa.Connection, member: UserId) -> list[str]:
    """What SCIM configurations know of a member: JSON."""
    return list(connection.execute(_DOCUMENTS, {"member": member}).scalars())


def subjects(connection: sa.Connection, organization: OrganizationId, member: UserId) -> set[str]:
    """What a member is called by those through whom they signed in."""
    bound = connection.execute(_SUBJECTS, {"member": member}).scalars()
    tried = connection.execute(_ATTEMPTS, {"member": member, "organization": organization})
    return {*bound, *(text for row in tried for text in row)}


def forget_answers(
    connection: sa.Connection, organization: OrganizationId, member: UserId, tag: str
) -> None:
    """A tag takes the place of what webhook endpoints have answered to events about a member."""
    columns = webhook_delivery.table.c
    mine = (columns.organization_id == organization, columns.subject_id == member)
    connection.execute(
        sa.update(webhook_delivery.table).where(*mine, columns.response != "").values(response=tag)
    )


def forget_mail(
    connection: sa.Connection, organization: OrganizationId, member: UserId, emails: Sequence[str]
) -> None:
    """Deletes an organization's invites, letters and codes to these addresses; an invite that is open is none any more."""
    addresses = [email_key(each) for each in emails]
    invites, letters, codes = email_invite.table.c, outbox.table.c, address_code.table.c
    for clause in (
        sa.delete(email_invite.table).where(
            invites.organization_id == organization, invites.address.in_(addresses)
        ),
        sa.delete(outbox.table).where(
            letters.organization_id == organization,
            letters.recipient_key.in_([recipient_key(each) for each in emails]),
        ),
        sa.delete(address_code.table).where(
            codes.bound_to.in_([organization, member]), codes.address.in_(addresses)
        ),
    ):
        connection.execute(clause)
