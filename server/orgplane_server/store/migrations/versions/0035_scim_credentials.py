"""SCIM configurations have several credentials, which are known by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Span

revision = "0035"
down_revision = "0034"

_CONFIGURATION = sa.table(
    "scim_configuration",
    *(sa.column(name, sa.Uuid()) for name in ("id", "organization_id")),
    sa.column("token_digest", sa.LargeBinary(32)),
    sa.column("token_lifetime", Span()),
    sa.column("token_expires_at", Instant()),
)


def upgrade() -> None:
    table = op.create_table(
        "scim_credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scim_configuration_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("secret_id", sa.Uuid(), nullable=True),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scim_credential_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["scim_configuration_id"],
            ["scim_configuration.id"],
            name=op.f("fk_scim_credential_scim_configuration_id_scim_configuration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_credential")),
        sa.UniqueConstraint("digest", name=op.f("uq_scim_credential_digest")),
    )
    for columns in (
        ["organization_id", "id"],
        ["scim_configuration_id", "created_at"],
        ["expires_at"],
    ):
        op.create_index(op.f("ix_scim_credential_" + "_".join(columns)), "scim_credential", columns)
    connection = op.get_bind()
    # The one token of each is known by the id of its configuration.
    tokens = [
        {
            "id": row.id,
            "organization_id": row.organization_id,
            "scim_configuration_id": row.id,
            "kind": "token",
            "digest": row.token_digest,
            "hint": "",
            "replaced": False,
            "created_at": row.token_expires_at - row.token_lifetime,
            "expires_at": row.token_expires_at,
        }
        for row in connection.execute(sa.select(_CONFIGURATION)).all()
    ]
    if tokens:
        connection.execute(sa.insert(table), tokens)
    for name in ("ended_scim_token", "scim_request"):
        op.add_column(name, sa.Column("credential_id", sa.Uuid(), nullable=True))
    op.add_column(
        "ended_scim_token",
        sa.Column("kind", sa.String(32), nullable=False, server_default="token"),
    )
    op.add_column(
        "ended_scim_token", sa.Column("hint", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "scim_request", sa.Column("credential", sa.Text(), nullable=False, server_default="")
    )
