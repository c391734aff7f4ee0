"""How a learner stands in a course: every unit with its attempts and locks, and which comes next.

Serves the learner's pages and the admin's page of one learner. Asks both wings' stores; keeps and
decides nothing that is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection

from catalog.files.tree import ROOT
from catalog.model import AssignableUnit, Course, ResultStatus
from catalog.prerequisites import Lock, locks
from catalog.store import StoredCourse
from catalog.structure import Node, outline_rows, statuses
from hacp.model import Attempt, Score, Status
from launcher.records import transcripts
from launcher.records.by_hand import HandStatus
from launcher.records.course_rules import DEFAULT, CourseRules
from launcher.records.reckoning import Reckoning, is_over, reckon
from launcher.records.transcripts import TranscriptRow
from launcher.records.versions import course_for

DONE = frozenset({Status.COMPLETED, Status.PASSED})


class Action(StrEnum):
    """What opening a unit or a course means. `WAIT`: all that is left of a course is locked."""

    LAUNCH = "launch"
    RESUME = "resume"
    REVIEW = "review"
    WAIT = "wait"


_NEXT = {Action.RESUME: 0, Action.LAUNCH: 1, Action.REVIEW: 2}


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One unit with the attempts of one learner, the newest first, and which counts.

    `shut` is the lock that keeps it from being worked at for the record.
    """

    unit: AssignableUnit
    attempts: tuple[Attempt, ...] = ()
    counting: Attempt | None = None
    shut: Lock | None = None
    retakes: bool = True
    by_hand: HandStatus | None = None

    @property
    def status(self) -> Status:
        """The status that counts: what was set by hand, else what content came to."""
        if self.by_hand is not None:
            return Status(self.by_hand.status)
        return self.counting.status if self.counting else Status.NOT_ATTEMPTED

    @property
    def score(self) -> Score | None:
        """The score that counts; one that was set by hand is out of 100."""
        if self.by_hand is not None and self.by_hand.percent is not None:
            return Score(Decimal(str(self.by_hand.percent)), Decimal(100), Decimal(0))
        return self.counting.score if self.counting else None

    @property
    def seconds(self) -> Decimal:
        """The time of all attempts."""
        return sum((attempt.seconds for attempt in self.attempts), Decimal(0))

    @property
    def done(self) -> bool:
        """Whether nothing is left to do here."""
        return self.status in DONE

    @property
    def action(self) -> Action:
        """What opening the unit means now: its newest attempt says so, whichever one counts."""
        if not self.attempts or self._only_browsed:
            return Action.LAUNCH
        return Action.REVIEW if self.attempts[0].status in DONE else Action.RESUME

    @property
    def _only_browsed(self) -> bool:
        """Whether it was looked into and nobody has worked at it: there is nothing to resume."""
        return self.attempts[0].status is Status.BROWSED and self.attempts[0].writer is None

    @property
    def lock(self) -> Lock | None:
        """What keeps the unit from being opened at all; looking back is always open."""
        return None if self.action is Action.REVIEW else self.shut

    @property
    def may_browse(self) -> bool:
        """Whether nothing has begun here, so that a look inside is worth a button."""
        newest = self.attempts[0].status if self.attempts else Status.NOT_ATTEMPTED
        return newest in {Status.NOT_ATTEMPTED, Status.BROWSED} and self.lock is None

    @property
    def may_retake(self) -> bool:
        """Whether the unit is over and may be begun anew."""
        over = bool(self.attempts) and is_over(self.attempts[0])
        return over and self.retakes and self.shut is None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a course's tree: a unit (with its standing) or the title of a block.

    `depth` counts from 0; what lies in a block follows it, one deeper. `lock_told` says that the
    line of a block around tells already what unlocks this one.
    """

    system_id: str
    title: str
    description: str
    depth: int
    standing: UnitStanding | None = None
    status: str = ResultStatus.NOT_ATTEMPTED.value
    lock: Lock | None = None
    lock_told: bool = False


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """A course as one learner stands in it."""

    stored: StoredCourse
    lines: tuple[Line, ...]
    recorded: TranscriptRow | None = None
    rules: CourseRules = DEFAULT
    by_hand: Mapping[str, HandStatus] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The status of the whole course, as the transcript says it."""
        return self.recorded.status if self.recorded else ResultStatus.NOT_ATTEMPTED.value

    @property
    def percent(self) -> float | None:
        """The score of the whole course, as the transcript says it."""
        return self.recorded.percent if self.recorded else None

    @property
    def seconds(self) -> float:
        """The time in the whole course, as the transcript says it."""
        return self.recorded.seconds if self.recorded else 0.0

    @property
    def last_at(self) -> datetime | None:
        """The last activity, as the transcript says it."""
        return self.recorded.last_at if self.recorded else None

    @property
    def units(self) -> tuple[UnitStanding, ...]:
        """All units, in order."""
        return tuple(line.standing for line in self.lines if line.standing is not None)

    @property
    def done(self) -> int:
        """How many units are completed or passed."""
        return sum(unit.done for unit in self.units)

    @property
    def action(self) -> Action:
        """What opening the course means now. A rule of .cmp may complete it before all units."""
        upcoming = self.upcoming
        if self.status in DONE or self.done == len(self.units):
            return Action.REVIEW
        if upcoming is None or upcoming.done:
            return Action.WAIT
        return Action.RESUME if self.begun else Action.LAUNCH

    @property
    def begun(self) -> bool:
        """Whether there is any attempt."""
        return any(unit.attempts for unit in self.units)

    @property
    def retaken(self) -> bool:
        """Whether there are several attempts at a unit, or may be: then it matters which counts."""
        return any(unit.may_retake or len(unit.attempts) > 1 for unit in self.units)

    @property
    def upcoming(self) -> UnitStanding | None:
        """The unit to open next: one that was begun, else the first that is not done, else any.

        Never one that is locked.
        """
        units = [unit for unit in self.units if unit.lock is None]
        return min(units, key=lambda unit: (unit.done, _NEXT[unit.action]), default=None)


def stand(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> CourseStanding | None:
    """Return how the learner stands in the course, or None where the academy has no such course."""
    stored = course_for(connection, academy_id, learner_id=learner_id, course_id=course_id)
    if stored is None:
        return None
    reckoning = reckon(connection, stored, learner_id=learner_id)
    recorded = transcripts.rows(
        connection, academy_id, learner_id=learner_id, course_id=course_id, limit=1
    )
    return CourseStanding(
        stored,
        arrange(stored.course, reckoning),
        recorded=recorded[0] if recorded else None,
        rules=reckoning.rules,
        by_hand=reckoning.by_hand,
    )


def arrange(course: Course, reckoning: Reckoning) -> tuple[Line, ...]:
    """Put the attempts into the tree of the course; attempts of units that it lost are left out.

    Lines and not a tree: blocks may be nested thousands deep. A block that holds the whole course
    and is called like it, as in many courses, is left out.
    """
    by_unit: dict[str, list[Attempt]] = {}
    for attempt in sorted(reckoning.attempts, key=lambda one: one.number, reverse=True):
        by_unit.setdefault(attempt.au_id, []).append(attempt)
    locked = locks(course, reckoning.results)
    found = statuses(course, reckoning.results)
    rows = outline_rows(course)
    wrapped = len(course.members) == 1 and len(rows) > 1 and rows[0].title == course.title
    without_line = {ROOT, rows[0].system_id} if wrapped else {ROOT}

    def line(node: Node) -> Line:
        lock = locked.get(node.system_id)
        own: UnitStanding | None = None
        if node.unit is not None:
            own = UnitStanding(
                node.unit,
                tuple(by_unit.get(node.system_id, ())),
                reckoning.counting.get(node.system_id),
                lock,
                reckoning.rules.retakes,
                reckoning.by_hand.get(node.system_id),
            )
            lock = own.lock
        return Line(
            system_id=node.system_id,
            title=node.title,
            description=node.description,
            depth=node.depth - wrapped,
            standing=own,
            status=str(found[node.system_id]),
            lock=lock,
            lock_told=lock is not None and lock.element not in {node.system_id, *without_line},
        )

    return tuple(line(node) for node in rows[wrapped:])
