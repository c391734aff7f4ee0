"""Courses that an older release made findable are asked for each minute, so an index has them."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("catalog_courses_by_edition", "catalog_courses", ["index_edition", "id"])


def downgrade() -> None:
    op.drop_index("catalog_courses_by_edition", "catalog_courses")
