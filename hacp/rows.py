"""Rows and values: how attempts, sessions, tickets, scores and moments stand in the tables.

Serves `store`. Holds no query; each `dump_x` has its `x_of` or `parse_x`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from hacp.documents import (
    dump_earlier,
    dump_objectives,
    parse_earlier,
    parse_objectives,
    parse_preferences,
    parse_record,
)
from hacp.fields import dump_score, parse_score
from hacp.model import (
    Attempt,
    Credit,
    Exchange,
    Exit,
    Gate,
    LaunchTicket,
    Mode,
    Phase,
    Score,
    Session,
    Standing,
    Status,
)
from hacp.packing import unpack
from hacp.records import Kept, Record, StatusChange

# A few hundred bytes each: tickets never change, so what was read once is right for ever.
TICKETS_REMEMBERED = 4096

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def attempt_of(row: Row[Any]) -> Attempt:
    """Return the attempt that a row of `AttemptRow` holds."""
    return Attempt(
        academy_id=row.academy_id,
        id=row.id,
        learner_id=row.learner_id,
        course_id=row.course_id,
        au_id=row.au_id,
        number=row.number,
        started_at=moment(row.started_at),
        last_at=moment(row.last_at),
        status=Status(row.status),
        said=Status(row.said) if row.said is not None else None,
        exit=Exit(row.exit),
        score=parse_score_or_none(row.score),
        last_score=parse_score_or_none(row.last_score),
        best_score=parse_score_or_none(row.best_score),
        location=row.location,
        suspend_data=row.suspend_data,
        suspend_from=row.suspend_from,
        seconds=Decimal(row.seconds),
        completed_at=moment_or_none(row.completed_at),
        writer=row.writer,
        objectives=parse_objectives(row.objectives),
        over_time_at=moment_or_none(row.over_time_at),
    )


def attempt_columns(attempt: Attempt) -> dict[str, Any]:
    """Return what of an attempt a post may change, by column, except what is large."""
    return {
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
        "writer": attempt.writer,
        "over_time_at": micros_or_none(attempt.over_time_at),
    }


def new_attempt_columns(attempt: Attempt) -> dict[str, Any]:
    """Return all columns of an attempt that begins; see `attempt_of`."""
    return {
        "academy_id": attempt.academy_id,
        "id": attempt.id,
        "learner_id": attempt.learner_id,
        "course_id": attempt.course_id,
        "au_id": attempt.au_id,
        "number": attempt.number,
        "started_at": micros(attempt.started_at),
        **attempt_columns(attempt),
        "suspend_data": attempt.suspend_data,
        "suspend_from": attempt.suspend_from,
        "objectives": dump_objectives(attempt.objectives),
    }


def session_columns(session: Session) -> dict[str, Any]:
    """Return what of a session a post may change, by column."""
    return {
        "last_at": micros(session.last_at),
        "phase": str(session.phase),
        "seconds": str(session.seconds),
        "told_at": micros_or_none(session.told_at),
        "exited_at": micros_or_none(session.exited_at),
    }


def new_session_columns(session: Session, *, sid_hash: bytes) -> dict[str, Any]:
    """Return all columns of a session that is opened; see `session_of`."""
    start = session.launched_with
    return {
        "academy_id": session.ticket.academy_id,
        "id": session.id,
        "sid_hash": sid_hash,
        "attempt_id": session.attempt_id,
        "ticket": dump_ticket(session.ticket),
        "opened_at": micros(session.opened_at),
        **session_columns(session),
        "start_status": str(start.status),
        "start_score": dump_score_or_none(start.score),
        "start_seconds": str(start.seconds),
        "earlier": dump_earlier(session.earlier),
    }


def session_of(row: Row[Any], **known: Any) -> Session:
    """Return the session that a row holds, with the labels of `schema.SESSION_COLUMNS`.

    `known` is what else is known of it.
    """
    return Session(
        id=row.session_id,
        attempt_id=row.attempt_id,
        ticket=parse_ticket(row.ticket),
        launched_with=Standing(
            status=Status(row.start_status),
            score=parse_score_or_none(row.start_score),
            seconds=Decimal(row.start_seconds),
        ),
        opened_at=moment(row.opened_at),
        last_at=moment(row.session_last_at),
        phase=Phase(row.phase),
        seconds=Decimal(row.session_seconds),
        told_at=moment_or_none(row.told_at),
        exited_at=moment_or_none(row.exited_at),
        earlier=parse_earlier(row.earlier),
        **known,
    )


def talk_of(row: Any) -> tuple[Attempt, Session]:
    """Return the attempt and session that a row of `schema.conversations` holds."""
    session = session_of(
        row, preferences=parse_preferences(row.preferences), held=row.gate == Gate.HELD
    )
    return attempt_of(row), session


def exchange_of(row: Row[Any], carried: Mapping[int, bytes]) -> Exchange:
    """Return an exchange; `carried` holds the suspend data that its reply refers to."""
    reply = unpack(row.reply, row.packed)
    if row.suspend_at is not None:
        # A source that retention has dropped leaves its place empty.
        reply = (
            reply[: row.suspend_at] + carried.get(row.suspend_from, b"") + reply[row.suspend_at :]
        )
    return Exchange(
        id=row.id,
        at=moment(row.at),
        method=row.method,
        content_type=row.content_type,
        origin=row.origin,
        query=unpack(row.query, row.packed),
        request=unpack(row.request, row.packed),
        reply=reply,
        error=row.error,
        command=row.command,
        session_id=row.session_id,
        suspend_from=row.suspend_from,
        suspend_at=row.suspend_at,
        tolerated=parse_notes(row.tolerated),
    )


def exchange_columns(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange by column, without the academy and attempt it belongs to."""
    said = {name: getattr(exchange, name) for name in Exchange.__slots__}
    return {
        **said,
        "at": micros(exchange.at),
        "tolerated": dump_notes(exchange.tolerated),
    }


def kept_of(row: Row[Any]) -> Kept[Record]:
    """Return the record that a row of `RecordRow` holds."""
    return Kept(row.exchange_id, moment(row.at), row.place, parse_record(row.kind, row.document))


def change_of(row: Row[Any]) -> StatusChange:
    """Return the step that a row of `StatusRow` holds."""
    return StatusChange(
        exchange_id=row.exchange_id,
        session_id=row.session_id,
        at=moment(row.at),
        before=Status(row.status_before),
        status=Status(row.status),
        said=Status(row.said) if row.said is not None else None,
        score=parse_score_or_none(row.score),
        judged=row.judged,
    )


def change_columns(change: StatusChange) -> dict[str, Any]:
    """Return a step by column, without the academy and attempt it belongs to."""
    return {
        "exchange_id": change.exchange_id,
        "session_id": change.session_id,
        "at": micros(change.at),
        "status_before": str(change.before),
        "status": str(change.status),
        "said": str(change.said) if change.said is not None else None,
        "score": dump_score_or_none(change.score),
        "judged": change.judged,
    }


def dump_notes(notes: tuple[str, ...]) -> str:
    """Write what the trace notes of an exchange, one a line; see `parse_notes`."""
    return "\n".join(notes)


def parse_notes(text: str) -> tuple[str, ...]:
    """Read what the trace notes; see `dump_notes`."""
    return tuple(text.split("\n")) if text else ()


def dump_ticket(ticket: LaunchTicket) -> str:
    """Write a ticket as JSON; see `parse_ticket`."""
    return json.dumps(asdict(ticket), default=str, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=TICKETS_REMEMBERED)
def parse_ticket(text: str) -> LaunchTicket:
    """Read a ticket from JSON; see `dump_ticket`. Every message of a session asks for the same."""
    facts = json.loads(text)
    mastery = facts["mastery_score"]
    facts["mode"] = Mode(facts["mode"])
    facts["credit"] = Credit(facts["credit"])
    facts["mastery_score"] = Decimal(mastery) if mastery is not None else None
    facts["objectives"] = tuple(facts["objectives"])
    return LaunchTicket(**facts)


def dump_score_or_none(score: Score | None) -> str | None:
    """Write a score exactly; see `parse_score_or_none`."""
    return dump_score(score, integer=False) if score is not None else None


def parse_score_or_none(text: str | None) -> Score | None:
    """Read a score; see `dump_score_or_none`."""
    return parse_score(text) if text is not None else None


def micros(at: datetime) -> int:
    """Write a moment as whole microseconds since 1970 in UTC; see `moment`."""
    return (at - _UNIX) // _MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    """Write a moment that may not have come yet; see `moment_or_none`."""
    return micros(at) if at is not None else None


def moment(number: int) -> datetime:
    """Read a moment; see `micros`."""
    return _UNIX + number * _MICROSECOND


def moment_or_none(number: int | None) -> datetime | None:
    """Read a moment that may not have come yet; see `micros_or_none`."""
    return moment(number) if number is not None else None
