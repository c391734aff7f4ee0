"""Gates of courses, open or held, and the messages that wait before them.

Taking this back forgets what waits; the raw exchanges stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hacp_gates",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "course_id"),
    )
    op.create_table(
        "hacp_held",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("aicc_data", sa.Text(), nullable=False),
        sa.Column("writer", sa.BigInteger(), nullable=True),
        sa.Column("exited_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "attempt_id", "exchange_id"),
    )
    op.create_index("hacp_held_by_course", "hacp_held", ["academy_id", "course_id", "exchange_id"])
    op.create_index("hacp_held_by_learner", "hacp_held", ["academy_id", "course_id", "learner_id"])


def downgrade() -> None:
    op.drop_table("hacp_held")
    op.drop_table("hacp_gates")
