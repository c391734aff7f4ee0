"""An index of uploaded courses: a sync asks first whether it may meet any of them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "catalog_courses_uploaded",
        "catalog_courses",
        ["academy_id"],
        sqlite_where=sa.text("provider IS NULL"),
        postgresql_where=sa.text("provider IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("catalog_courses_uploaded", "catalog_courses")
