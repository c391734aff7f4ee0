"""The facts of a case, gathered from both wings: attempt, sessions, the newest exchanges, course.

Serves `progress`, which stores what is found in the transaction of a post and so reads little, and
`explanations`, which reads more. Reads only; what the facts mean is for `explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    bindparam,
    case,
    func,
    literal,
    select,
)

import hacp.store
from catalog.files.tree import ROOT
from catalog.model import AssignableUnit, Course, Result
from catalog.prerequisites import Lock, locks
from catalog.script import DONE
from catalog.store import StoredCourse
from hacp import gates
from hacp.model import Attempt, Exchange
from hacp.packing import PLAIN, unpack
from hacp.prepared import Prepared
from hacp.records import StatusChange
from hacp.rows import moment, parse_notes
from hacp.schema import ExchangeRow
from launcher.explaining import conditions
from launcher.explaining.facts import ByHand, Case, Closed
from launcher.explaining.said import Said, said_of
from launcher.explaining.strangers import homes_of, stranger_after
from launcher.records.by_hand import HandStatus
from launcher.records.reckoning import is_over

# Enough for the error and its text.
REPLY_BYTES = 256


@dataclass(frozen=True, slots=True)
class Depth:
    """How far to read: so many of the newest exchanges, and so much of each request.

    `whole` also counts the exchanges before them, and looks for requests without a session.
    """

    exchanges: int
    request_bytes: int
    whole: bool


# Inside the transaction of a post. [core] stands at the beginning of nearly every report, and the
# last word decides.
GLANCE = Depth(exchanges=8, request_bytes=1024, whole=False)
STUDY = Depth(exchanges=500, request_bytes=64 * 1024, whole=True)


def _beginning(column: Any, size: ColumnElement[int]) -> ColumnElement[bytes]:
    """Cut in the database, but for bytes that are packed: those are small, and read whole only."""
    return case((ExchangeRow.packed == PLAIN, func.substr(column, 1, size)), else_=column)


_NEWEST = Prepared(
    select(
        ExchangeRow.id,
        ExchangeRow.at,
        ExchangeRow.command,
        ExchangeRow.error,
        ExchangeRow.method,
        ExchangeRow.content_type,
        ExchangeRow.origin,
        ExchangeRow.session_id,
        _beginning(ExchangeRow.query, bindparam("bytes", type_=Integer)).label("query"),
        _beginning(ExchangeRow.request, bindparam("bytes", type_=Integer)).label("request"),
        _beginning(ExchangeRow.reply, literal(REPLY_BYTES)).label("reply"),
        ExchangeRow.packed,
        ExchangeRow.tolerated,
    )
    .where(
        ExchangeRow.academy_id == bindparam("academy"),
        ExchangeRow.attempt_id == bindparam("attempt"),
    )
    .order_by(ExchangeRow.id.desc())
    .limit(bindparam("count", type_=Integer))
)


def course_case(
    connection: Connection,
    stored: StoredCourse,
    counting: Sequence[Attempt],
    *,
    results: Mapping[str, Result],
    by_hand: Mapping[str, HandStatus],
    course_done: bool,
    academy_id: int,
    depth: Depth,
    content_url: str = "",
) -> Case:
    """Gather the case of a whole course: of the attempt that is in its way.

    That is the last one that moved of those that count and are not done, else the last one at all.
    """
    pool = [one for one in counting if (results[one.au_id].status in DONE) is course_done]
    # A course is done since its last unit is, however often one is looked at again.
    focus = max(
        pool or counting,
        key=lambda one: ((course_done and one.completed_at) or one.last_at, one.id),
        default=None,
    )
    left = [unit for unit in stored.course.units if _result(results, unit).status not in DONE]
    upcoming, closed = _upcoming(stored.course, results, left)
    titles = tuple(unit.title for unit in left)
    hand = _hand(stored, by_hand, done=course_done)
    if focus is None:
        return Case(
            unit=upcoming.title if upcoming else stored.title,
            closed=closed,
            whole_course=True,
            left=titles,
            course_done=course_done,
            by_hand=hand,
            archived_at=_archived_at(stored),
        )
    return attempt_case(
        connection,
        stored,
        focus,
        academy_id=academy_id,
        depth=depth,
        content_url=content_url,
        whole_course=True,
        closed=closed,
        left=titles,
        course_done=course_done,
        unit_done=results[focus.au_id].status in DONE,
        by_hand=hand,
    )


def unlaunched_case(
    stored: StoredCourse,
    au_id: str,
    *,
    results: Mapping[str, Result],
    by_hand: HandStatus | None = None,
) -> Case:
    """Return the case of a unit that has no attempt. Raises LookupError for what is no unit."""
    unit = stored.course.unit(au_id)
    if unit is None:
        raise LookupError(au_id)
    hand = told_of(stored, by_hand) if by_hand else None
    return Case(
        unit=unit.title,
        closed=_closed(locks(stored.course, results).get(au_id), unit),
        whole_course=False,
        by_hand=hand,
        archived_at=_archived_at(stored),
    )


def attempt_case(
    connection: Connection,
    stored: StoredCourse | None,
    attempt: Attempt,
    *,
    academy_id: int,
    depth: Depth,
    content_url: str = "",
    whole_course: bool = False,
    closed: Closed | None = None,
    left: tuple[str, ...] = (),
    course_done: bool = False,
    unit_done: bool = False,
    by_hand: ByHand | None = None,
) -> Case:
    """Gather the case of one attempt. `stored` is None where the course is gone."""
    sessions = hacp.store.sessions_of(connection, academy_id, attempt_id=attempt.id)
    rows = _newest(connection, academy_id, attempt.id, depth=depth)
    before = 0
    if depth.whole and len(rows) > depth.exchanges:
        before = count_until(connection, academy_id, attempt_id=attempt.id, exchange_id=rows[-1].id)
    exchanges = tuple(_said(rows[: depth.exchanges], before=before))
    stranger = None
    if depth.whole and sessions:
        homes = homes_of(stored, attempt, exchanges, content_url=content_url)
        stranger = stranger_after(connection, academy_id, sessions[-1], homes)
    unit = stored.course.unit(attempt.au_id) if stored else None
    held, held_here = _held(connection, stored, attempt, whole_course=whole_course)
    return Case(
        unit=unit.title if unit else attempt.au_id,
        whole_course=whole_course,
        attempt=attempt,
        sessions=tuple(sessions),
        exchanges=exchanges,
        closed=closed,
        left=left,
        course_done=course_done,
        unit_done=unit_done,
        steps=_steps(connection, attempt),
        stranger=stranger,
        by_hand=by_hand,
        archived_at=_archived_at(stored),
        held=held,
        held_here=held_here,
    )


def _archived_at(stored: StoredCourse | None) -> datetime | None:
    return stored.archived.at if stored is not None and stored.archived is not None else None


def _held(
    connection: Connection, stored: StoredCourse | None, attempt: Attempt, *, whole_course: bool
) -> tuple[int, frozenset[int]]:
    """Count what is held of the case, and name the exchanges of the attempt that are.

    Only an archived course holds anything, so a post to any other asks nothing more.
    """
    if stored is None or stored.archived is None:
        return 0, frozenset()
    here = gates.held_exchanges(connection, attempt.academy_id, attempt_id=attempt.id)
    if not whole_course:
        return len(here), here
    in_course = gates.counts(
        connection,
        attempt.academy_id,
        course_id=attempt.course_id,
        learner_ids=[attempt.learner_id],
    )
    return in_course.get(attempt.learner_id, 0), here


def told_of(stored: StoredCourse, hand: HandStatus) -> ByHand:
    """Return what was set by hand as a fact of a case."""
    unit = stored.course.unit(hand.element)
    return ByHand(
        title=unit.title if unit else stored.title,
        status=str(hand.status),
        done=hand.status in DONE,
        at=hand.set_at,
        who=hand.set_by or _("the operator"),
        reason=hand.reason,
    )


def _hand(stored: StoredCourse, by_hand: Mapping[str, HandStatus], *, done: bool) -> ByHand | None:
    """Return what was set for the course, else the newest for a unit that says why it stands so."""
    found = [one for one in by_hand.values() if (one.status in DONE) is done]
    if ROOT in by_hand:
        return told_of(stored, by_hand[ROOT])
    return told_of(stored, max(found, key=lambda one: one.id)) if found else None


def _result(results: Mapping[str, Result], unit: AssignableUnit) -> Result:
    return results.get(unit.system_id, Result())


def _upcoming(
    course: Course, results: Mapping[str, Result], left: Sequence[AssignableUnit]
) -> tuple[AssignableUnit | None, Closed | None]:
    """Return the first unit that is left and open; where none is, the first and why it is not."""
    if not left:
        return None, None
    locked = locks(course, results)
    unit = next((one for one in left if one.system_id not in locked), left[0])
    return unit, _closed(locked.get(unit.system_id), unit)


def _closed(lock: Lock | None, unit: AssignableUnit) -> Closed | None:
    if lock is None:
        return None
    why = conditions.refusal(lock, unit.system_id, title=unit.title)
    return Closed(why, for_good=conditions.for_good(lock))


def _steps(connection: Connection, attempt: Attempt) -> tuple[StatusChange, ...]:
    """Read when and why an attempt that is over came to its end; of others nobody asks it."""
    if not is_over(attempt):
        return ()
    return tuple(hacp.store.statuses_of(connection, attempt.academy_id, attempt_id=attempt.id))


def _newest(
    connection: Connection, academy_id: int, attempt_id: int, *, depth: Depth
) -> Sequence[Row[Any]]:
    """Read the newest exchanges, the newest first, and one more to know whether there are more."""
    return _NEWEST.rows(
        connection,
        {
            "academy": academy_id,
            "attempt": attempt_id,
            "bytes": depth.request_bytes,
            "count": depth.exchanges + 1,
        },
    )


def _said(rows: Sequence[Row[Any]], *, before: int) -> Iterator[Said]:
    """Read the rows, which come newest first, and yield the oldest first.

    SQLite's substr of nothing is NULL.
    """
    for number, row in enumerate(reversed(rows), start=before + 1):
        exchange = Exchange(
            id=row.id,
            at=moment(row.at),
            method=row.method,
            content_type=row.content_type,
            origin=row.origin,
            query=unpack(bytes(row.query or b""), row.packed),
            request=unpack(bytes(row.request or b""), row.packed),
            reply=unpack(bytes(row.reply or b""), row.packed),
            error=row.error,
            command=row.command,
            session_id=row.session_id,
            tolerated=parse_notes(row.tolerated),
        )
        yield said_of(exchange, number=number)


def count_until(
    connection: Connection, academy_id: int, *, attempt_id: int, exchange_id: int
) -> int:
    """Count an attempt's exchanges up to an id, that one included: its number for people."""
    return connection.execute(
        select(func.count())
        .select_from(ExchangeRow)
        .where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == attempt_id,
            ExchangeRow.id <= exchange_id,
        )
    ).scalar_one()
