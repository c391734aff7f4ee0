"""The tables of this wing: attempts, sessions and the raw exchanges.

Serves `store` and the migrations. Holds no query. The academy leads every key, so that the tables
can be spread over machines by it; moments are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables of `hacp`; no foreign key leaves it."""


class AttemptRow(Base):
    """One try of one assignable unit by one learner; see `model.Attempt`.

    Scores stand as `raw[,max,min]` and seconds as a decimal number in text: both are exact on every
    database, and nobody sorts by them here.
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
    __table_args__ = (UniqueConstraint("academy_id", "learner_id", "course_id", "au_id", "number"),)


class SessionRow(Base):
    """One launch; see `model.Session`. The session id itself is nowhere: only its SHA-256."""

    __tablename__ = "hacp_sessions"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sid_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    attempt_id: Mapped[int] = mapped_column(BigInteger, index=True)
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
    __table_args__ = (
        UniqueConstraint("academy_id", "sid_hash"),
        ForeignKeyConstraint(
            ["academy_id", "attempt_id"], ["hacp_attempts.academy_id", "hacp_attempts.id"]
        ),
    )


class ExchangeRow(Base):
    """One request and its reply, raw; see `model.Exchange`.

    The key groups an attempt's exchanges in their order of time. `attempt_id` is 0 for a request
    that named no session of ours. `tolerated` is one note a line.
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
