"""Previews: courses that admins try, apart from everybody's records.

Taking this back forgets whose they were; what their content said stays, met by no list.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "previews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("previews_by_member", "previews", ["academy_id", "course_id", "member_id"])
    op.create_index("ix_previews_used_at", "previews", ["used_at"])


def downgrade() -> None:
    op.drop_table("previews")
