from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from ..domain.domain_verification import DomainVerification, Verifier
from ..domain.identifier import OrganizationId, SsoConfigurationId
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, Key, choice, metadata
from .engine.statement import Statement
from .engine.unit_of_work import Overtaken, UnitOfWork
from .sso_configuration import table as sso

table = sa.Table(
    "domain_verification",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("domain", Key, nullable=False),
    sa.Column("verification_token", sa.Text, nullable=False),
    sa.Column("verified_by", choice(Verifier), nullable=True),
    sa.Column("verified_at", Instant, nullable=True),
    sa.Column("shared", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("checked_at", Instant, nullable=True),
    sa.Column("check_at", Instant, nullable=True),
    sa.Column("absent_since", Instant, nullable=True),
    sa.Column("absences", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "organization_id", "domain", unique=True),
)
_columns = table.c
_proven = _columns.verified_by != None  # noqa: E711
_alone = _proven & (_columns.shared == sa.false())
#: One holder of a domain in all the installation, however many ask at once.
sa.Index(
    "uq_domain_verification_holder",
    _columns.domain,
    unique=True,
    sqlite_where=_alone,
    postgresql_where=_alone,
)
sa.Index(
    "ix_domain_verification_holders",
    _columns.domain,
    _columns.id,
    sqlite_where=_proven,
    postgresql_where=_proven,
)
_checked = _columns.check_at != None  # noqa: E711
sa.Index(
    "ix_domain_verification_check_at",
    _columns.check_at,
    sqlite_where=_checked,
    postgresql_where=_checked,
)

domain_verifications = Records(table, DomainVerification)

_mine = _columns.organization_id == sa.bindparam("organization")
_named = _columns.domain == sa.bindparam("domain")
_OF = Statement(sa.select(*domain_verifications.columns).where(_mine, _named).with_for_update())
_HOLDER = Statement(
    sa.select(*domain_verifications.columns)
    .where(
        _named,
        _proven,
        _columns.organization_id != sa.bindparam("organization"),
    )
    .order_by(_columns.id)
    .limit(sa.bindparam("limit"))
    .with_for_update()
)
_LICENCE = Statement(
    sa.select(sso.c.email_domains)
    .join_from(sso, table, sso.c.organization_id == _columns.organization_id)
    .where(
        _mine,
        _named,
        _proven,
        sso.c.id == sa.bindparam("sso_configuration"),
    )
    .with_for_update(read=True, of=table)
)
_PROVEN = Statement(sa.select(_columns.id).where(_mine, _named, _proven))
_HELD = Statement(sa.select(_columns.id).where(_mine, _named, _proven).with_for_update(read=True))
_HOLDERS = Statement(
    sa.select(_columns.organization_id)
    .where(_named, _proven, _columns.organization_id > sa.bindparam("after"))
    .order_by(_columns.organization_id)
)
_RELEASE = Statement(sa.delete(table).where(_mine))
_COUNT = sa.select(sa.func.count()).select_from(table).where(_mine)
_ADDING = turns.Turns("doma")
_DUE = Statement(
    sa.select(*domain_verifications.columns)
    .where(_columns.check_at <= sa.bindparam("now", type_=Instant))
    .order_by(_columns.check_at)
    .limit(sa.bindparam("limit"))
)
_POSTPONE = Statement(
    sa.update(table).where(_columns.id == sa.bindparam("this")),
    ["check_at"],
)


def lock(
    connection: sa.Connection, organization: OrganizationId, domain: str
) -> DomainVerification | None:
    """The organization's claim of a domain; nobody else changes it now."""
    rows = _OF.all(connection, {"organization": organization, "domain": domain})
    return domain_verifications.only(rows)


def lock_holder(
    connection: sa.Connection, organization: OrganizationId, domain: str
) -> DomainVerification | None:
    """Another organization's claim of a domain that it has proven."""
    given = {"organization": organization, "domain": domain, "limit": 1}
    return domain_verifications.only(_HOLDER.all(connection, given))


def due(connection: sa.Connection, now: datetime, limit: int) -> Sequence[DomainVerification]:
    """What is to be looked up by now, the longest due first."""
    rows = _DUE.all(connection, {"now": now, "limit": limit})
    return [domain_verifications.of(row) for row in rows]


def take(
    unit: UnitOfWork, now: datetime, until: datetime, limit: int
) -> Sequence[DomainVerification]:
    """`due`, which nobody else takes before `until`. None, while another process does the same."""
    if not turns.alone(unit.connection, table.name):
        return []
    taken = due(unit.connection, now, limit)
    for each in taken:
        unit.write((_POSTPONE, {"this": each.id, "check_at": until}))
    return taken


def licenses(
    connection: sa.Connection,
    organization: OrganizationId,
    sso_configuration: SsoConfigurationId,
    domain: str,
) -> bool:
    """Whether an organization has proven a domain that is among the e-mail domains of an SSO configuration.

    That it is proven holds until this transaction ends.
    """
    given = {
        "organization": organization,
        "sso_configuration": sso_configuration,
        "domain": domain,
    }
    return any(domain in row[0] for row in _LICENCE.all(connection, given))


def proven(
    connection: sa.Connection, organization: OrganizationId, domains: Collection[str]
) -> set[str]:
    """Those of the domains that the organization has proven."""
    return {
        domain
        for domain in domains
        if _PROVEN.all(connection, {"organization": organization, "domain": domain})
    }


def holds(connection: sa.Connection, organization: OrganizationId, domain: str) -> bool:
    """Whether an organization has proven a domain, which then holds until this transaction ends."""
    return bool(_HELD.all(connection, {"organization": organization, "domain": domain}))


def holders(connection: sa.Connection, domain: str, after: OrganizationId) -> list[OrganizationId]:
    """The organizations that have proven a domain, one unless the server lets them share, with an id above `after`."""
    rows = _HOLDERS.all(connection, {"domain": domain, "after": after})
    return [OrganizationId(row[0]) for row in rows]


def count(unit: UnitOfWork, organization: OrganizationId) -> int:
    """How many domains an organization claims; nobody else adds one before this transaction ends."""
    connection = unit.connection
    if turns.taken(connection):
        connection.execute(sa.select(_ADDING.own(sa.literal(str(organization)))))
    return int(connection.execute(_COUNT, {"organization": organization}).scalar_one())


def release(unit: UnitOfWork, organization: OrganizationId) -> None:
    """Every domain that an organization claims or holds is anybody's."""
    unit.write((_RELEASE, {"organization": organization}))


def insert(unit: UnitOfWork, claim: DomainVerification) -> None:
    """Raises Overtaken if the organization claims the domain by now, or somebody else holds it."""
    try:
        unit.run(domain_verifications.inserting(claim))
    except sa.exc.IntegrityError as error:
        raise Overtaken from error


def update(unit: UnitOfWork, before: DomainVerification, after: DomainVerification) -> None:
    """Writes what has changed of a locked claim. Raises Overtaken if somebody else holds the domain by now."""
    try:
        unit.run(domain_verifications.updating(before.organization_id, before, after))
    except sa.exc.IntegrityError as error:
        raise Overtaken from error
