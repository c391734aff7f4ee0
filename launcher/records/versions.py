"""In which version of a course a learner goes on: the one in which they began.

Serves whatever is about one learner in one course: pages, launches, records, explanations. The
number is written by `progress` with the learner's first attempt and stays; everybody else gets the
version in force.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

import catalog.store
from catalog.store import StoredCourse
from launcher.schema import Progress


def course_for(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> StoredCourse | None:
    """Return a course as one learner takes it, or None where the academy has no such course."""
    begun = connection.execute(
        select(Progress.version).where(
            Progress.academy_id == academy_id,
            Progress.learner_id == learner_id,
            Progress.course_id == course_id,
        )
    ).scalar_one_or_none()
    return catalog.store.course(connection, academy_id, course_id=course_id, version=begun)


def count_earlier(connection: Connection, stored: StoredCourse) -> int:
    """Count the learners who go on in a version before this one."""
    counted = select(func.count()).select_from(Progress).where(*_before(stored))
    return connection.execute(counted).scalar_one()


def earlier(
    connection: Connection, stored: StoredCourse, *, learner_ids: Sequence[int]
) -> dict[int, int]:
    """Return which of some learners go on in a version before this one, and in which."""
    query = select(Progress.learner_id, Progress.version).where(
        *_before(stored), Progress.learner_id.in_(learner_ids)
    )
    return {row.learner_id: row.version for row in connection.execute(query)}


def _before(stored: StoredCourse) -> tuple[ColumnElement[bool], ...]:
    return (
        Progress.academy_id == stored.academy_id,
        Progress.course_id == stored.id,
        Progress.version < stored.version,
    )
