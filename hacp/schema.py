"""The tables of this wing and the statements on them, built once so that they compile once.

Serves `store`, `archive`, `gates` and the migrations; runs nothing. The academy leads every key, so
that the tables can be spread over machines by it; moments are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Update,
    and_,
    bindparam,
    case,
    event,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column


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


# What is asked of an attempt and of a learner's attempts where results are rolled up.

ATTEMPTS_IN_COURSE = (
    select(AttemptRow.__table__)
    .where(
        AttemptRow.academy_id == bindparam("academy"),
        AttemptRow.learner_id == bindparam("learner"),
        AttemptRow.course_id == bindparam("course"),
    )
    .order_by(AttemptRow.au_id, AttemptRow.number)
)

# What every post asks and writes.

SESSION_COLUMNS: tuple[Any, ...] = (
    SessionRow.id.label("session_id"),
    SessionRow.attempt_id,
    SessionRow.ticket,
    SessionRow.opened_at,
    SessionRow.last_at.label("session_last_at"),
    SessionRow.phase,
    SessionRow.seconds.label("session_seconds"),
    SessionRow.told_at,
    SessionRow.exited_at,
    SessionRow.start_status,
    SessionRow.start_score,
    SessionRow.start_seconds,
    SessionRow.earlier,
)
SESSIONS_OF = (
    select(*SESSION_COLUMNS)
    .where(
        SessionRow.academy_id == bindparam("academy"), SessionRow.attempt_id == bindparam("attempt")
    )
    .order_by(SessionRow.id)
)
_PREFERENCES = (
    select(PreferenceRow.document)
    .where(
        PreferenceRow.academy_id == AttemptRow.academy_id,
        PreferenceRow.learner_id == AttemptRow.learner_id,
    )
    .scalar_subquery()
)
# Read without a lock: a post that finds the gate open came before whoever is about to shut it.
_GATE = (
    select(GateRow.state)
    .where(GateRow.academy_id == AttemptRow.academy_id, GateRow.course_id == AttemptRow.course_id)
    .scalar_subquery()
)


def conversations(count: int) -> Select[*tuple[Any, ...]]:
    """Select the attempts and sessions behind so many hashes of session ids, `sid_hash_0` on.

    In one order everywhere, in which PostgreSQL locks the rows where it is asked to.
    """
    hashes: list[BindParameter[bytes]] = [
        bindparam(f"sid_hash_{number}") for number in range(count)
    ]
    return (
        select(
            AttemptRow.__table__,
            *SESSION_COLUMNS,
            SessionRow.sid_hash,
            _PREFERENCES.label("preferences"),
            _GATE.label("gate"),
        )
        .join(
            SessionRow,
            and_(
                SessionRow.academy_id == AttemptRow.academy_id,
                SessionRow.attempt_id == AttemptRow.id,
            ),
        )
        .where(SessionRow.academy_id == bindparam("academy"), SessionRow.sid_hash.in_(hashes))
        .order_by(AttemptRow.id, SessionRow.id)
    )


_CHANGING = (
    *("last_at", "status", "said", "exit", "score", "last_score", "best_score", "location"),
    *("seconds", "completed_at", "writer", "over_time_at"),
)


def _keep_attempt(*large: str) -> Update:
    return (
        update(AttemptRow)
        .where(AttemptRow.academy_id == bindparam("b_academy"), AttemptRow.id == bindparam("b_id"))
        .values({name: bindparam(name) for name in (*_CHANGING, *large)})
    )


# By what is large and has changed: suspend data, objectives.
KEEP_ATTEMPT = {
    (False, False): _keep_attempt(),
    (True, False): _keep_attempt("suspend_data", "suspend_from"),
    (False, True): _keep_attempt("objectives"),
    (True, True): _keep_attempt("suspend_data", "suspend_from", "objectives"),
}
# A retake that is written to takes over the windows of the attempts before it, too.
OVERTAKE = (
    update(AttemptRow)
    .where(
        AttemptRow.academy_id == bindparam("b_academy"),
        AttemptRow.learner_id == bindparam("b_learner"),
        AttemptRow.course_id == bindparam("b_course"),
        AttemptRow.au_id == bindparam("b_au"),
        AttemptRow.number < bindparam("b_number"),
    )
    .values(writer=bindparam("writer"))
)
KEEP_SESSION = (
    update(SessionRow)
    .where(SessionRow.academy_id == bindparam("b_academy"), SessionRow.id == bindparam("b_id"))
    .values(
        {name: bindparam(name) for name in ("last_at", "phase", "seconds", "told_at", "exited_at")}
    )
)
LOG = insert(ExchangeRow)


def _later(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    at = bindparam("at", type_=BigInteger)
    return case((column < at, at), else_=column)


# What a question moves. It is written after the answer, so what was said meanwhile stands.
HEAR_ATTEMPT = (
    update(AttemptRow)
    .where(AttemptRow.academy_id == bindparam("b_academy"), AttemptRow.id == bindparam("b_id"))
    .values(last_at=_later(AttemptRow.last_at))
)
HEAR_SESSION = (
    update(SessionRow)
    .where(SessionRow.academy_id == bindparam("b_academy"), SessionRow.id == bindparam("b_id"))
    .values(
        last_at=_later(SessionRow.last_at),
        phase=case(
            (SessionRow.exited_at.is_(None), bindparam("talking", type_=String)),
            else_=bindparam("exited", type_=String),
        ),
    )
)

# What was said beside a result.

ADD_RECORD = insert(RecordRow)
KNOWN_DIGESTS = select(RecordRow.digest).where(
    RecordRow.academy_id == bindparam("academy"),
    RecordRow.attempt_id == bindparam("attempt"),
    RecordRow.digest.in_(bindparam("digests", expanding=True)),
)
RECORDS = (
    select(RecordRow.__table__)
    .where(
        RecordRow.academy_id == bindparam("academy"),
        RecordRow.attempt_id == bindparam("attempt"),
        RecordRow.kind == bindparam("kind"),
    )
    .order_by(RecordRow.exchange_id, RecordRow.place)
)
ADD_STATUS = insert(StatusRow)
STATUSES = (
    select(StatusRow.__table__)
    .where(
        StatusRow.academy_id == bindparam("academy"), StatusRow.attempt_id == bindparam("attempt")
    )
    .order_by(StatusRow.exchange_id)
)
PREFERENCES = select(PreferenceRow.document).where(
    PreferenceRow.academy_id == bindparam("academy"),
    PreferenceRow.learner_id == bindparam("learner"),
)
PREFERRED_BY = select(
    PreferenceRow.learner_id, PreferenceRow.document, PreferenceRow.exchange_id
).where(
    PreferenceRow.academy_id == bindparam("academy"),
    PreferenceRow.learner_id.in_(bindparam("learners", expanding=True)),
)
ADD_PREFERENCES = insert(PreferenceRow)
CHANGE_PREFERENCES = (
    update(PreferenceRow)
    .where(
        PreferenceRow.academy_id == bindparam("b_academy"),
        PreferenceRow.learner_id == bindparam("b_learner"),
    )
    .values({name: bindparam(name) for name in ("exchange_id", "changed_at", "document")})
)

# What the sweep looks for and claims; the comparisons are those of `life.phase_at`.

# A session of which something is held has not been heard of last when its row says so.
_WAITS = (
    select(HeldRow.exchange_id)
    .where(
        HeldRow.academy_id == SessionRow.academy_id,
        HeldRow.attempt_id == SessionRow.attempt_id,
        HeldRow.session_id == SessionRow.id,
    )
    .exists()
)
_STORED_OPEN = ("launched", "talking", "exited")
DUE_SESSIONS = (
    select(
        SessionRow.academy_id,
        SessionRow.id,
        SessionRow.attempt_id,
        SessionRow.last_at,
        SessionRow.exited_at,
    )
    .where(
        SessionRow.phase.in_(_STORED_OPEN),
        ~_WAITS,
        or_(
            SessionRow.exited_at < bindparam("left_before"),
            and_(
                SessionRow.exited_at.is_(None),
                or_(
                    SessionRow.last_at < bindparam("heard_before"),
                    SessionRow.opened_at < bindparam("opened_before"),
                ),
            ),
        ),
    )
    .order_by(SessionRow.id)
    .limit(bindparam("most"))
)
CLAIM_SESSION = (
    update(SessionRow)
    .where(
        SessionRow.academy_id == bindparam("b_academy"),
        SessionRow.id == bindparam("b_id"),
        SessionRow.last_at == bindparam("b_last_at"),
        SessionRow.phase.in_(_STORED_OPEN),
    )
    .values(phase=bindparam("phase_now"))
)
