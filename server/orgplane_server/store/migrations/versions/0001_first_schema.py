"""The first schema: organizations, their members and tokens, SSO and SCIM configurations, the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Counter, Instant, Json, Span, Texts

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("sequence", Counter, autoincrement=True, nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_token_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_organization_id_sequence"),
        "audit_event",
        ["organization_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("invite_domains", Texts(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("avatar_url", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_member_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index(
        op.f("ix_member_organization_id_id"), "member", ["organization_id", "id"], unique=False
    )
    op.create_table(
        "sso_configuration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=False),
        sa.Column("issuer_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("claims", Json, nullable=False),
        sa.Column("email_domains", Texts(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("additional_scopes", Texts(), nullable=False),
        sa.Column("claims_expression", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sso_configuration_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_configuration")),
    )
    op.create_index(
        op.f("ix_sso_configuration_organization_id_id"),
        "sso_configuration",
        ["organization_id", "id"],
        unique=False,
    )
    op.create_table(
        "personal_access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["member.id"], name=op.f("fk_personal_access_token_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_personal_access_token_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["member.id"], name=op.f("fk_personal_access_token_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_access_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_personal_access_token_digest")),
    )
    op.create_index(
        op.f("ix_personal_access_token_organization_id_id"),
        "personal_access_token",
        ["organization_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_personal_access_token_user_id_id"),
        "personal_access_token",
        ["user_id", "id"],
        unique=False,
    )
    op.create_table(
        "scim_configuration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sso_configuration_id", sa.Uuid(), nullable=True),
        sa.Column("allow_unverified_email_account_linking", sa.Boolean(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_lifetime", Span(), nullable=False),
        sa.Column("token_expires_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scim_configuration_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["sso_configuration_id"],
            ["sso_configuration.id"],
            name=op.f("fk_scim_configuration_sso_configuration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_configuration")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_scim_configuration_token_digest")),
    )
    op.create_index(
        op.f("ix_scim_configuration_organization_id_id"),
        "scim_configuration",
        ["organization_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scim_configuration_sso_configuration_id"),
        "scim_configuration",
        ["sso_configuration_id"],
        unique=False,
    )
