"""The sessions of an attempt are found by the academy and the attempt together.

Beside the keys, which begin with the academy too, SQLite passed an index on the attempt alone over
and read every session of the academy.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("hacp_sessions_by_attempt", "hacp_sessions", ["academy_id", "attempt_id", "id"])
    op.drop_index("ix_hacp_sessions_attempt_id", "hacp_sessions")


def downgrade() -> None:
    op.create_index("ix_hacp_sessions_attempt_id", "hacp_sessions", ["attempt_id"])
    op.drop_index("hacp_sessions_by_attempt", "hacp_sessions")
