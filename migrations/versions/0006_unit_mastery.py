"""Mastery scores that an academy sets in place of what a course's files say.

Taking this back forgets them; what was launched with them stays as it is recorded.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_mastery",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("au_id", sa.String(length=255), nullable=False),
        sa.Column("score", sa.String(length=32), nullable=True),
        sa.Column("set_by", sa.String(length=255), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "course_id", "au_id"),
    )


def downgrade() -> None:
    op.drop_table("unit_mastery")
