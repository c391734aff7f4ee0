"""What is kept of conversations: attempts, sessions and raw exchanges, read and written.

Serves the endpoint and the hall. Every function takes a connection inside a transaction and an
academy, returns values and never commits; what a message means is for `rules`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from hacp.ids import new_id
from hacp.messages import parse_report, parse_request
from hacp.model import (
    Attempt,
    Exchange,
    LaunchTicket,
    Phase,
    Session,
)
from hacp.rows import (
    attempt_of,
    dump_score_or_none,
    dump_ticket,
    exchange_of,
    micros,
    micros_or_none,
    session_of,
)
from hacp.schema import AttemptRow, ExchangeRow, SessionRow

# 160 random bits, as 40 lower-case hexadecimal digits: several clients resend the id unencoded, and
# one LMS is known to lower-case it.
SESSION_ID_BYTES = 20

# What a request that names no session of ours is filed under.
NO_ATTEMPT = 0


# The statements of the hot path, built once; SQLAlchemy keeps their compiled text.
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
)
_CONVERSATION = (
    select(AttemptRow.__table__, *SESSION_COLUMNS)
    .join(
        SessionRow,
        and_(
            SessionRow.academy_id == AttemptRow.academy_id, SessionRow.attempt_id == AttemptRow.id
        ),
    )
    .where(
        SessionRow.academy_id == bindparam("academy"), SessionRow.sid_hash == bindparam("sid_hash")
    )
    .with_for_update()
)
_KEEP = (
    update(AttemptRow)
    .where(AttemptRow.academy_id == bindparam("b_academy"), AttemptRow.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "last_at",
                "status",
                "said",
                "exit",
                "score",
                "last_score",
                "best_score",
                "location",
                "seconds",
                "completed_at",
            )
        }
    )
)
_KEEP_ALL = _KEEP.values(
    suspend_data=bindparam("suspend_data"), suspend_from=bindparam("suspend_from")
)
_KEEP_SESSION = (
    update(SessionRow)
    .where(SessionRow.academy_id == bindparam("b_academy"), SessionRow.id == bindparam("b_id"))
    .values(
        {name: bindparam(name) for name in ("last_at", "phase", "seconds", "told_at", "exited_at")}
    )
)
_LOG = insert(ExchangeRow)


def open_session(connection: Connection, ticket: LaunchTicket, *, now: datetime) -> str:
    """Open a session for a launch and return its id, which is stored nowhere but as a hash.

    It continues the learner's newest attempt of the unit, or begins the first.
    """
    attempt = _newest_attempt(connection, ticket) or _first_attempt(connection, ticket, now=now)
    session_id = secrets.token_hex(SESSION_ID_BYTES)
    connection.execute(
        insert(SessionRow),
        {
            "academy_id": ticket.academy_id,
            "id": new_id(now),
            "sid_hash": _hash(session_id),
            "attempt_id": attempt.id,
            "ticket": dump_ticket(ticket),
            "opened_at": micros(now),
            "last_at": micros(now),
            "phase": str(Phase.LAUNCHED),
            "seconds": "0",
            "start_status": str(attempt.status),
            "start_score": dump_score_or_none(attempt.score),
            "start_seconds": str(attempt.seconds),
        },
    )
    return session_id


def conversation_for(
    connection: Connection, academy_id: int, *, session_id: str
) -> tuple[Attempt, Session] | None:
    """Return the attempt and session behind a session id, locked until the transaction ends.

    The look-up is by hash, so its time tells nothing about the ids that exist.
    """
    row = connection.execute(
        _CONVERSATION, {"academy": academy_id, "sid_hash": _hash(session_id)}
    ).one_or_none()
    if row is None:
        return None
    return attempt_of(row), session_of(row)


def keep(connection: Connection, attempt: Attempt, session: Session, *, suspend_data: bool) -> None:
    """Write what a message changed; suspend data only where asked, since it is large."""
    connection.execute(
        _KEEP_ALL if suspend_data else _KEEP,
        {
            "b_academy": attempt.academy_id,
            "b_id": attempt.id,
            "last_at": micros(attempt.last_at),
            "status": str(attempt.status),
            "said": str(attempt.said) if attempt.said is not None else None,
            "exit": str(attempt.exit),
            "score": dump_score_or_none(attempt.score),
            "last_score": dump_score_or_none(attempt.last_score),
            "best_score": dump_score_or_none(attempt.best_score),
            "location": attempt.location,
            "seconds": str(attempt.seconds),
            "completed_at": micros_or_none(attempt.completed_at),
            **(
                {"suspend_data": attempt.suspend_data, "suspend_from": attempt.suspend_from}
                if suspend_data
                else {}
            ),
        },
    )
    connection.execute(
        _KEEP_SESSION,
        {
            "b_academy": attempt.academy_id,
            "b_id": session.id,
            "last_at": micros(session.last_at),
            "phase": str(session.phase),
            "seconds": str(session.seconds),
            "told_at": micros_or_none(session.told_at),
            "exited_at": micros_or_none(session.exited_at),
        },
    )


def log(
    connection: Connection, academy_id: int, exchange: Exchange, *, attempt_id: int = NO_ATTEMPT
) -> None:
    """Keep one raw exchange, answered or refused."""
    connection.execute(
        _LOG,
        {
            "academy_id": academy_id,
            "attempt_id": attempt_id,
            "id": exchange.id,
            "session_id": exchange.session_id,
            "at": micros(exchange.at),
            "command": exchange.command,
            "error": exchange.error,
            "method": exchange.method,
            "content_type": exchange.content_type,
            "origin": exchange.origin,
            "query": exchange.query,
            "request": exchange.request,
            "reply": exchange.reply,
            "suspend_from": exchange.suspend_from,
            "suspend_at": exchange.suspend_at,
            "tolerated": "\n".join(exchange.tolerated),
        },
    )


def attempt(connection: Connection, academy_id: int, *, attempt_id: int) -> Attempt | None:
    """Return one attempt of the academy."""
    found = _attempts(connection, AttemptRow.academy_id == academy_id, AttemptRow.id == attempt_id)
    return found[0] if found else None


def attempts_in_course(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> list[Attempt]:
    """Return a learner's attempts of a course, by unit and number."""
    return _attempts(
        connection,
        AttemptRow.academy_id == academy_id,
        AttemptRow.learner_id == learner_id,
        AttemptRow.course_id == course_id,
    )


def sessions_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Session]:
    """Return an attempt's sessions, the oldest first."""
    rows = connection.execute(
        select(*SESSION_COLUMNS)
        .where(SessionRow.academy_id == academy_id, SessionRow.attempt_id == attempt_id)
        .order_by(SessionRow.id)
    )
    return [session_of(row) for row in rows]


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
    carried = _suspend_data_of(connection, academy_id, attempt_id, rows)
    return [exchange_of(row, carried) for row in rows]


def _suspend_data_of(
    connection: Connection, academy_id: int, attempt_id: int, rows: Sequence[Row[Any]]
) -> dict[int, bytes]:
    """Read the suspend data that replies refer to out of the requests that brought it."""
    wanted = {row.suspend_from for row in rows if row.suspend_from is not None}
    if not wanted:
        return {}
    sources = connection.execute(
        select(
            ExchangeRow.id,
            ExchangeRow.query,
            ExchangeRow.request,
            ExchangeRow.content_type,
        ).where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == attempt_id,
            ExchangeRow.id.in_(wanted),
        )
    )
    carried = {}
    for row in sources:
        request = parse_request(row.request, query=row.query, content_type=row.content_type)
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


def _first_attempt(connection: Connection, ticket: LaunchTicket, *, now: datetime) -> Attempt:
    """Begin attempt 1, or take the one that a launch at the same moment has begun."""
    fresh = Attempt(
        academy_id=ticket.academy_id,
        id=new_id(now),
        learner_id=ticket.learner_id,
        course_id=ticket.course_id,
        au_id=ticket.au_id,
        number=1,
        started_at=now,
        last_at=now,
    )
    try:
        with connection.begin_nested():
            connection.execute(
                insert(AttemptRow),
                {
                    "academy_id": fresh.academy_id,
                    "id": fresh.id,
                    "learner_id": fresh.learner_id,
                    "course_id": fresh.course_id,
                    "au_id": fresh.au_id,
                    "number": fresh.number,
                    "started_at": micros(now),
                    "last_at": micros(now),
                    "status": str(fresh.status),
                    "exit": str(fresh.exit),
                    "location": "",
                    "suspend_data": "",
                    "seconds": "0",
                },
            )
    except IntegrityError:
        begun = _newest_attempt(connection, ticket)
        if begun is None:
            raise
        return begun
    return fresh


def _attempts(connection: Connection, *where: ColumnElement[bool]) -> list[Attempt]:
    rows = connection.execute(
        select(AttemptRow.__table__).where(*where).order_by(AttemptRow.au_id, AttemptRow.number)
    )
    return [attempt_of(row) for row in rows]


def _hash(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode("utf-8", "replace")).digest()
