"""What an academy decides about the records of a course: retakes, and which attempt counts.

Taking this back forgets those decisions; no record is lost.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_rules",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("retakes", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.String(length=8), nullable=False),
        sa.Column("recount_after", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("academy_id", "course_id"),
    )


def downgrade() -> None:
    op.drop_table("course_rules")
