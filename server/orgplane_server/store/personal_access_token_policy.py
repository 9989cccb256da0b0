"""What an organization asks of tokens: columns of its own row, which the look-up of a token joins."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.personal_access_token_policy import PersonalAccessTokenPolicy
from . import deletion
from .administration import take_turn
from .engine.records import Records
from .engine.schema import Later, Span
from .engine.statement import Call, Statement
from .organization import table
from .personal_access_token import table as tokens

personal_access_token_policies = Records(
    table, PersonalAccessTokenPolicy, tenant="id", there=deletion.live(table.c.id)
)

_end_of_age = Later(tokens.c.created_at, sa.bindparam("age", type_=Span))
_AGE = Statement(
    sa.update(tokens)
    .where(
        tokens.c.organization_id == sa.bindparam("organization"), tokens.c.expires_at > _end_of_age
    )
    .values(expires_at=_end_of_age)
)


def held(
    connection: sa.Connection, organization: OrganizationId
) -> PersonalAccessTokenPolicy | None:
    """As it is, and nobody changes it before this transaction ends; takes one's turn at who can act."""
    take_turn(connection, organization)
    return personal_access_token_policies.find(connection, organization, organization)


def ending_at(organization: OrganizationId, age: timedelta) -> Call:
    """What ends the tokens of an organization at an age, if they would not end sooner."""
    return _AGE, {"organization": organization, "age": age}
