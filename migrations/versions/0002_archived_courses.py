"""Courses can be archived: since when, why and by whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("catalog_courses", sa.Column("archived_at", sa.BigInteger(), nullable=True))
    op.add_column("catalog_courses", sa.Column("archive_reason", sa.String(16), nullable=True))
    op.add_column("catalog_courses", sa.Column("archived_by", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("catalog_courses", "archived_by")
    op.drop_column("catalog_courses", "archive_reason")
    op.drop_column("catalog_courses", "archived_at")
