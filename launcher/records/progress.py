"""What crosses from conversations to courses: a learner's results rolled up into one row.

Serves the endpoint's signal, launches and enrolments. How results add up is the catalog's to say;
which attempt of a unit counts is for `reckoning`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, bindparam, insert, select, update

import catalog.store
from catalog.model import ResultStatus
from catalog.script import DONE
from catalog.store import StoredCourse
from hacp.prepared import Prepared
from hacp.rules import FINISHED
from launcher.explaining.cases import GLANCE, course_case
from launcher.explaining.explain import explain
from launcher.explaining.findings import dump_finding
from launcher.once import insert_once
from launcher.records.reckoning import Reckoning, reckon
from launcher.schema import Progress


@dataclass(frozen=True, slots=True)
class LockedRow:
    """What stays of a row of `progress` when it is written anew, read under its lock."""

    completed_at: datetime | None
    version: int | None


_HERE = (
    Progress.academy_id == bindparam("b_academy"),
    Progress.learner_id == bindparam("b_learner"),
    Progress.course_id == bindparam("b_course"),
)
_LOCK = Prepared(select(Progress.completed_at, Progress.version).where(*_HERE).with_for_update())
_SUMS = (
    *("status", "percent", "seconds", "attempts", "by_hand", "version"),
    *("first_at", "last_at", "completed_at"),
)
_FINDING = ("cause", "cause_values", "cause_attempt", "cause_seen")


def _write(*columns: str) -> Update:
    return update(Progress).where(*_HERE).values({name: bindparam(name) for name in columns})


_WRITE = Prepared(_write(*_SUMS, *_FINDING))
_WRITE_SUMS = Prepared(_write(*_SUMS))


def refresh(
    connection: Connection,
    *,
    academy_id: int,
    learner_id: int,
    course_id: int,
    only_time: bool = False,
) -> None:
    """Write a learner's row of `progress` anew, in the transaction of what changed it.

    A course that is no longer in the catalog leaves the row as it was. With `only_time` no more
    than time has passed, which is no cause of anything: the finding stays, and who is about to show
    it sees by the newest exchange that it was found before.
    """
    stored = catalog.store.course(connection, academy_id, course_id=course_id)
    if stored is not None:
        refresh_in(connection, stored, learner_id=learner_id, only_time=only_time)


def refresh_in(
    connection: Connection, stored: StoredCourse, *, learner_id: int, only_time: bool = False
) -> int:
    """Do the same where the course has been read already, in whatever version.

    Return the version in which the learner goes on: the one in which anything was recorded first,
    and from then on the row's word, which is read under its lock.
    """
    academy_id, course_id = stored.academy_id, stored.id
    row = lock_row(connection, academy_id=academy_id, learner_id=learner_id, course_id=course_id)
    stored = _in_version(connection, stored, row.version)
    reckoning = reckon(connection, stored, learner_id=learner_id)
    attempts = reckoning.attempts
    rolled = reckoning.whole(stored.course)
    finished = rolled.status in DONE
    last_at = max((one.last_at for one in attempts), default=None)
    ends = list(_ends(reckoning))
    # A rule of .cmp may complete the course before its last unit, or without any: what comes
    # later does not move the day on which it was completed.
    completed_at = row.completed_at or max(ends, default=last_at)
    sums = {
        **_here(academy_id, learner_id, course_id),
        "status": str(rolled.status),
        "percent": rolled.percent,
        "seconds": rolled.seconds,
        "attempts": len(attempts),
        "by_hand": bool(reckoning.by_hand),
        "version": row.version or (stored.version if attempts or reckoning.by_hand else None),
        "first_at": min((one.started_at for one in attempts), default=None),
        "last_at": last_at,
        "completed_at": completed_at if finished else None,
    }
    if only_time:
        _WRITE_SUMS.run(connection, [sums])
    else:
        found = _finding(connection, stored, reckoning, finished=finished)
        _WRITE.run(connection, [{**sums, **found}])
    return stored.version


def _here(academy_id: int, learner_id: int, course_id: int) -> dict[str, int]:
    return {"b_academy": academy_id, "b_learner": learner_id, "b_course": course_id}


def _in_version(connection: Connection, stored: StoredCourse, version: int | None) -> StoredCourse:
    """Return the course in the version that the row names; what is in hand is mostly that one."""
    if version in {None, stored.version}:
        return stored
    own = catalog.store.course(connection, stored.academy_id, course_id=stored.id, version=version)
    return own or stored


def _ends(reckoning: Reckoning) -> Iterator[datetime]:
    """Yield when units were done, and when somebody said so of one that content did not finish."""
    for attempt in reckoning.counting.values():
        if attempt.completed_at is not None:
            yield attempt.completed_at
    for element, hand in reckoning.by_hand.items():
        own = reckoning.counting.get(element)
        if hand.status in DONE and (own is None or own.status not in FINISHED):
            yield hand.set_at


def _finding(
    connection: Connection, stored: StoredCourse, reckoning: Reckoning, *, finished: bool
) -> dict[str, str | int | None]:
    """Return the columns that say why the course stands as it does (`explaining.explain`)."""
    case = course_case(
        connection,
        stored,
        list(reckoning.counting.values()),
        results=reckoning.results,
        by_hand=reckoning.by_hand,
        course_done=finished,
        academy_id=stored.academy_id,
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


def lock_row(
    connection: Connection, *, academy_id: int, learner_id: int, course_id: int
) -> LockedRow:
    """Make the row if need be and lock it, before any attempt is read.

    Two posts for two units of one course would otherwise each roll up without the other's result,
    and the last to commit would win.
    """
    here = _here(academy_id, learner_id, course_id)
    rows = _LOCK.rows(connection, here)
    if not rows:
        key = {"academy_id": academy_id, "learner_id": learner_id, "course_id": course_id}
        fresh = {**key, "status": str(ResultStatus.NOT_ATTEMPTED), "seconds": 0.0, "attempts": 0}
        insert_once(connection, insert(Progress).values(fresh))
        rows = _LOCK.rows(connection, here)
    return LockedRow(rows[0].completed_at, rows[0].version)
