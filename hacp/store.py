"""What is kept of conversations: attempts, sessions and raw exchanges, read and written.

Serves the endpoint and the hall. Every function takes a connection inside a transaction and an
academy, returns values and never commits; what a message means is for `rules`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from hacp import talks
from hacp.archive import (
    comments_of,
    interactions_of,
    objectives_of,
    path_of,
    performance_of,
    preferences_of,
    statuses_of,
    tries_of,
)
from hacp.gates import enter
from hacp.ids import new_id
from hacp.messages import parse_report, parse_request
from hacp.model import (
    Attempt,
    Exchange,
    LaunchTicket,
    Phase,
    Policy,
    Session,
    Standing,
    Status,
)
from hacp.packing import unpack
from hacp.prepared import Prepared
from hacp.rows import (
    attempt_of,
    exchange_of,
    micros,
    new_attempt_columns,
    new_session_columns,
    parse_score_or_none,
    session_of,
)
from hacp.schema import AttemptRow, ExchangeRow, SessionRow
from hacp.signals import attempt_changed
from hacp.statements import ATTEMPTS_IN_COURSE, CLAIM_SESSION, DUE_SESSIONS, SESSIONS_OF
from hacp.talks import NO_ATTEMPT, Change, Filed, hash_of

# What was said beside a result is read here too, though it is kept by `archive`, and what every
# message asks stands in `talks`.
__all__ = [
    "NO_ATTEMPT",
    "attempt",
    "attempts_in_course",
    "close_silent",
    "comments_of",
    "conversation_for",
    "exchanges_of",
    "hash_of",
    "interactions_of",
    "keep",
    "log",
    "objectives_of",
    "open_session",
    "path_of",
    "performance_of",
    "preferences_of",
    "sessions_of",
    "statuses_of",
    "suspend_data_of",
    "tries_of",
]

# 160 random bits, as 40 lower-case hexadecimal digits: several clients resend the id unencoded, and
# one LMS is known to lower-case it.
SESSION_ID_BYTES = 20

# Earlier attempts that GetParam tells of. Replies are short, and few clients read them.
MOST_EARLIER = 10

# The roll-up of a report asks these.
_IN_COURSE = Prepared(ATTEMPTS_IN_COURSE)
_SESSIONS_OF = Prepared(SESSIONS_OF)


def open_session(
    connection: Connection,
    ticket: LaunchTicket,
    *,
    now: datetime,
    new_attempt: bool = False,
    behind: int | None = None,
) -> str:
    """Open a session for a launch and return its id, which is stored nowhere but as a hash.

    It continues the learner's newest attempt of the unit, or begins the first. With `new_attempt`
    it begins another, with nothing of the one before; the earlier ones stay as they are. `behind`
    is the number of the attempt that was found to be over: where another launch has begun one
    behind that in the same moment, it is continued.

    Raises CourseHeld where the course is archived. Whoever archives it at the same moment either
    finds this session, or is found here.
    """
    enter(connection, ticket.academy_id, course_id=ticket.course_id)
    attempt = _newest_attempt(connection, ticket)
    if attempt is None or (new_attempt and behind in {None, attempt.number}):
        attempt = _begin(connection, ticket, number=attempt.number + 1 if attempt else 1, now=now)
    session_id = secrets.token_hex(SESSION_ID_BYTES)
    session = Session(
        id=new_id(now),
        attempt_id=attempt.id,
        ticket=ticket,
        launched_with=Standing(attempt.status, attempt.score, attempt.seconds),
        opened_at=now,
        last_at=now,
        earlier=_earlier(connection, attempt),
    )
    connection.execute(
        insert(SessionRow), new_session_columns(session, sid_hash=hash_of(session_id))
    )
    return session_id


def conversation_for(
    connection: Connection, academy_id: int, *, session_id: str
) -> tuple[Attempt, Session] | None:
    """Return the attempt and session behind a session id, locked until the transaction ends.

    The look-up is by hash, so its time tells nothing about the ids that exist.
    """
    found = talks.find(connection, academy_id, session_ids=[session_id], lock=True)
    return found.get(session_id)


def keep(
    connection: Connection,
    attempt: Attempt,
    session: Session,
    *,
    suspend_data: bool,
    objectives: bool = False,
) -> None:
    """Write what a message changed; suspend data and objectives, which are large, where asked."""
    change = Change(attempt, session, suspend_data=suspend_data, objectives=objectives)
    talks.keep(connection, [change])


def log(
    connection: Connection, academy_id: int, exchange: Exchange, *, attempt_id: int = NO_ATTEMPT
) -> None:
    """Keep one raw exchange, answered or refused."""
    talks.log(connection, [Filed(academy_id, attempt_id, exchange)])


def close_silent(
    connection: Connection,
    *,
    now: datetime,
    policy: Policy,
    limit: int,
    sender: object | None = None,
) -> int:
    """Store that sessions of any academy are over, at most `limit`; return how many.

    May run anywhere and many times at once: each session is claimed by an UPDATE that finds it as
    it was seen, in the order of their ids. All that they sent is counted already, so nothing is
    credited; the hall hears of each attempt, since it hears of time alone only now and then. No id
    is revoked: that is for the clock.
    """
    due = connection.execute(
        DUE_SESSIONS,
        {
            "left_before": micros(now - policy.grace),
            "heard_before": micros(now - policy.silence),
            "opened_before": micros(now - policy.lifetime),
            "most": limit,
        },
    ).all()
    claimed = [row for row in due if _claim(connection, row)]
    touched = {(row.academy_id, row.attempt_id) for row in claimed}
    closed = (
        attempt(connection, academy_id, attempt_id=attempt_id) for academy_id, attempt_id in touched
    )
    # In one order everywhere: the hall locks a row for each, and no two sweeps may wait crosswise.
    for one in sorted(filter(None, closed), key=place_of_progress):
        attempt_changed.send(sender, connection=connection, attempt=one)
    return len(claimed)


def place_of_progress(attempt: Attempt) -> tuple[int, int, int, int]:
    """Return by what attempts are sorted before the hall hears of several in one transaction."""
    return attempt.academy_id, attempt.learner_id, attempt.course_id, attempt.id


def _claim(connection: Connection, row: Any) -> bool:
    """Take one session to close it; False where another sweep or a post came first."""
    phase = Phase.EXPIRED if row.exited_at is None else Phase.CLOSED
    claim = {
        "b_academy": row.academy_id,
        "b_id": row.id,
        "b_last_at": row.last_at,
        "phase_now": str(phase),
    }
    return connection.execute(CLAIM_SESSION, claim).rowcount == 1


def attempt(connection: Connection, academy_id: int, *, attempt_id: int) -> Attempt | None:
    """Return one attempt of the academy."""
    row = connection.execute(
        select(AttemptRow.__table__).where(
            AttemptRow.academy_id == academy_id, AttemptRow.id == attempt_id
        )
    ).one_or_none()
    return attempt_of(row) if row is not None else None


def attempts_in_course(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> list[Attempt]:
    """Return a learner's attempts of a course, by unit and number."""
    key = {"academy": academy_id, "learner": learner_id, "course": course_id}
    return [attempt_of(row) for row in _IN_COURSE.rows(connection, key)]


def sessions_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Session]:
    """Return an attempt's sessions, the oldest first."""
    key = {"academy": academy_id, "attempt": attempt_id}
    return [session_of(row) for row in _SESSIONS_OF.rows(connection, key)]


def exchanges_of(
    connection: Connection, academy_id: int, *, attempt_id: int, limit: int = 500, after: int = 0
) -> list[Exchange]:
    """Return an attempt's exchanges behind the id `after`, the oldest first, each reply whole."""
    rows = connection.execute(
        select(ExchangeRow.__table__)
        .where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == attempt_id,
            ExchangeRow.id > after,
        )
        .order_by(ExchangeRow.id)
        .limit(limit)
    ).all()
    wanted = {row.suspend_from for row in rows if row.suspend_from is not None}
    carried = suspend_data_of(connection, academy_id, attempt_id=attempt_id, exchange_ids=wanted)
    return [exchange_of(row, carried) for row in rows]


def suspend_data_of(
    connection: Connection, academy_id: int, *, attempt_id: int, exchange_ids: Collection[int]
) -> dict[int, bytes]:
    """Read the suspend data that replies refer to out of the requests that brought it."""
    if not exchange_ids:
        return {}
    sources = connection.execute(
        select(
            ExchangeRow.id,
            ExchangeRow.query,
            ExchangeRow.request,
            ExchangeRow.content_type,
            ExchangeRow.packed,
        ).where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == attempt_id,
            ExchangeRow.id.in_(exchange_ids),
        )
    )
    carried = {}
    for row in sources:
        request = parse_request(
            unpack(row.request, row.packed),
            query=unpack(row.query, row.packed),
            content_type=row.content_type,
        )
        suspend_data = parse_report(request.aicc_data or "").suspend_data or ""
        carried[row.id] = f"{suspend_data}\r\n".encode()
    return carried


def _newest_attempt(connection: Connection, ticket: LaunchTicket) -> Attempt | None:
    row = connection.execute(
        select(AttemptRow.__table__)
        .where(
            AttemptRow.academy_id == ticket.academy_id,
            AttemptRow.learner_id == ticket.learner_id,
            AttemptRow.course_id == ticket.course_id,
            AttemptRow.au_id == ticket.au_id,
        )
        .order_by(AttemptRow.number.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    return attempt_of(row) if row is not None else None


def _begin(connection: Connection, ticket: LaunchTicket, *, number: int, now: datetime) -> Attempt:
    """Begin an attempt, or take the one that a launch at the same moment has begun."""
    fresh = Attempt(
        academy_id=ticket.academy_id,
        id=new_id(now),
        learner_id=ticket.learner_id,
        course_id=ticket.course_id,
        au_id=ticket.au_id,
        number=number,
        started_at=now,
        last_at=now,
    )
    try:
        with connection.begin_nested():
            connection.execute(insert(AttemptRow), new_attempt_columns(fresh))
    except IntegrityError:
        begun = _newest_attempt(connection, ticket)
        if begun is None:
            raise
        return begun
    return fresh


def _earlier(connection: Connection, attempt: Attempt) -> tuple[tuple[int, Standing], ...]:
    """Return the last attempts before this one, the oldest first."""
    if attempt.number == 1:
        return ()
    rows = connection.execute(
        select(AttemptRow.number, AttemptRow.status, AttemptRow.score)
        .where(
            AttemptRow.academy_id == attempt.academy_id,
            AttemptRow.learner_id == attempt.learner_id,
            AttemptRow.course_id == attempt.course_id,
            AttemptRow.au_id == attempt.au_id,
            AttemptRow.number < attempt.number,
        )
        .order_by(AttemptRow.number.desc())
        .limit(MOST_EARLIER)
    ).all()
    return tuple(
        (row.number, Standing(Status(row.status), parse_score_or_none(row.score)))
        for row in reversed(rows)
    )
