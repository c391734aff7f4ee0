"""The first tables: the hall's, the HACP wing's and the catalog's.

No foreign key crosses from one of the three to another. Taking this back drops everything.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_people()
    _create_conversations()
    _create_catalog()


def downgrade() -> None:
    op.drop_table("catalog_structures")
    op.drop_table("catalog_courses")
    op.drop_table("hacp_preferences")
    op.drop_table("hacp_statuses")
    op.drop_table("hacp_records")
    op.drop_table("hacp_sessions")
    op.drop_table("hacp_exchanges")
    op.drop_table("hacp_attempts")
    op.drop_table("memberships")
    op.drop_table("progress")
    op.drop_table("enrolments")
    op.drop_table("accounts")
    op.drop_table("academies")


def _create_people() -> None:
    op.create_table(
        "academies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("launch_window", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("fs_uniquifier"),
    )
    op.create_table(
        "enrolments",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "learner_id", "course_id"),
    )
    op.create_index("enrolments_by_course", "enrolments", ["academy_id", "course_id"])
    op.create_table(
        "progress",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("percent", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("cause_values", sa.Text(), nullable=True),
        sa.Column("cause_attempt", sa.BigInteger(), nullable=True),
        sa.Column("cause_seen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("academy_id", "learner_id", "course_id"),
    )
    op.create_index("progress_by_course", "progress", ["academy_id", "course_id", "status"])
    op.create_index("progress_by_last", "progress", ["academy_id", "last_at"])
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academies.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("academy_id", "account_id"),
        sa.UniqueConstraint("academy_id", "student_id"),
    )
    op.create_index("ix_memberships_account_id", "memberships", ["account_id"])


def _create_conversations() -> None:
    op.create_table(
        "hacp_attempts",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("au_id", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("said", sa.String(length=16), nullable=True),
        sa.Column("exit", sa.String(length=16), nullable=False),
        sa.Column("score", sa.String(length=128), nullable=True),
        sa.Column("last_score", sa.String(length=128), nullable=True),
        sa.Column("best_score", sa.String(length=128), nullable=True),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("suspend_data", sa.Text(), nullable=False),
        sa.Column("suspend_from", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.String(length=32), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("writer", sa.BigInteger(), nullable=True),
        sa.Column("objectives", sa.Text(), nullable=False),
        sa.Column("over_time_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("academy_id", "id"),
        sa.UniqueConstraint("academy_id", "learner_id", "course_id", "au_id", "number"),
    )
    op.create_table(
        "hacp_exchanges",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("suspend_from", sa.BigInteger(), nullable=True),
        sa.Column("suspend_at", sa.Integer(), nullable=True),
        sa.Column("tolerated", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "attempt_id", "id"),
    )
    op.create_table(
        "hacp_sessions",
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sid_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("exited_at", sa.BigInteger(), nullable=True),
        sa.Column("start_status", sa.String(length=16), nullable=False),
        sa.Column("start_score", sa.String(length=128), nullable=True),
        sa.Column("start_seconds", sa.String(length=32), nullable=False),
        sa.Column("earlier", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "id"),
        sa.UniqueConstraint("academy_id", "sid_hash"),
    )
    op.create_index("ix_hacp_sessions_attempt_id", "hacp_sessions", ["attempt_id"])
    op.create_index("hacp_sessions_by_phase", "hacp_sessions", ["phase", "id"])
    _create_records()


def _create_records() -> None:
    op.create_table(
        "hacp_records",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "attempt_id", "exchange_id", "place"),
    )
    op.create_table(
        "hacp_statuses",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("said", sa.String(length=16), nullable=True),
        sa.Column("score", sa.String(length=128), nullable=True),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
        sa.PrimaryKeyConstraint("academy_id", "attempt_id", "exchange_id"),
    )
    op.create_table(
        "hacp_preferences",
        sa.Column("academy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("learner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("academy_id", "learner_id"),
    )


def _create_catalog() -> None:
    op.create_table(
        "catalog_courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("aicc_id", sa.String(length=255), nullable=False),
        sa.Column("aicc_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("content_key", sa.String(length=40), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("academy_id", "fingerprint", name="catalog_courses_once"),
    )
    op.create_index("catalog_courses_by_aicc_key", "catalog_courses", ["academy_id", "aicc_key"])
    op.create_table(
        "catalog_structures",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_courses.id"]),
        sa.PrimaryKeyConstraint("course_id", "version"),
    )
