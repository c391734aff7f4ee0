"""The gates of courses, open or held, and what waits before them.

Serves `store` at launch, `held` and the hall. As in `store`, every function takes a connection
inside a transaction and an academy, returns values and never commits; what a message means is for
`rules`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hacp.errors import CourseHeld
from hacp.model import Attempt, Gate, Session
from hacp.rows import (
    attempt_of,
    micros,
    micros_or_none,
    moment,
    moment_or_none,
    session_of,
)
from hacp.schema import AttemptRow, GateRow, HeldRow, SessionRow
from hacp.statements import SESSION_COLUMNS


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that is held: what was understood of it, and how its session stood after it.

    `writer` is the attempt's writer and `exited_at` the session's, as they would be had the message
    been credited; whether a later one is still in time is judged by them.
    """

    academy_id: int
    course_id: int
    learner_id: int
    attempt_id: int
    session_id: int
    exchange_id: int
    at: datetime
    command: str
    aicc_data: str
    writer: int | None
    exited_at: datetime | None


_STATE = select(GateRow.state).where(
    GateRow.academy_id == bindparam("academy"), GateRow.course_id == bindparam("course")
)
# Shared, so that launches and held posts of one course do not queue behind each other; whoever
# changes the state waits for all of them.
_STATE_SHARED = _STATE.with_for_update(read=True)
_STATE_ALONE = _STATE.with_for_update()
_STATE_OF_SESSION = (
    select(GateRow.state)
    .join(
        AttemptRow,
        (AttemptRow.academy_id == GateRow.academy_id) & (AttemptRow.course_id == GateRow.course_id),
    )
    .join(
        SessionRow,
        (SessionRow.academy_id == AttemptRow.academy_id) & (SessionRow.attempt_id == AttemptRow.id),
    )
    .where(
        SessionRow.academy_id == bindparam("academy"), SessionRow.sid_hash == bindparam("sid_hash")
    )
    .with_for_update(read=True, of=GateRow)
)
_CHANGE = (
    update(GateRow)
    .where(GateRow.academy_id == bindparam("b_academy"), GateRow.course_id == bindparam("b_course"))
    .values(state=bindparam("state_now"))
)
_MAKE = insert(GateRow)
_ADD = insert(HeldRow)
_OF_COURSE = (HeldRow.academy_id == bindparam("academy"), HeldRow.course_id == bindparam("course"))
_OF_ATTEMPT = (
    HeldRow.academy_id == bindparam("academy"),
    HeldRow.attempt_id == bindparam("attempt"),
)
_NEWEST_OF_ATTEMPT = (
    select(HeldRow.__table__).where(*_OF_ATTEMPT).order_by(HeldRow.exchange_id.desc()).limit(1)
)
_NEWEST_OF_SESSION = _NEWEST_OF_ATTEMPT.where(HeldRow.session_id == bindparam("session"))


def enter(connection: Connection, academy_id: int, *, course_id: int) -> None:
    """Pass the gate for a launch, and keep it as it is until the transaction ends.

    Raises CourseHeld. A course's first launch makes the gate, open.
    """
    key = {"academy": academy_id, "course": course_id}
    state = connection.scalar(_STATE_SHARED, key)
    if state is None and not _make(connection, academy_id, course_id, Gate.OPEN):
        # Another launch, or whoever archives the course, made it at this moment.
        state = connection.scalar(_STATE_SHARED, key)
    if state == Gate.HELD:
        raise CourseHeld


def shut(connection: Connection, academy_id: int, *, course_id: int) -> None:
    """Hold from now on what the course's sessions send."""
    if not _change(connection, academy_id, course_id, Gate.HELD) and not _make(
        connection, academy_id, course_id, Gate.HELD
    ):
        _change(connection, academy_id, course_id, Gate.HELD)


def stand_at(connection: Connection, academy_id: int, *, sid_hash: bytes) -> None:
    """Keep the gate of a session's course as it is until the transaction ends."""
    connection.scalar(_STATE_OF_SESSION, {"academy": academy_id, "sid_hash": sid_hash})


def lock(connection: Connection, academy_id: int, *, course_id: int) -> Gate:
    """Return how the gate stands, and let nobody pass or wait before it until all is done."""
    state = connection.scalar(_STATE_ALONE, {"academy": academy_id, "course": course_id})
    return Gate(state) if state is not None else Gate.OPEN


def unlatch(connection: Connection, academy_id: int, *, course_id: int) -> None:
    """Open the gate, which the caller has locked."""
    _change(connection, academy_id, course_id, Gate.OPEN)


def add(connection: Connection, waiting: Waiting) -> None:
    """Let one message wait."""
    columns: dict[str, Any] = {name: getattr(waiting, name) for name in Waiting.__slots__}
    columns |= {"at": micros(waiting.at), "exited_at": micros_or_none(waiting.exited_at)}
    connection.execute(_ADD, columns)


def newest(
    connection: Connection, academy_id: int, *, attempt_id: int, session_id: int | None = None
) -> Waiting | None:
    """Return the last message that waits of an attempt, or of one session of it."""
    key = {"academy": academy_id, "attempt": attempt_id}
    if session_id is None:
        row = connection.execute(_NEWEST_OF_ATTEMPT, key).one_or_none()
    else:
        row = connection.execute(_NEWEST_OF_SESSION, {**key, "session": session_id}).one_or_none()
    return _waiting_of(row) if row is not None else None


def writer_behind(connection: Connection, attempt: Attempt) -> int | None:
    """Return the newest session by which something waits of a retake of an attempt, if any has
    reported.
    """
    query = (
        select(func.max(HeldRow.writer))
        .join(
            AttemptRow,
            (AttemptRow.academy_id == HeldRow.academy_id) & (AttemptRow.id == HeldRow.attempt_id),
        )
        .where(
            HeldRow.academy_id == attempt.academy_id,
            HeldRow.course_id == attempt.course_id,
            HeldRow.learner_id == attempt.learner_id,
            AttemptRow.au_id == attempt.au_id,
            AttemptRow.number > attempt.number,
        )
    )
    return connection.execute(query).scalar_one()


def of_course(
    connection: Connection, academy_id: int, *, course_id: int, limit: int
) -> list[Waiting]:
    """Return what waits before a gate in the order in which it came, at most `limit`."""
    query = select(HeldRow.__table__).where(*_OF_COURSE).order_by(HeldRow.exchange_id).limit(limit)
    key = {"academy": academy_id, "course": course_id}
    return [_waiting_of(row) for row in connection.execute(query, key)]


def of_attempt(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Waiting]:
    """Return what waits of an attempt in the order in which it came."""
    query = select(HeldRow.__table__).where(*_OF_ATTEMPT).order_by(HeldRow.exchange_id)
    key = {"academy": academy_id, "attempt": attempt_id}
    return [_waiting_of(row) for row in connection.execute(query, key)]


def held_exchanges(connection: Connection, academy_id: int, *, attempt_id: int) -> frozenset[int]:
    """Return the ids of the exchanges of an attempt that wait."""
    query = select(HeldRow.exchange_id).where(*_OF_ATTEMPT)
    return frozenset(connection.scalars(query, {"academy": academy_id, "attempt": attempt_id}))


def lock_attempts(connection: Connection, academy_id: int, *, course_id: int) -> None:
    """Lock every attempt of which something waits before a gate, in the order of their ids.

    Posts lock several attempts at once in that order; who credits a gate in several portions within
    one transaction would else wait for them crosswise.
    """
    waiting = select(HeldRow.attempt_id).where(*_OF_COURSE)
    query = (
        select(AttemptRow.id)
        .where(AttemptRow.academy_id == bindparam("academy"), AttemptRow.id.in_(waiting))
        .order_by(AttemptRow.id)
        .with_for_update()
    )
    connection.execute(query, {"academy": academy_id, "course": course_id}).all()


def attempts_of(connection: Connection, waiting: Sequence[Waiting]) -> list[Attempt]:
    """Return the attempts of what waits, locked by the order of their ids."""
    rows = connection.execute(
        select(AttemptRow.__table__)
        .where(
            AttemptRow.academy_id == waiting[0].academy_id,
            AttemptRow.id.in_({one.attempt_id for one in waiting}),
        )
        .order_by(AttemptRow.id)
        .with_for_update()
    )
    return [attempt_of(row) for row in rows]


def sessions_of(connection: Connection, waiting: Sequence[Waiting]) -> list[Session]:
    """Return the sessions of what waits; locking their attempts locks them."""
    rows = connection.execute(
        select(*SESSION_COLUMNS).where(
            SessionRow.academy_id == waiting[0].academy_id,
            SessionRow.id.in_({one.session_id for one in waiting}),
        )
    )
    return [session_of(row) for row in rows]


def remove(connection: Connection, waiting: Sequence[Waiting]) -> None:
    """Take away what has been credited; all of it waited before one gate."""
    first, last = waiting[0], waiting[-1]
    connection.execute(
        delete(HeldRow).where(
            HeldRow.academy_id == first.academy_id,
            HeldRow.course_id == first.course_id,
            HeldRow.exchange_id.between(first.exchange_id, last.exchange_id),
        )
    )


@dataclass(frozen=True, slots=True)
class Count:
    """How much waits before a gate: messages, of so many learners."""

    messages: int = 0
    learners: int = 0


def count(connection: Connection, academy_id: int, *, course_id: int) -> Count:
    """Count what waits before the gate of a course."""
    query = select(func.count(), func.count(HeldRow.learner_id.distinct())).where(*_OF_COURSE)
    key = {"academy": academy_id, "course": course_id}
    return Count(*connection.execute(query, key).one())


def counts(
    connection: Connection, academy_id: int, *, course_id: int, learner_ids: Collection[int]
) -> dict[int, int]:
    """Count what waits before the gate of a course of some learners; of others nothing is told."""
    query = (
        select(HeldRow.learner_id, func.count())
        .where(*_OF_COURSE, HeldRow.learner_id.in_(learner_ids))
        .group_by(HeldRow.learner_id)
    )
    key = {"academy": academy_id, "course": course_id}
    return {row[0]: row[1] for row in connection.execute(query, key)}


def _change(connection: Connection, academy_id: int, course_id: int, state: Gate) -> bool:
    values = {"b_academy": academy_id, "b_course": course_id, "state_now": str(state)}
    return connection.execute(_CHANGE, values).rowcount == 1


def _make(connection: Connection, academy_id: int, course_id: int, state: Gate) -> bool:
    """Make the gate; False where somebody else did at the same moment, and has committed."""
    values = {"academy_id": academy_id, "course_id": course_id, "state": str(state)}
    try:
        with connection.begin_nested():
            connection.execute(_MAKE, values)
    except IntegrityError:
        return False
    return True


def _waiting_of(row: Row[Any]) -> Waiting:
    columns = {name: getattr(row, name) for name in Waiting.__slots__}
    columns |= {"at": moment(row.at), "exited_at": moment_or_none(row.exited_at)}
    return Waiting(**columns)
