"""The state of an academy in a few numbers and its latest activity.

Serves the admin's home page. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from catalog import store as catalog_store
from catalog.model import ResultStatus
from launcher.people import accounts
from launcher.records import transcripts
from launcher.records.transcripts import TranscriptRow
from launcher.schema import Enrolment, Progress, Role

LATEST = 8  # as many as fit on a page beside the numbers

IN_PROGRESS = (ResultStatus.BROWSED, ResultStatus.INCOMPLETE, ResultStatus.FAILED)
COMPLETED = (ResultStatus.COMPLETED, ResultStatus.PASSED)


@dataclass(frozen=True, slots=True)
class Overview:
    """What an admin wants to know first; the last two counts are rows of transcripts."""

    courses: int
    learners: int
    enrolments: int
    in_progress: int
    completed: int
    latest: tuple[TranscriptRow, ...]

    @property
    def settled(self) -> bool:
        """Whether the first steps are behind: somebody has begun something."""
        return self.in_progress + self.completed > 0


def overview(connection: Connection, academy_id: int) -> Overview:
    """Count and gather for one academy."""
    latest = transcripts.rows(connection, academy_id, limit=LATEST)
    return Overview(
        courses=catalog_store.count_courses(connection, academy_id),
        learners=accounts.count_members(connection, academy_id, role=Role.LEARNER),
        enrolments=_count(
            connection, select(func.count()).where(Enrolment.academy_id == academy_id)
        ),
        in_progress=_standing(connection, academy_id, IN_PROGRESS),
        completed=_standing(connection, academy_id, COMPLETED),
        latest=tuple(row for row in latest if row.last_at is not None),
    )


def learners_by_course(
    connection: Connection, academy_id: int, *, course_ids: list[int]
) -> dict[int, int]:
    """Count the enrolled learners of each course; a course without any is left out."""
    counted = (
        select(Enrolment.course_id, func.count())
        .where(Enrolment.academy_id == academy_id, Enrolment.course_id.in_(course_ids))
        .group_by(Enrolment.course_id)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


@dataclass(frozen=True, slots=True)
class Learners:
    """How many learners a course has: enrolled, in the middle of it, done with it."""

    enrolled: int
    in_progress: int
    completed: int


def learners_of(connection: Connection, academy_id: int, *, course_id: int) -> Learners:
    """Count the learners of one course."""
    enrolled = learners_by_course(connection, academy_id, course_ids=[course_id])

    def standing(statuses: tuple[ResultStatus, ...]) -> int:
        wanted = [status.value for status in statuses]
        here = (Progress.academy_id == academy_id, Progress.course_id == course_id)
        return _count(connection, select(func.count()).where(*here, Progress.status.in_(wanted)))

    return Learners(enrolled.get(course_id, 0), standing(IN_PROGRESS), standing(COMPLETED))


def courses_by_learner(
    connection: Connection, academy_id: int, *, learner_ids: list[int]
) -> dict[int, int]:
    """Count the courses each learner is enrolled in; a learner without any is left out."""
    counted = (
        select(Enrolment.learner_id, func.count())
        .where(Enrolment.academy_id == academy_id, Enrolment.learner_id.in_(learner_ids))
        .group_by(Enrolment.learner_id)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _standing(connection: Connection, academy_id: int, statuses: tuple[ResultStatus, ...]) -> int:
    wanted = [status.value for status in statuses]
    return _count(
        connection,
        select(func.count()).where(Progress.academy_id == academy_id, Progress.status.in_(wanted)),
    )


def _count(connection: Connection, counted: Select[int]) -> int:
    return connection.execute(counted).scalar_one()
