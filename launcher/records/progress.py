"""What crosses from conversations to courses: a learner's results rolled up into one row.

Serves the endpoint's signal, launches and enrolments. How results add up is the catalog's to say;
which attempt of a unit counts is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, insert, select, update

import catalog.store
import hacp.store
from catalog.model import Result, ResultStatus
from catalog.store import StoredCourse
from catalog.structure import roll_up
from hacp.model import Attempt, Score, Status
from launcher.explaining.cases import GLANCE, course_case
from launcher.explaining.explain import explain
from launcher.explaining.findings import dump_finding
from launcher.once import insert_once
from launcher.schema import Progress

# How statuses compare where several attempts of one unit stand side by side.
_RANK = {status: rank for rank, status in enumerate(Status)}


def refresh(connection: Connection, *, academy_id: int, learner_id: int, course_id: int) -> None:
    """Write a learner's row of `progress` anew, in the transaction of what changed it.

    A course that is no longer in the catalog leaves the row as it was.
    """
    stored = catalog.store.course(connection, academy_id, course_id=course_id)
    if stored is None:
        return
    before = _lock_row(
        connection, academy_id=academy_id, learner_id=learner_id, course_id=course_id
    )
    attempts = hacp.store.attempts_in_course(
        connection, academy_id, learner_id=learner_id, course_id=course_id
    )
    counting, by_unit = counting_attempts(attempts), results(attempts)
    rolled = roll_up(stored.course, by_unit)
    finished = rolled.status in {ResultStatus.COMPLETED, ResultStatus.PASSED}
    last_at = max((one.last_at for one in attempts), default=None)
    ends = [one.completed_at for one in counting if one.completed_at is not None]
    # A rule of .cmp may complete the course before its last unit, or without any: what comes
    # later does not move the day on which it was completed.
    completed_at = before or max(ends, default=last_at)
    connection.execute(
        update(Progress)
        .where(
            Progress.academy_id == academy_id,
            Progress.learner_id == learner_id,
            Progress.course_id == course_id,
        )
        .values(
            status=str(rolled.status),
            percent=rolled.percent,
            seconds=rolled.seconds,
            attempts=len(attempts),
            first_at=min((one.started_at for one in attempts), default=None),
            last_at=last_at,
            completed_at=completed_at if finished else None,
            **_finding(
                connection,
                stored,
                counting,
                by_unit=by_unit,
                finished=finished,
                academy_id=academy_id,
            ),
        )
    )


def _finding(
    connection: Connection,
    stored: StoredCourse,
    counting: Sequence[Attempt],
    *,
    by_unit: Mapping[str, Result],
    finished: bool,
    academy_id: int,
) -> dict[str, str | int | None]:
    """Return the columns that say why the course stands as it does (`explaining.explain`)."""
    case = course_case(
        connection,
        stored,
        counting,
        results=by_unit,
        course_done=finished,
        academy_id=academy_id,
        depth=GLANCE,
    )
    finding = explain(case)
    # A rule of .cmp may complete the course before any unit is done: nothing is missing then.
    told = None if finished and not finding.well else dump_finding(finding)
    return {
        "cause": told[0] if told else None,
        "cause_values": told[1] if told else None,
        "cause_attempt": case.attempt.id if case.attempt else None,
        "cause_seen": case.exchanges[-1].id if case.exchanges else 0,
    }


def counting_attempts(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempt of each unit that counts: the best status, and of equals the latest."""
    best: dict[str, Attempt] = {}
    for attempt in sorted(attempts, key=lambda one: (_RANK[one.status], one.number)):
        best[attempt.au_id] = attempt
    return list(best.values())


def results(attempts: Sequence[Attempt]) -> dict[str, Result]:
    """Return one result a unit: status and score of the attempt that counts, the time of all."""
    seconds: dict[str, Decimal] = {}
    for attempt in attempts:
        seconds[attempt.au_id] = seconds.get(attempt.au_id, Decimal(0)) + attempt.seconds
    return {
        attempt.au_id: Result(
            status=ResultStatus(attempt.status),
            percent=percent_of(attempt.score),
            seconds=float(seconds[attempt.au_id]),
        )
        for attempt in counting_attempts(attempts)
    }


def percent_of(score: Score | None) -> float | None:
    """Return a score between 0 and 100: raw over the maximum where one was sent, else raw."""
    if score is None:
        return None
    percent = score.raw * 100 / score.max if score.max else score.raw
    return float(min(max(percent, Decimal(0)), Decimal(100)))


def _lock_row(
    connection: Connection, *, academy_id: int, learner_id: int, course_id: int
) -> datetime | None:
    """Make the row if need be and lock it, before any attempt is read; return its completed_at.

    Two posts for two units of one course would otherwise each roll up without the other's result,
    and the last to commit would win.
    """
    key = {"academy_id": academy_id, "learner_id": learner_id, "course_id": course_id}
    here = select(Progress.completed_at).filter_by(**key).with_for_update()
    row = connection.execute(here).one_or_none()
    if row is None:
        fresh = {**key, "status": str(ResultStatus.NOT_ATTEMPTED), "seconds": 0.0, "attempts": 0}
        insert_once(connection, insert(Progress).values(fresh))
        row = connection.execute(here).one()
    return row[0]
