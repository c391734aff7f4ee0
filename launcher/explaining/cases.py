"""The facts of a case, gathered from both wings: attempt, sessions, the newest exchanges, course.

Serves `progress`, which stores what is found in the transaction of a post and so reads little, and
`explanations`, which reads more. Reads only; what the facts mean is for `explain`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

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

import catalog.store
import hacp.store
from catalog.files.tree import ROOT
from catalog.model import Course, Result
from catalog.prerequisites import Lock, locks
from catalog.script import DONE
from catalog.store import StoredCourse
from hacp import gates
from hacp.ids import first_id
from hacp.model import Attempt, Exchange, Session
from hacp.packing import PLAIN, unpack
from hacp.prepared import Prepared
from hacp.rows import moment, parse_notes
from hacp.schema import ExchangeRow
from launcher.explaining.facts import ByHand, Case, Left, Stranger
from launcher.explaining.said import Said, said_of
from launcher.records.by_hand import HandStatus

# Enough for the error and its text.
REPLY_BYTES = 256
# How long behind a launch a request without a session of ours may be its content's.
STRANGERS_FOR = timedelta(days=1)
# So many of an academy's requests without a session are looked at.
MOST_STRANGERS = 2000


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
    focus = max(pool or counting, key=lambda one: (one.last_at, one.id), default=None)
    left = _left(stored.course, results)
    hand = _hand(stored, by_hand, done=course_done)
    if focus is None:
        unit = left[0] if left else Left(stored.title)
        return Case(
            unit=unit.title,
            waits=unit.waits,
            whole_course=True,
            left=left,
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
        left=left,
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
    lock = locks(stored.course, results).get(au_id)
    hand = told_of(stored, by_hand) if by_hand else None
    return Case(
        unit=unit.title,
        waits=_waits(lock),
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
    left: tuple[Left, ...] = (),
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
        origins = _origins(stored, attempt, exchanges, content_url=content_url)
        stranger = _stranger(connection, academy_id, sessions[-1], origins)
    unit = stored.course.unit(attempt.au_id) if stored else None
    held, held_here = _held(connection, stored, attempt, whole_course=whole_course)
    return Case(
        unit=unit.title if unit else attempt.au_id,
        whole_course=whole_course,
        attempt=attempt,
        sessions=tuple(sessions),
        exchanges=exchanges,
        left=left,
        course_done=course_done,
        unit_done=unit_done,
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


def _left(course: Course, results: Mapping[str, Result]) -> tuple[Left, ...]:
    locked = locks(course, results)
    return tuple(
        Left(unit.title, _waits(locked.get(unit.system_id)))
        for unit in course.units
        if unit.system_id not in results or results[unit.system_id].status not in DONE
    )


def _waits(lock: Lock | None) -> str:
    return ", ".join(f"“{one.title}”" for one in lock.unmet) if lock else ""


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


def _origins(
    stored: StoredCourse | None, attempt: Attempt, exchanges: Sequence[Said], *, content_url: str
) -> set[str]:
    """Return where the content is at home: its launch address, and where it has called from."""
    origins = {one.origin for one in exchanges if one.origin}
    unit = stored.course.unit(attempt.au_id) if stored else None
    if stored and unit:
        address = urlsplit(catalog.store.launch_address(stored, unit, content_url=content_url))
        origins.add(f"{address.scheme}://{address.netloc}")
    return origins


def _stranger(
    connection: Connection, academy_id: int, session: Session, origins: Collection[str]
) -> Stranger | None:
    """Count requests from the content's home that named no session of ours after a launch."""
    began: datetime = session.opened_at
    found = connection.execute(
        select(ExchangeRow.origin, ExchangeRow.at)
        .where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == hacp.store.NO_ATTEMPT,
            ExchangeRow.id >= first_id(began),
        )
        .order_by(ExchangeRow.id)
        .limit(MOST_STRANGERS)
    )
    until = began + STRANGERS_FOR
    theirs = [
        row.origin for row in found if row.origin in origins and began <= moment(row.at) < until
    ]
    return Stranger(theirs[0], len(theirs)) if theirs else None
