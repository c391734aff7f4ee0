"""Lists are read in the order of an index, and people are found by their words.

Sort keys and words of members that are there are made after the migration (`finding.refresh`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BEFORE = {
    "progress_by_course": ["academy_id", "course_id", "status"],
    "progress_by_last": ["academy_id", "last_at"],
}
_AFTER = {
    "progress_by_last": ["academy_id", "last_at", "learner_id", "course_id"],
    "progress_by_first": ["academy_id", "first_at", "learner_id", "course_id"],
    "progress_by_score": ["academy_id", "percent", "learner_id", "course_id"],
    "progress_by_time": ["academy_id", "seconds", "learner_id", "course_id"],
    "progress_by_attempts": ["academy_id", "attempts", "learner_id", "course_id"],
    "progress_by_status": ["academy_id", "status", "last_at", "learner_id", "course_id"],
    "progress_by_course": ["academy_id", "course_id", "learner_id", "status"],
    "progress_by_course_last": ["academy_id", "course_id", "last_at", "learner_id", "status"],
}


def upgrade() -> None:
    op.add_column("memberships", sa.Column("name_key", sa.Text(), nullable=True))
    op.create_index("memberships_by_name", "memberships", ["academy_id", "name_key", "id"])
    op.create_index("memberships_by_role", "memberships", ["academy_id", "role"])
    op.create_table(
        "member_words",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column(
            "word",
            sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "word", "member_id"),
    )
    op.create_index("member_words_of_member", "member_words", ["academy_id", "member_id", "word"])
    _replace(_BEFORE, _AFTER)


def downgrade() -> None:
    _replace(_AFTER, _BEFORE)
    op.drop_table("member_words")
    op.drop_index("memberships_by_role", "memberships")
    op.drop_index("memberships_by_name", "memberships")
    op.drop_column("memberships", "name_key")


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name in old:
        op.drop_index(name, "progress")
    for name, columns in new.items():
        op.create_index(name, "progress", columns)
