"""The launch: from a learner and a unit to an open session and the address that starts the content.

Serves the learner's button and the command line. The one place where catalog facts are copied into
a ticket; what happens behind the address is for `hacp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus

from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
import hacp.store
from catalog.availability import may_be_launched
from catalog.model import AssignableUnit
from catalog.prerequisites import may_launch
from catalog.store import StoredCourse
from hacp.errors import CourseHeld
from hacp.launch import launch_url
from hacp.model import Attempt, Credit, LaunchTicket, Mode
from hacp.rules import FINISHED
from launcher.config import Settings
from launcher.explaining import conditions
from launcher.people import enrolments
from launcher.people.accounts import Member
from launcher.records import progress
from launcher.records.mastery import in_force, mastery_set
from launcher.records.reckoning import is_over, reckon
from launcher.records.versions import course_for
from launcher.words import moment


class LaunchRefused(Exception):
    """A launch that may not be: a `reason` for people, and the HTTP `status` of their page.

    `archived` says that the whole course is closed for now, to everybody.
    """

    def __init__(self, reason: str, *, status: HTTPStatus, archived: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.archived = archived


@dataclass(frozen=True, slots=True)
class Student:
    """Whom content is told of, and by which number what it says is filed."""

    learner_id: int
    student_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Launched:
    """An open session. `url` holds the session id, so neither belongs into a log."""

    url: str
    session_id: str
    mode: Mode


def launch(
    connection: Connection,
    member: Member,
    *,
    course_id: int,
    au_id: str | None,
    settings: Settings,
    now: datetime,
    retake: bool = False,
    browse: bool = False,
    credit: Credit = Credit.CREDIT,
) -> Launched:
    """Open a session for a learner's unit. Raises `LaunchRefused`; nothing is opened then.

    `au_id` may be None where the course has one unit. A unit that is done opens for review, without
    credit; any other that waits (.pre) is refused here, on whatever road the launch came,
    and so is a retake of one. With `retake` a unit that is over begins anew; one that is not over
    goes on as without it, so that pressing twice opens one retake.
    To `browse` is to look inside: nothing counts but that it was looked at. Without `credit` what
    content says is recorded as it is said, and no mastery score is applied.
    """
    stored = _enrolled_course(connection, member, course_id)
    _refuse_archived(stored)
    unit = unit_of(stored, au_id)
    reckoning = reckon(connection, stored, learner_id=member.id)
    own = [attempt for attempt in reckoning.attempts if attempt.au_id == unit.system_id]
    anew = retake and not browse and bool(own) and is_over(own[-1])
    mode = Mode.NORMAL if anew else Mode.BROWSE if browse else mode_of(own)
    lock = may_launch(stored.course, reckoning.results, unit.system_id)
    # A review records nothing, so nothing can be won by it; and prerequisites may well cease to
    # hold behind a learner, which is no reason to hide what they have done.
    if lock is not None and mode is not Mode.REVIEW:
        reason = conditions.refusal(lock, unit.system_id, title=unit.title)
        raise LaunchRefused(reason, status=HTTPStatus.CONFLICT)
    if anew and not reckoning.rules.retakes:
        raise LaunchRefused(
            _("“%(unit)s” may not be taken again: this course allows no retakes.", unit=unit.title),
            status=HTTPStatus.CONFLICT,
        )
    launched = open_unit(
        connection,
        stored,
        unit,
        student=Student(member.id, member.student_id, member.name),
        mode=mode,
        credit=credit,
        settings=settings,
        now=now,
        retake_of=own[-1].number if anew else None,
    )
    if progress.refresh_in(connection, stored, learner_id=member.id) != stored.version:
        # Two first launches at once, and between them the course got other units.
        raise LaunchRefused(
            _(
                "“%(course)s” was changed at this very moment. Please open it again.",
                course=stored.title,
            ),
            status=HTTPStatus.CONFLICT,
        )
    return launched


def open_unit(
    connection: Connection,
    stored: StoredCourse,
    unit: AssignableUnit,
    *,
    student: Student,
    mode: Mode,
    settings: Settings,
    now: datetime,
    credit: Credit = Credit.CREDIT,
    retake_of: int | None = None,
) -> Launched:
    """Open a session for somebody who may, and return the address that starts the content.

    `retake_of` is the number of the attempt that is over and begun anew. Raises `LaunchRefused` for
    an archived course, whoever asks and for whatever; one that is being archived at this moment is
    noticed by its gate.
    """
    _refuse_archived(stored)
    mastery = mastery_set(connection, stored.academy_id, course_id=stored.id)
    ticket = _ticket(
        stored, unit, student, mode=mode, credit=credit, mastery_score=in_force(unit, mastery)
    )
    try:
        session_id = hacp.store.open_session(
            connection, ticket, now=now, new_attempt=retake_of is not None, behind=retake_of
        )
    except CourseHeld as held:
        raise _archived(stored, at=now) from held
    address = catalog.store.launch_address(stored, unit, content_url=settings.content_url)
    url = launch_url(
        address,
        web_launch=unit.web_launch,
        session_id=session_id,
        aicc_url=f"{settings.public_url}/hacp/{stored.academy_id}",
    )
    return Launched(url, session_id, mode)


def _refuse_archived(stored: StoredCourse) -> None:
    if stored.archived is not None and not may_be_launched(stored.archived):
        raise _archived(stored, at=stored.archived.at)


def _archived(stored: StoredCourse, *, at: datetime) -> LaunchRefused:
    reason = _(
        "“%(course)s” was archived on %(at)s. Nobody can launch it until it is reactivated.",
        course=stored.title,
        at=moment(at),
    )
    return LaunchRefused(reason, status=HTTPStatus.CONFLICT, archived=True)


def _enrolled_course(connection: Connection, member: Member, course_id: int) -> StoredCourse:
    stored = course_for(connection, member.academy_id, learner_id=member.id, course_id=course_id)
    if stored is None:
        raise LaunchRefused(_("There is no such course here."), status=HTTPStatus.NOT_FOUND)
    if course_id not in enrolments.enrolled_courses(
        connection, member.academy_id, learner_id=member.id
    ):
        raise LaunchRefused(
            _(
                "%(name)s is not enrolled in “%(course)s”. An administrator can enrol them.",
                name=member.name,
                course=stored.title,
            ),
            status=HTTPStatus.FORBIDDEN,
        )
    return stored


def unit_of(stored: StoredCourse, au_id: str | None) -> AssignableUnit:
    """Return the unit that is meant; without an id, the only one. Raises `LaunchRefused`."""
    course = stored.course
    if au_id is None and len(course.units) == 1:
        return course.units[0]
    ids = ", ".join(unit.system_id for unit in course.units)
    if au_id is None:
        raise LaunchRefused(
            _(
                "“%(course)s” has several units; say which one: %(ids)s.",
                course=stored.title,
                ids=ids,
            ),
            status=HTTPStatus.CONFLICT,
        )
    unit = course.unit(au_id)
    if unit is None:
        raise LaunchRefused(
            _(
                "“%(course)s” has no unit “%(unit)s”. It has: %(ids)s.",
                course=stored.title,
                unit=au_id,
                ids=ids,
            ),
            status=HTTPStatus.NOT_FOUND,
        )
    return unit


def mode_of(own: Sequence[Attempt]) -> Mode:
    """Tell how a unit with these attempts opens: to look back once the newest is done."""
    return Mode.REVIEW if own and own[-1].status in FINISHED else Mode.NORMAL


def _ticket(
    stored: StoredCourse,
    unit: AssignableUnit,
    student: Student,
    *,
    mode: Mode,
    credit: Credit,
    mastery_score: Decimal | None,
) -> LaunchTicket:
    return LaunchTicket(
        academy_id=stored.academy_id,
        learner_id=student.learner_id,
        student_id=student.student_id,
        student_name=student.name,
        course_id=stored.id,
        aicc_course_id=stored.course.course_id,
        au_id=unit.system_id,
        mode=mode,
        credit=credit if mode is Mode.NORMAL else Credit.NO_CREDIT,
        mastery_score=mastery_score,
        max_time_allowed=unit.max_time_allowed,
        time_limit_action=unit.time_limit_action,
        vendor_data=unit.core_vendor,
        objectives=tuple(stored.course.objective_members.get(unit.system_id, ())),
    )
