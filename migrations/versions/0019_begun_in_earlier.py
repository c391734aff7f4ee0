"""How many go on in an earlier version of a course is counted in an index, not in their rows."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace(["academy_id", "course_id", "learner_id", "status", "version"])


def downgrade() -> None:
    _replace(["academy_id", "course_id", "learner_id", "status"])


def _replace(columns: list[str]) -> None:
    op.drop_index("progress_by_course", "progress")
    op.create_index("progress_by_course", "progress", columns)
