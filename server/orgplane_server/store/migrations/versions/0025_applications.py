"""Applications let in people who sign in here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Texts

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("return_to", Texts(), nullable=False),
        sa.Column("organization_ids", Texts(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_table(
        "application_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_application_secret_application_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_secret")),
        sa.UniqueConstraint("digest", name=op.f("uq_application_secret_digest")),
    )
    op.create_index(
        op.f("ix_application_secret_application_id_id"),
        "application_secret",
        ["application_id", "id"],
    )
    op.create_table(
        "authorization_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used", sa.Boolean(create_constraint=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_authorization_code_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_authorization_code_digest")),
    )
    for names in (["organization_id", "id"], ["expires_at"]):
        index = op.f(f"ix_authorization_code_{'_'.join(names)}")
        op.create_index(index, "authorization_code", names)
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )
    op.add_column("sign_in", sa.Column("continues", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("application_id", sa.Uuid(), nullable=True))
        session.create_foreign_key(
            op.f("fk_session_application_id"), "application", ["application_id"], ["id"]
        )
        session.create_index(op.f("ix_session_application_id"), ["application_id"])
