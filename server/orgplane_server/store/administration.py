from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.administration import SIGN_IN_COUNTS, Administrators, able_until
from ..domain.identifier import (
    OrganizationId,
    PersonalAccessTokenId,
    SsoConfigurationId,
    UserId,
)
from ..domain.role import Role
from ..domain.sso_configuration import SsoConfigurationState
from ..domain.user import UserStatus
from . import deletion, organization, role
from .account import table as accounts
from .engine import turns
from .engine.among import Among
from .engine.schema import Instant
from .engine.statement import Statement, together
from .personal_access_token import table as tokens
from .scim_user import table as scim_user
from .sign_in import bindings
from .sso_configuration import table as sso_configuration
from .user import table as members
from .vouching import rests_at

_NO_TOKEN = PersonalAccessTokenId(UUID(int=0))
_NOBODY = UserId(UUID(int=0))
_NO_CONFIGURATION = SsoConfigurationId(UUID(int=0))


def _until(members: sa.FromClause) -> sa.ColumnElement[Any]:
    """Until when one of these members can act with a token: until it ends, or rests."""
    rests = rests_at(members)
    sooner = sa.or_(rests.is_(None), tokens.c.expires_at <= rests)
    return sa.type_coerce(sa.case((sooner, tokens.c.expires_at), else_=rests), Instant)


#: By the index, whose last entry it is.
_UNTIL = (
    sa.select(_until(members))
    .where(
        tokens.c.user_id == members.c.id,
        tokens.c.read_only == sa.false(),
        tokens.c.id != sa.bindparam("without"),
    )
    .order_by(tokens.c.expires_at.desc())
    .limit(1)
    .correlate(members)
    .scalar_subquery()
)
_own, _other = accounts.alias(), accounts.alias()
_same_person = members.alias()
# As long as another token of the account fetches it, which is none that somebody made who signed in.
_UNTIL_FIRST = (
    sa.select(sa.func.max(_until(_same_person)))
    .select_from(
        _own.join(_other, _other.c.account_id == _own.c.account_id)
        .join(_same_person, _same_person.c.id == _other.c.id)
        .join(tokens, tokens.c.user_id == _same_person.c.id)
    )
    .where(
        _own.c.id == members.c.id,
        _own.c.first_token_due,
        _same_person.c.status == UserStatus.ACTIVE,
        deletion.live(_other.c.organization_id),
        tokens.c.read_only == sa.false(),
        tokens.c.signed_in_through.is_(None),
        tokens.c.id != sa.bindparam("without"),
        _same_person.c.id != sa.bindparam("gone"),
    )
    .correlate(members)
    .scalar_subquery()
)
_SIGNED_IN = (
    sa.select(sa.func.max(bindings.c.last_signed_in_at))
    .join(sso_configuration, sso_configuration.c.id == bindings.c.configuration_id)
    .where(
        bindings.c.user_id == members.c.id,
        sso_configuration.c.state == SsoConfigurationState.ACTIVE,
        sso_configuration.c.id != sa.bindparam("closed"),
    )
    .correlate(members)
    .scalar_subquery()
)
_of_organization = sa.bindparam("organization", type_=sa.Uuid)


def having(
    wanted: Role, organization: sa.ColumnElement[Any] | None = None
) -> sa.ColumnElement[bool]:
    """Whether members have this role, of their own or by an assignment; of one organization, or of whichever."""
    own = members.alias()
    of = [] if organization is None else [own.c.organization_id == organization]
    assigned = [] if organization is None else [role.table.c.organization_id == organization]
    return members.c.id.in_(
        sa.union_all(
            sa.select(own.c.id).where(own.c.role == wanted, *of),
            *role.bearers(wanted, *assigned),
        )
    )


_ALL = sa.select(
    members.c.id,
    sa.func.coalesce(_UNTIL, _UNTIL_FIRST).label("token"),
    _SIGNED_IN.label("signed_in"),
).where(members.c.status == UserStatus.ACTIVE)
_ADMINISTRATORS = Statement(
    _ALL.where(
        members.c.organization_id == _of_organization, having(Role.ADMIN, _of_organization)
    ).order_by(members.c.id)
)
_everybody = _ALL.where(having(Role.ADMIN)).add_columns(members.c.organization_id).subquery()
_ADMINISTERING = Among(
    sa.select(members.c.id).where(
        members.c.organization_id == _of_organization,
        members.c.status == UserStatus.ACTIVE,
        sa.or_(
            members.c.role == Role.ADMIN,
            role.gives(Role.ADMIN, members.c.id, members.c.organization_id),
        ),
    ),
    members.c.id,
)
_token, _signed_in = sa.func.max(_everybody.c.token), sa.func.max(_everybody.c.signed_in)


def _at(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=Instant)


_ENDING = (
    sa.select(_everybody.c.organization_id)
    .where(deletion.live(_everybody.c.organization_id))
    .group_by(_everybody.c.organization_id)
    .having(
        sa.or_(_token > _at("since"), _signed_in > _at("signed_in_since")),
        sa.or_(_token.is_(None), _token <= _at("until")),
        sa.or_(_signed_in.is_(None), _signed_in <= _at("signed_in_until")),
    )
    .order_by(_everybody.c.organization_id)
)
# Of the organization, not of its administrators: of these each transaction has locked one already.
_TURN = Statement(
    sa.select(organization.table.c.id)
    .where(organization.table.c.id == sa.bindparam("organization"))
    .with_for_update(key_share=True)
)


_HOLD_LINKS = Statement(
    sa.select(scim_user.c.id)
    .where(scim_user.c.id == sa.bindparam("member"))
    .order_by(scim_user.c.configuration_id)
    .with_for_update()
)


def take_turn(connection: sa.Connection, organization: OrganizationId) -> None:
    """Who else takes one waits until this transaction ends, and then sees what it has done.

    For whoever changes who can act. No member is to be locked after it, so that nobody who waits here is
    waited for.
    """
    _TURN.run(connection, {"organization": organization})


def administering(
    connection: sa.Connection,
    organization: OrganizationId,
    ids: Collection[UserId],
) -> set[UserId]:
    """Those of these members who are active administrators."""
    mine = {"organization": organization}
    return {UserId(id) for (id,) in _ADMINISTERING.all(connection, sorted(ids), mine)}


def administers_at_their_turn(
    connection: sa.Connection, organization: OrganizationId, id: UserId
) -> bool:
    """Whether a member is an active administrator, once it is `take_turn`'s turn.

    What SCIM configurations know of them is locked before: whoever puts somebody into a group holds that, and may then wait for the turn.
    """
    mine = {"organization": organization, "member": id}
    wait = [(_HOLD_LINKS, mine), (_TURN, mine)] if turns.taken(connection) else []
    (look,) = _ADMINISTERING.calls([id], mine)
    return bool(together(connection, *wait, look))


def administrators(
    connection: sa.Connection,
    organization: OrganizationId,
    *,
    without: PersonalAccessTokenId = _NO_TOKEN,
    gone: UserId = _NOBODY,
    closed: SsoConfigurationId = _NO_CONFIGURATION,
) -> Administrators:
    """The organization's active administrators and until when each can act.

    As if one token, and one member of another organization, were not there, and nobody signed in through one SSO configuration.
    """
    given = {"organization": organization, **_as_if(without, gone, closed)}
    return {
        UserId(id): able_until(token, signed_in)
        for id, token, signed_in in _ADMINISTRATORS.all(connection, given)
    }


def ending(connection: sa.Connection, since: datetime, until: datetime) -> list[OrganizationId]:
    """The organizations for which nobody can act any more after a moment that lies within these two."""
    given = {
        "since": since,
        "until": until,
        "signed_in_since": since - SIGN_IN_COUNTS,
        "signed_in_until": until - SIGN_IN_COUNTS,
        **_as_if(),
    }
    return [OrganizationId(id) for id in connection.execute(_ENDING, given).scalars()]


def _as_if(
    without: PersonalAccessTokenId = _NO_TOKEN,
    gone: UserId = _NOBODY,
    closed: SsoConfigurationId = _NO_CONFIGURATION,
) -> dict[str, UUID]:
    return {"without": without, "gone": gone, "closed": closed}
