"""The hall's own tables: academies, accounts, memberships, enrolments and progress.

Serves the hall's stores and read models, and the migrations. Holds no query; the wings declare
their tables themselves, and no foreign key crosses packages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A point in time with its zone: UTC in the database, aware in Python, on every dialect."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive time, which would mean another moment on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The hall's tables."""


class Role(StrEnum):
    """What a membership allows. An admin may do all that a learner may."""

    LEARNER = "learner"
    ADMIN = "admin"


class LaunchWindow(StrEnum):
    """Where a launched unit opens."""

    NEW = "new"
    SAME = "same"


class Counts(StrEnum):
    """Which attempt of a unit counts for the course."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"


class Academy(Base):
    """A tenant: its people, courses, settings and records are its own.

    `time_zone` is where its day begins, as the IANA database names places. With `self_enrolment`
    its learners may take any course that is open.
    """

    __tablename__ = "academies"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    launch_window: Mapped[str] = mapped_column(String(8), default=LaunchWindow.NEW.value)
    time_zone: Mapped[str] = mapped_column(String(64), server_default="UTC")
    self_enrolment: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment)


class Account(Base):
    """Who signs in. The e-mail address is unique in the installation, stored in lower case."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Membership(Base):
    """An account in an academy: a learner or an admin, with one stable student id.

    Its `id` is what every record calls `learner_id`. Lists sort by `name_key`, the name without
    case and accents; it is None until this release has made it (`finding.refresh`).
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("academy_id", "account_id"),
        UniqueConstraint("academy_id", "student_id"),
        Index("memberships_by_name", "academy_id", "name_key", "id"),
        Index("memberships_by_role", "academy_id", "role"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academies.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    student_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)


class MemberWord(Base):
    """A word by which a member is found: of name, e-mail address or student id; see `finding`.

    PostgreSQL compares it by its bytes, as SQLite does, so that words with one beginning stand
    side by side in the index.
    """

    __tablename__ = "member_words"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    word: Mapped[str] = mapped_column(
        String(64).with_variant(String(64, collation="C"), "postgresql"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    __table_args__ = (Index("member_words_of_member", "academy_id", "member_id", "word"),)


class Enrolment(Base):
    """A learner may take a course."""

    __tablename__ = "enrolments"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    course_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("enrolments_by_course", "academy_id", "course_id"),)


class CourseRule(Base):
    """What an academy has decided about the records of a course; without a row, the defaults.

    `recount_after` is set while rows of `progress` still stand by an earlier decision: those of
    learners with a greater id.
    """

    __tablename__ = "course_rules"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    course_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    retakes: Mapped[bool] = mapped_column()
    counts: Mapped[str] = mapped_column(String(8))
    recount_after: Mapped[int | None] = mapped_column(Integer)


class HandStatus(Base):
    """A status that an admin set for a learner's unit or course; see `records.by_hand`.

    It is in force until it has ended; one that ended without a reason was replaced by a newer one.
    """

    __tablename__ = "hand_statuses"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    learner_id: Mapped[int] = mapped_column(Integer)
    course_id: Mapped[int] = mapped_column(Integer)
    element: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    percent: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(255))
    end_reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("hand_statuses_by_learner", "academy_id", "learner_id", "course_id"),)


class Preview(Base):
    """A course that an admin tries; see `launcher.previews`."""

    __tablename__ = "previews"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    academy_id: Mapped[int] = mapped_column(Integer)
    course_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime] = mapped_column(Moment, index=True)
    __table_args__ = (Index("previews_by_member", "academy_id", "course_id", "member_id"),)


class UnitMastery(Base):
    """A mastery score set by an academy for later launches of a unit; see `records.mastery`.

    `score` is a decimal number in text, exact on every database.
    """

    __tablename__ = "unit_mastery"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    course_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    au_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    score: Mapped[str | None] = mapped_column(String(32))
    set_by: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime] = mapped_column(Moment)


class Progress(Base):
    """One learner in one course, rolled up: what lists filter and sort by.

    `percent` is 0 to 100; `attempts` counts tries of all units; `by_hand` tells that an admin's
    word counts in it. Written in the transaction of what changed it. `version` is that of the
    course in which the learner has begun and goes on, None while nothing is recorded.

    `cause` and `cause_values` say why it stands so (`findings`), `cause_attempt` which attempt that
    is about, and `cause_seen` which exchange was the newest when it was found.
    """

    __tablename__ = "progress"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    course_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    percent: Mapped[float | None] = mapped_column(Float)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    by_hand: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int | None] = mapped_column(Integer)
    first_at: Mapped[datetime | None] = mapped_column(Moment)
    last_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    cause: Mapped[str | None] = mapped_column(String(32))
    cause_values: Mapped[str | None] = mapped_column(Text)
    cause_attempt: Mapped[int | None] = mapped_column(BigInteger)
    cause_seen: Mapped[int | None] = mapped_column(BigInteger)
    # One for each order of the lists, with the ids that make pages of equal values stable.
    __table_args__ = (
        Index("progress_by_last", "academy_id", "last_at", "learner_id", "course_id"),
        Index("progress_by_first", "academy_id", "first_at", "learner_id", "course_id"),
        Index("progress_by_score", "academy_id", "percent", "learner_id", "course_id"),
        Index("progress_by_time", "academy_id", "seconds", "learner_id", "course_id"),
        Index("progress_by_attempts", "academy_id", "attempts", "learner_id", "course_id"),
        Index("progress_by_status", "academy_id", "status", "last_at", "learner_id", "course_id"),
        Index("progress_by_course", "academy_id", "course_id", "learner_id", "status", "version"),
        Index(
            "progress_by_course_last", "academy_id", "course_id", "last_at", "learner_id", "status"
        ),
    )


class LogMonth(Base):
    """What has become of one month of the log of exchanges; `month` is `YYYY-MM`.

    It concerns the installation: a month holds the exchanges of all academies.
    """

    __tablename__ = "log_months"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    packed_at: Mapped[datetime | None] = mapped_column(Moment)
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
