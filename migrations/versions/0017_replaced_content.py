"""Content that an update replaced is noted, and swept when nobody uses it any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_replaced_content",
        sa.Column("content_key", sa.String(40), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("content_key", "course_id"),
    )


def downgrade() -> None:
    op.drop_table("catalog_replaced_content")
