"""Sign-ins that were begun, and who of the members a provider's subjects are."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ..domain.identifier import SsoConfigurationId, UserId
from ..domain.sign_in import SignIn, SsoBinding
from . import deletion, scim_user
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, Key, metadata
from .engine.statement import Call, Statement
from .scim_configuration import table as scim_configuration

#: As one more begins, so that there are fewer in the end wherever there are too many.
_AT_A_TIME = 10

table = sa.Table(
    "sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("configuration_id", sa.Uuid, sa.ForeignKey("sso_configuration.id"), nullable=False),
    sa.Column("state_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("browser_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("continues", sa.Text, nullable=False, server_default=""),
    sa.Column("return_to", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "configuration_id", "id"),
    sa.Index(None, "expires_at"),
)
bindings = sa.Table(
    "sso_binding",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("configuration_id", sa.Uuid, sa.ForeignKey("sso_configuration.id"), nullable=False),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False),
    sa.Column("subject", Key, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_signed_in_at", Instant, nullable=True),
    sa.UniqueConstraint("configuration_id", "subject"),
    sa.UniqueConstraint("configuration_id", "user_id"),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "configuration_id"),
    sa.Index(None, "user_id"),
)

sign_ins = Records(table, SignIn)
sso_bindings = Records(bindings, SsoBinding)

_BEGUN = Statement(
    sa.select(*sign_ins.columns)
    .where(table.c.state_digest == sa.bindparam("digest"))
    .with_for_update()
)
_EARLIEST = Statement(
    sa.delete(table).where(
        table.c.id.in_(
            sa.select(table.c.id)
            .where(table.c.configuration_id == sa.bindparam("this"))
            .order_by(table.c.id.desc())
            .limit(_AT_A_TIME)
            .offset(sa.bindparam("most"))
        )
    )
)
#: By when they ended.
purge = Purging(table, table.c.expires_at)
_CLOSE = Statement(sa.delete(table).where(table.c.configuration_id == sa.bindparam("this")))
_bound = sa.select(*sso_bindings.columns).where(
    bindings.c.configuration_id == sa.bindparam("configuration")
)
_OF_SUBJECT = Statement(_bound.where(bindings.c.subject == sa.bindparam("subject")))
_OF_MEMBER = Statement(_bound.where(bindings.c.user_id == sa.bindparam("member")))
_FORGET = Statement(sa.delete(bindings).where(bindings.c.configuration_id == sa.bindparam("this")))
_DOUBT = Statement(
    sa.update(bindings)
    .where(
        bindings.c.configuration_id == sa.bindparam("this"),
        bindings.c.last_signed_in_at.is_not(None),
    )
    .values(last_signed_in_at=None)
)
_COUNT_BOUND = Statement(
    sa.select(sa.func.count())
    .select_from(bindings)
    .where(bindings.c.configuration_id == sa.bindparam("this"))
)
_link = scim_user.table.c
_KNOWN = Statement(
    sa.select(_link.id)
    .join(scim_configuration, scim_configuration.c.id == _link.configuration_id)
    .where(
        scim_configuration.c.sso_configuration_id == sa.bindparam("configuration"),
        deletion.live(scim_configuration.c.id),
        _link.external_id == sa.bindparam("external_id"),
    )
    .order_by(_link.id)
)
_own_name = sa.func.substr(_link.user_name_key, 1, sa.func.length(_link.external_id) + 1)
_suspicious = (
    sa.select(_link.user_name_key.label("name"))
    .join(scim_configuration, scim_configuration.c.id == _link.configuration_id)
    .where(
        scim_configuration.c.sso_configuration_id == sa.bindparam("configuration"),
        deletion.live(scim_configuration.c.id),
        _link.active,
        sa.or_(
            _link.external_id.is_(None),
            _link.external_id.contains("@"),
            _own_name.in_(
                [sa.func.lower(_link.external_id), sa.func.lower(_link.external_id) + "@"]
            ),
        ),
        ~sa.exists().where(
            bindings.c.configuration_id == sa.bindparam("configuration"),
            bindings.c.user_id == _link.id,
        ),
    )
    .order_by(_link.configuration_id, _link.id)
    .limit(sa.bindparam("limit"))
)
_UNBINDABLE = Statement(_suspicious)


def lock_begun(connection: sa.Connection, state_digest: bytes) -> SignIn | None:
    """The sign-in with this state, which nobody else finishes before this transaction ends."""
    return sign_ins.only(_BEGUN.all(connection, {"digest": state_digest}))


def giving_way(configuration: SsoConfigurationId, most: int) -> Call:
    """What ends the earliest of an SSO configuration, if there are more than so many: a few of them."""
    return _EARLIEST, {"this": configuration, "most": most}


def closing(configuration: SsoConfigurationId) -> Call:
    """What ends those that were begun with an SSO configuration."""
    return _CLOSE, {"this": configuration}


def of_subject(
    connection: sa.Connection, configuration: SsoConfigurationId, subject: str
) -> SsoBinding | None:
    given = {"configuration": configuration, "subject": subject}
    return sso_bindings.only(_OF_SUBJECT.all(connection, given))


def of_member(
    connection: sa.Connection, configuration: SsoConfigurationId, member: UserId
) -> SsoBinding | None:
    given = {"configuration": configuration, "member": member}
    return sso_bindings.only(_OF_MEMBER.all(connection, given))


def forgetting(configuration: SsoConfigurationId) -> Call:
    """What makes all subjects of an SSO configuration strangers."""
    return _FORGET, {"this": configuration}


def doubting(configuration: SsoConfigurationId) -> Call:
    """What makes it say nothing any more that members signed in through an SSO configuration."""
    return _DOUBT, {"this": configuration}


def count_bound(connection: sa.Connection, configuration: SsoConfigurationId) -> int:
    """How many members are bound to subjects of an SSO configuration."""
    ((count,),) = _COUNT_BOUND.all(connection, {"this": configuration})
    return int(count)


def unbindable(
    connection: sa.Connection, configuration: SsoConfigurationId, limit: int
) -> list[str]:
    """The userNames of active SCIM users of an SSO configuration whom no `sub` is likely to find: at most `limit`.

    They are not bound yet, and their externalId is not there, or is an address, or the userName up to its @.
    """
    given = {"configuration": configuration, "limit": limit}
    return [str(row[0]) for row in _UNBINDABLE.all(connection, given)]


def known_as(
    connection: sa.Connection, configuration: SsoConfigurationId, external_id: str
) -> Sequence[UserId]:
    """The members whom SCIM configurations that are linked to an SSO configuration know by this externalId; by none, nobody."""
    if not external_id:
        return []
    rows = _KNOWN.all(connection, {"configuration": configuration, "external_id": external_id})
    return [UserId(row[0]) for row in rows]
