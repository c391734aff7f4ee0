"""Statuses that admins have set by hand: kept beside what content said, never over it.

Serves `reckoning`, which lets them count, and `set_by_hand`, which says what may be set. A row is
changed once at most, when it ends; nothing is ever taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from catalog.files.tree import ROOT
from catalog.model import Result, ResultStatus
from hacp.prepared import Prepared
from launcher.schema import HandStatus as HandRow


@dataclass(frozen=True, slots=True)
class HandStatus:
    """One status set by hand. `element` is a unit's id, or `root`, the whole course.

    `percent` is 0 to 100; None leaves the score to content. `set_by` and `ended_by` are names,
    empty where it was the operator. One that ended without a reason was replaced by a newer one.
    """

    id: int
    learner_id: int
    course_id: int
    element: str
    status: ResultStatus
    percent: float | None
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str | None = None

    @property
    def whole_course(self) -> bool:
        """Whether it is about the course and not about one of its units."""
        return self.element == ROOT

    def over(self, own: Result) -> Result:
        """Return what counts where content's own result is `own`: its time stays in any case."""
        percent = own.percent if self.percent is None else self.percent
        return replace(own, status=self.status, percent=percent)


_OF = select(HandRow.__table__).where(
    HandRow.academy_id == bindparam("academy"),
    HandRow.learner_id == bindparam("learner"),
    HandRow.course_id == bindparam("course"),
)
_IN_FORCE = Prepared(_OF.where(HandRow.ended_at.is_(None)).order_by(HandRow.id))


def in_force(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> dict[str, HandStatus]:
    """Return what counts now of a learner in a course, by element."""
    key = {"academy": academy_id, "learner": learner_id, "course": course_id}
    return {row.element: _status(row) for row in _IN_FORCE.rows(connection, key)}


def history(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> list[HandStatus]:
    """Return all that was ever set of a learner in a course, the newest first."""
    key = {"academy": academy_id, "learner": learner_id, "course": course_id}
    return [_status(row) for row in connection.execute(_OF.order_by(HandRow.id.desc()), key)]


def add(connection: Connection, academy_id: int, status: HandStatus) -> None:
    """Keep a new one."""
    values = {name: getattr(status, name) for name in HandStatus.__slots__}
    connection.execute(
        insert(HandRow).values(academy_id=academy_id, **{**values, "status": str(status.status)})
    )


def end(
    connection: Connection, academy_id: int, *, id: int, by: str, now: datetime, reason: str | None
) -> None:
    """End one that is in force."""
    connection.execute(
        update(HandRow)
        .where(HandRow.academy_id == academy_id, HandRow.id == id, HandRow.ended_at.is_(None))
        .values(ended_at=now, ended_by=by, end_reason=reason)
    )


def _status(row: Row[Any]) -> HandStatus:
    values = {name: getattr(row, name) for name in HandStatus.__slots__}
    return HandStatus(**{**values, "status": ResultStatus(row.status)})
