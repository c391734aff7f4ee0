"""Enrolments: which learner may take which course, one by one and by file.

Serves pages, commands and the launch. A course is the catalog's, a record the wing's: withdrawing
forgets neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

import catalog.store
from catalog.availability import may_be_launched
from catalog.errors import quote_value
from launcher.once import insert_once
from launcher.people import accounts
from launcher.people.accounts import Member
from launcher.people.finding import FEW
from launcher.people.identities import MemberRefused, clean_email
from launcher.people.roster import MAX_FAULTS, RosterFault, RosterLine, parse_roster
from launcher.records import progress
from launcher.schema import Enrolment, Membership, Progress, Role


class EnrolmentRefused(Exception):
    """An enrolment that cannot be made; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: all of it, or nothing where there are faults.

    `added` holds each new member and the password where one was made up; `enrolled` counts new
    enrolments, `unchanged` the lines that asked for nothing new.
    """

    added: tuple[tuple[Member, str | None], ...] = ()
    enrolled: int = 0
    unchanged: int = 0
    faults: tuple[RosterFault, ...] = ()


def enrol(
    connection: Connection, *, academy_id: int, learner_id: int, course_id: int, now: datetime
) -> bool:
    """Let a learner take a course; return False where they may already.

    Raises `EnrolmentRefused` where either is not the academy's, and where the course is archived:
    nobody could begin it. Who may take it already stays so.
    """
    if accounts.member(connection, academy_id, learner_id=learner_id) is None:
        raise EnrolmentRefused("There is no such learner in this academy.")
    found = catalog.store.courses_by_ids(connection, academy_id, ids=[course_id]).get(course_id)
    if found is None:
        raise EnrolmentRefused("There is no such course in this academy.")
    key = {"academy_id": academy_id, "learner_id": learner_id, "course_id": course_id}
    if is_enrolled(connection, academy_id, learner_id=learner_id, course_id=course_id):
        return False
    if not may_be_launched(found.archived):
        raise EnrolmentRefused(
            f"Course {found.id}, {quote_value(found.title)}, is archived: nobody can begin it. "
            "Reactivate it first."
        )
    if not insert_once(connection, insert(Enrolment).values(**key, created_at=now)):
        return False
    progress.refresh(connection, academy_id=academy_id, learner_id=learner_id, course_id=course_id)
    return True


def withdraw(connection: Connection, *, academy_id: int, learner_id: int, course_id: int) -> bool:
    """End an enrolment; what is recorded stays. Return False where there was none."""
    result = connection.execute(
        delete(Enrolment).where(
            Enrolment.academy_id == academy_id,
            Enrolment.learner_id == learner_id,
            Enrolment.course_id == course_id,
        )
    )
    # A course that was never begun has no record to keep, unless somebody wrote one by hand.
    connection.execute(
        delete(Progress).where(
            Progress.academy_id == academy_id,
            Progress.learner_id == learner_id,
            Progress.course_id == course_id,
            Progress.attempts == 0,
            Progress.by_hand.is_(False),
        )
    )
    return result.rowcount > 0


def is_enrolled(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> bool:
    """Tell whether a learner may take a course."""
    found = connection.execute(
        select(Enrolment.course_id).where(
            Enrolment.academy_id == academy_id,
            Enrolment.learner_id == learner_id,
            Enrolment.course_id == course_id,
        )
    )
    return found.first() is not None


def enrolled_courses(connection: Connection, academy_id: int, *, learner_id: int) -> list[int]:
    """Return the ids of a learner's courses, in the order of enrolment."""
    statement = (
        select(Enrolment.course_id)
        .where(Enrolment.academy_id == academy_id, Enrolment.learner_id == learner_id)
        .order_by(Enrolment.created_at, Enrolment.course_id)
    )
    return list(connection.execute(statement).scalars())


def enrolled_learners(
    connection: Connection,
    academy_id: int,
    *,
    course_id: int,
    limit: int | None = None,
    offset: int = 0,
) -> list[Member]:
    """Return who may take a course, by name."""
    enrolled = select(Enrolment.learner_id).where(
        Enrolment.academy_id == academy_id, Enrolment.course_id == course_id
    )
    number = count_enrolled(connection, academy_id, course_id=course_id)
    which = accounts.Which((Membership.id.in_(enrolled),), are_few=number <= FEW)
    return accounts.members_where(connection, academy_id, which, limit=limit, offset=offset)


def count_enrolled(connection: Connection, academy_id: int, *, course_id: int) -> int:
    """Return how many learners may take a course."""
    statement = select(func.count()).where(
        Enrolment.academy_id == academy_id, Enrolment.course_id == course_id
    )
    return connection.execute(statement).scalar_one()


def import_csv(
    connection: Connection, *, academy_id: int, text: str, may_join: bool = True, now: datetime
) -> ImportReport:
    """Add the people of a roster and enrol them; `launcher.people.roster` says how it is written.

    `may_join` is `accounts.add_member`'s.

    `name` is needed where the person is new, `course` is an id or AICC course id, and one person
    may stand in several lines. Everything is checked before anything is kept.
    """
    lines, faults = parse_roster(text)
    if faults:
        return ImportReport(faults=tuple(faults[:MAX_FAULTS]))
    done = _Done(connection, academy_id, now, may_join=may_join)
    with connection.begin_nested() as savepoint:
        for line in lines:
            done.take(line)
            if len(done.faults) >= MAX_FAULTS:
                break
        if done.faults:
            savepoint.rollback()
            return ImportReport(faults=tuple(done.faults))
    return ImportReport(tuple(done.added), done.enrolled, done.unchanged)


@dataclass(slots=True)
class _Done:
    """An import on its way: what is done so far, and what was wrong."""

    connection: Connection
    academy_id: int
    now: datetime
    may_join: bool = True
    added: list[tuple[Member, str | None]] = field(default_factory=list)
    enrolled: int = 0
    unchanged: int = 0
    faults: list[RosterFault] = field(default_factory=list)
    _courses: dict[str, int | str] = field(default_factory=dict)

    def take(self, line: RosterLine) -> None:
        """Do what one line asks for, or note what is wrong with it."""
        try:
            member, is_new = self._member(line)
        except MemberRefused as refusal:
            self.faults.append(RosterFault(line.number, refusal.field, refusal.reason))
            return
        fresh = False
        if line.course:
            course = self._course(line.course)
            if isinstance(course, str):
                self.faults.append(RosterFault(line.number, "course", course))
                return
            try:
                fresh = enrol(
                    self.connection,
                    academy_id=self.academy_id,
                    learner_id=member.id,
                    course_id=course,
                    now=self.now,
                )
            except EnrolmentRefused as refusal:
                self.faults.append(RosterFault(line.number, "course", str(refusal)))
                return
        self.enrolled += fresh
        self.unchanged += not fresh and not is_new

    def _member(self, line: RosterLine) -> tuple[Member, bool]:
        """Return the line's person, and whether they were added just now."""
        email = clean_email(line.email)
        known = accounts.find_member(self.connection, self.academy_id, text=email)
        if known is None:
            member, made = accounts.add_member(
                self.connection,
                academy_id=self.academy_id,
                email=email,
                name=line.name,
                role=Role.LEARNER,
                student_id=line.student_id or None,
                may_join=self.may_join,
                now=self.now,
            )
            self.added.append((member, made))
            return member, True
        if line.student_id and line.student_id != known.student_id:
            raise MemberRefused(
                f"{email} has the student id {known.student_id} already; it never changes.",
                field="student_id",
            )
        return known, False

    def _course(self, text: str) -> int | str:
        """Return the id of the course that is meant, or what is wrong; asked once for each text."""
        if text not in self._courses:
            found = catalog.store.find(self.connection, self.academy_id, text=text)
            if len(found) == 1:
                self._courses[text] = found[0].id
            elif found:
                ids = ", ".join(str(one.id) for one in found)
                self._courses[text] = f"{text!r} means several courses; name one by id: {ids}."
            else:
                self._courses[text] = f"There is no course {text!r} in this academy."
        return self._courses[text]
