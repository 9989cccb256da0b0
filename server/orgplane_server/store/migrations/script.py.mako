"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from orgplane_server.store.engine.schema import Counter, Instant, Json, Span, Texts, choice

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
