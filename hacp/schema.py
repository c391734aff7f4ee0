"""The tables of this wing.

Serves `statements`, `store`, `gates` and the migrations; asks nothing. The academy leads every key,
so that the tables can be spread over machines by it; moments are whole microseconds since 1970 in
UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables of `hacp`; no foreign key leaves it."""


class AttemptRow(Base):
    """One try of one assignable unit by one learner; see `model.Attempt`.

    Scores stand as `raw[,max,min]` and seconds as a decimal number in text: both are exact on every
    database, and nobody sorts by them here. `objectives` is JSON, or empty.
    """

    __tablename__ = "hacp_attempts"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    learner_id: Mapped[int] = mapped_column(Integer)
    course_id: Mapped[int] = mapped_column(Integer)
    au_id: Mapped[str] = mapped_column(String(255))
    number: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16))
    said: Mapped[str | None] = mapped_column(String(16))
    exit: Mapped[str] = mapped_column(String(16))
    score: Mapped[str | None] = mapped_column(String(128))
    last_score: Mapped[str | None] = mapped_column(String(128))
    best_score: Mapped[str | None] = mapped_column(String(128))
    location: Mapped[str] = mapped_column(Text)
    suspend_data: Mapped[str] = mapped_column(Text)
    suspend_from: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[str] = mapped_column(String(32))
    completed_at: Mapped[int | None] = mapped_column(BigInteger)
    writer: Mapped[int | None] = mapped_column(BigInteger)
    objectives: Mapped[str] = mapped_column(Text)
    over_time_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("academy_id", "learner_id", "course_id", "au_id", "number"),)


class SessionRow(Base):
    """One launch; see `model.Session`. The session id itself is nowhere: only its SHA-256.

    `earlier` is JSON, or empty. The sweep looks for sessions by their phase, which changes seldom;
    an index on the moment of the last exchange would have to be written with every post.
    """

    __tablename__ = "hacp_sessions"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sid_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    attempt_id: Mapped[int] = mapped_column(BigInteger)
    ticket: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
    phase: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[str] = mapped_column(String(32))
    told_at: Mapped[int | None] = mapped_column(BigInteger)
    exited_at: Mapped[int | None] = mapped_column(BigInteger)
    start_status: Mapped[str] = mapped_column(String(16))
    start_score: Mapped[str | None] = mapped_column(String(128))
    start_seconds: Mapped[str] = mapped_column(String(32))
    earlier: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("hacp_sessions_by_attempt", "academy_id", "attempt_id", "id"),
        Index("hacp_sessions_by_phase", "phase", "id"),
        UniqueConstraint("academy_id", "sid_hash"),
        ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
    )


class ExchangeRow(Base):
    """One request and its reply, raw; see `model.Exchange`.

    The key groups an attempt's exchanges in their order of time. `attempt_id` is 0 for a request
    that named no session of ours. `tolerated` is one note a line. `packed` says in which form
    query, request and reply stand (`packing`). On PostgreSQL each month is a partition (`months`).
    """

    __tablename__ = "hacp_exchanges"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    command: Mapped[str] = mapped_column(String(32))
    error: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(16))
    content_type: Mapped[str] = mapped_column(String(255))
    origin: Mapped[str] = mapped_column(String(255))
    query: Mapped[bytes] = mapped_column(LargeBinary)
    request: Mapped[bytes] = mapped_column(LargeBinary)
    reply: Mapped[bytes] = mapped_column(LargeBinary)
    suspend_from: Mapped[int | None] = mapped_column(BigInteger)
    suspend_at: Mapped[int | None] = mapped_column(Integer)
    tolerated: Mapped[str] = mapped_column(Text)
    packed: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    __table_args__ = ({"postgresql_partition_by": "RANGE (id)"},)


# Whatever has no partition of its own month is kept here: an insert never fails for want of one.
_MAKE_REST: DDL = DDL(  # type: ignore[no-untyped-call]
    "CREATE TABLE hacp_exchanges_rest PARTITION OF hacp_exchanges DEFAULT"
)
event.listen(ExchangeRow.__table__, "after_create", _MAKE_REST.execute_if(dialect="postgresql"))


class RecordRow(Base):
    """One record beside the result; see `records`. Which exchange brought it is part of its key.

    `document` is JSON; `digest` tells what was sent again, and is empty where nothing can.
    """

    __tablename__ = "hacp_records"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    exchange_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
    )


class StatusRow(Base):
    """One step of an attempt's status; see `records.StatusChange`. `before` is `status_before`."""

    __tablename__ = "hacp_statuses"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    exchange_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    status_before: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    said: Mapped[str | None] = mapped_column(String(16))
    score: Mapped[str | None] = mapped_column(String(128))
    judged: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (
        ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
    )


class PreferenceRow(Base):
    """What one learner of an academy prefers, in every course; `document` is JSON."""

    __tablename__ = "hacp_preferences"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    learner_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    exchange_id: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(Text)


class GateRow(Base):
    """Whether a course of an academy is open or held; made when its first session is opened."""

    __tablename__ = "hacp_gates"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))


class HeldRow(Base):
    """One message that waits for its course to be reactivated; see `gates.Waiting`.

    The raw exchange is kept as any other; here stands what was understood of it, whole, and how the
    session stood after it. Gone once it is credited.
    """

    __tablename__ = "hacp_held"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    exchange_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(Integer)
    learner_id: Mapped[int] = mapped_column(Integer)
    session_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    command: Mapped[str] = mapped_column(String(32))
    aicc_data: Mapped[str] = mapped_column(Text)
    writer: Mapped[int | None] = mapped_column(BigInteger)
    exited_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        Index("hacp_held_by_course", "academy_id", "course_id", "exchange_id"),
        Index("hacp_held_by_learner", "academy_id", "course_id", "learner_id"),
        ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
    )
