"""Courses are found: an index of words, titles that lists sort by, and content of older versions.

Words and sort keys of courses that are there are made after the migration (`indexing.refresh`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "catalog_courses",
        sa.Column("title_key", sa.String(100), nullable=False, server_default=""),
    )
    op.create_index(
        "catalog_courses_by_title",
        "catalog_courses",
        ["academy_id", "title_key", "id", "archived_at"],
    )
    op.add_column("catalog_structures", sa.Column("content_key", sa.String(40), nullable=True))
    op.add_column("catalog_structures", sa.Column("folder", sa.Text(), nullable=True))
    op.execute("ALTER TABLE catalog_runs RENAME COLUMN confirms TO about")
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE catalog_search USING fts5(academy, title, about, words,"
            " prefix='2 3', tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")"
        )
        return
    op.execute(
        "CREATE TABLE catalog_search (academy_id integer NOT NULL, course_id integer NOT NULL,"
        " words tsvector NOT NULL, PRIMARY KEY (academy_id, course_id))"
    )
    op.execute("CREATE INDEX catalog_search_by_words ON catalog_search USING gin (words)")


def downgrade() -> None:
    op.execute("DROP TABLE catalog_search")
    op.execute("ALTER TABLE catalog_runs RENAME COLUMN about TO confirms")
    op.drop_column("catalog_structures", "folder")
    op.drop_column("catalog_structures", "content_key")
    op.drop_index("catalog_courses_by_title", "catalog_courses")
    op.drop_column("catalog_courses", "title_key")
