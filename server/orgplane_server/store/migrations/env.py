"""Alembic's entry point; the connection is handed in by `store.engine.migrate`, inside its transaction."""

from __future__ import annotations

from alembic import context

from orgplane_server.store import tables  # noqa: F401  (declares every table)
from orgplane_server.store.engine.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
