"""Courses from providers: what a provider says of them, and what is exchanged with it.

Taking this back forgets where courses came from, and every delivery, run and decision.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _extend_courses()
    _create_course_tables()
    _create_exchange()


def downgrade() -> None:
    op.drop_table("catalog_run_entries")
    op.drop_table("catalog_items")
    op.drop_table("catalog_delivered")
    op.drop_table("catalog_runs")
    op.drop_table("catalog_deliveries")
    op.drop_table("catalog_decisions")
    op.drop_table("catalog_connections")
    op.drop_table("catalog_twins")
    op.drop_table("catalog_tags")
    op.drop_table("catalog_marks")
    op.drop_table("catalog_course_languages")
    op.drop_table("catalog_course_categories")
    op.drop_table("catalog_categories")
    op.drop_column("catalog_courses", "index_edition")
    op.drop_column("catalog_courses", "note")
    op.drop_column("catalog_courses", "picture")
    op.drop_column("catalog_courses", "duration")
    op.drop_column("catalog_courses", "languages")
    op.drop_column("catalog_courses", "publisher")
    op.drop_column("catalog_courses", "provider")


def _extend_courses() -> None:
    op.add_column("catalog_courses", sa.Column("provider", sa.String(length=16), nullable=True))
    op.add_column(
        "catalog_courses", sa.Column("publisher", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "catalog_courses", sa.Column("languages", sa.Text(), nullable=False, server_default="[]")
    )
    op.add_column("catalog_courses", sa.Column("duration", sa.Integer(), nullable=True))
    op.add_column(
        "catalog_courses",
        sa.Column("picture", sa.String(length=80), nullable=False, server_default=""),
    )
    op.add_column(
        "catalog_courses", sa.Column("note", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "catalog_courses",
        sa.Column("index_edition", sa.Integer(), nullable=False, server_default="0"),
    )


def _create_course_tables() -> None:
    op.create_table(
        "catalog_categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["catalog_categories.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("academy_id", "path_key", name="catalog_categories_once"),
    )
    op.create_index(
        "catalog_categories_by_parent", "catalog_categories", ["academy_id", "parent_id"]
    )
    op.create_table(
        "catalog_course_categories",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["catalog_categories.id"]),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "course_id", "category_id"),
    )
    op.create_index(
        "catalog_course_categories_by_category",
        "catalog_course_categories",
        ["academy_id", "category_id", "course_id"],
    )
    op.create_table(
        "catalog_course_languages",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "course_id", "language"),
    )
    op.create_index(
        "catalog_course_languages_by_language",
        "catalog_course_languages",
        ["academy_id", "language", "course_id"],
    )
    op.create_table(
        "catalog_marks",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "kind", "mark", "course_id"),
    )
    op.create_index("catalog_marks_by_course", "catalog_marks", ["academy_id", "course_id"])
    op.create_table(
        "catalog_tags",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "course_id", "tag"),
    )
    op.create_index("catalog_tags_by_tag", "catalog_tags", ["academy_id", "tag"])
    op.create_table(
        "catalog_twins",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("twin_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.ForeignKeyConstraint(["twin_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "course_id", "twin_id"),
    )
    op.create_index("catalog_twins_by_twin", "catalog_twins", ["academy_id", "twin_id"])


def _create_exchange() -> None:
    op.create_table(
        "catalog_connections",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("activated", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("ciid", sa.String(length=255), nullable=False),
        sa.Column("ciid_key", sa.String(length=255), nullable=True),
        sa.Column("ciid_shared", sa.Boolean(), nullable=False),
        sa.Column("branding", sa.String(length=8), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("push_secret_hash", sa.String(length=64), nullable=True),
        sa.Column("policy", sa.String(length=8), nullable=False),
        sa.Column("daily_at", sa.Integer(), nullable=False),
        sa.Column("poll_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.Column("next_daily_at", sa.BigInteger(), nullable=True),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "provider"),
        sa.UniqueConstraint("push_secret_hash"),
    )
    op.create_index(
        "catalog_connections_one_a_ciid",
        "catalog_connections",
        ["provider", "ciid_key"],
        unique=True,
        sqlite_where=sa.text("NOT ciid_shared"),
        postgresql_where=sa.text("NOT ciid_shared"),
    )
    op.create_table(
        "catalog_decisions",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("matched", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("policy", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("academy_id", "id"),
    )
    op.create_index(
        "catalog_decisions_pending_once",
        "catalog_decisions",
        ["academy_id", "provider", "key"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "catalog_deliveries",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("delivery_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("course_count", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "id"),
        sa.UniqueConstraint(
            "academy_id", "provider", "delivery_id", name="catalog_deliveries_once"
        ),
    )
    op.create_index("catalog_deliveries_by_state", "catalog_deliveries", ["state", "academy_id"])
    op.create_table(
        "catalog_runs",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("confirms", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("academy_id", "id"),
    )
    op.create_index("catalog_runs_by_state", "catalog_runs", ["academy_id", "state"])
    op.create_index(
        "catalog_runs_one_at_a_time",
        "catalog_runs",
        ["academy_id", "provider"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "catalog_delivered",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("delivery", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("licence_type", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("matched_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["academy_id", "delivery"], ["catalog_deliveries.academy_id", "catalog_deliveries.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "delivery", "key"),
    )
    op.create_table(
        "catalog_items",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("failed_hash", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("overruled", sa.Boolean(), nullable=False),
        sa.Column("picture_url", sa.Text(), nullable=False),
        sa.Column("picture_due", sa.Boolean(), nullable=False),
        sa.Column("picture_tries", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("academy_id", "provider", "key"),
        sa.UniqueConstraint("academy_id", "course_id", name="catalog_items_one_a_course"),
    )
    op.create_index(
        "catalog_items_without_picture",
        "catalog_items",
        ["academy_id", "provider"],
        sqlite_where=sa.text("picture_due"),
        postgresql_where=sa.text("picture_due"),
    )
    op.create_table(
        "catalog_run_entries",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("matched_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["academy_id", "run_id"], ["catalog_runs.academy_id", "catalog_runs.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "run_id", "number"),
    )
    op.create_index(
        "catalog_run_entries_by_course", "catalog_run_entries", ["academy_id", "course_id"]
    )
