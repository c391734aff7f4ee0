"""How a learner stands in a course: every unit with its attempts, and which unit comes next.

Serves the learner's pages and the admin's page of one learner. Asks both wings' stores; keeps and
decides nothing that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection

from catalog import store as catalog_store
from catalog.model import AssignableUnit, Course, ResultStatus
from catalog.store import StoredCourse
from hacp import store as hacp_store
from hacp.model import Attempt, Score, Status
from launcher import progress, transcripts
from launcher.transcripts import TranscriptRow

DONE = frozenset({Status.COMPLETED, Status.PASSED})


class Action(StrEnum):
    """What the button of a unit does."""

    LAUNCH = "launch"
    RESUME = "resume"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One unit with the attempts of one learner, the newest first."""

    unit: AssignableUnit
    attempts: tuple[Attempt, ...] = ()

    @property
    def counting(self) -> Attempt | None:
        """The attempt that counts for the course."""
        return next(iter(progress.counting_attempts(self.attempts)), None)

    @property
    def status(self) -> Status:
        """The status that counts."""
        return self.counting.status if self.counting else Status.NOT_ATTEMPTED

    @property
    def score(self) -> Score | None:
        """The score that counts."""
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
        """What opening the unit means now."""
        if self.done:
            return Action.REVIEW
        return Action.RESUME if self.attempts else Action.LAUNCH


@dataclass(frozen=True, slots=True)
class Node:
    """A unit (with its standing) or a block (with what is in it), in the order of the course."""

    title: str
    description: str
    standing: UnitStanding | None = None
    members: tuple[Node, ...] = ()

    def units(self) -> Iterator[UnitStanding]:
        """Yield the units in order, however deep they stand."""
        if self.standing is not None:
            yield self.standing
        for member in self.members:
            yield from member.units()


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """A course as one learner stands in it."""

    stored: StoredCourse
    nodes: tuple[Node, ...]
    recorded: TranscriptRow | None = None

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
        return tuple(unit for node in self.nodes for unit in node.units())

    @property
    def done(self) -> int:
        """How many units are completed or passed."""
        return sum(unit.done for unit in self.units)

    @property
    def action(self) -> Action:
        """What opening the course means now."""
        if self.done == len(self.units):
            return Action.REVIEW
        return Action.RESUME if self.begun else Action.LAUNCH

    @property
    def begun(self) -> bool:
        """Whether there is any attempt."""
        return any(unit.attempts for unit in self.units)

    @property
    def upcoming(self) -> UnitStanding | None:
        """The unit to open next: one that was begun, else the first that is not done, else any."""
        units = self.units
        for wanted in (Action.RESUME, Action.LAUNCH, Action.REVIEW):
            for unit in units:
                if unit.action is wanted:
                    return unit
        return None


def stand(
    connection: Connection, academy_id: int, *, learner_id: int, course_id: int
) -> CourseStanding | None:
    """Return how the learner stands in the course, or None where the academy has no such course."""
    stored = catalog_store.course(connection, academy_id, course_id=course_id)
    if stored is None:
        return None
    attempts = hacp_store.attempts_in_course(
        connection, academy_id, learner_id=learner_id, course_id=course_id
    )
    recorded = transcripts.rows(
        connection, academy_id, learner_id=learner_id, course_id=course_id, limit=1
    )
    return CourseStanding(
        stored, arrange(stored.course, attempts), recorded=recorded[0] if recorded else None
    )


def arrange(course: Course, attempts: Sequence[Attempt]) -> tuple[Node, ...]:
    """Put the attempts into the tree of the course; attempts of units that it lost are left out."""
    by_unit: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.number, reverse=True):
        by_unit.setdefault(attempt.au_id, []).append(attempt)

    def node(element: str) -> Node:
        block = course.block(element)
        if block is not None:
            return Node(block.title, block.description, members=_nodes(block.members))
        unit = course.unit(element)
        if unit is None:
            raise LookupError(f"course {course.course_id!r} has no element {element!r}")
        standing = UnitStanding(unit, tuple(by_unit.get(element, ())))
        return Node(unit.title, unit.description, standing=standing)

    def _nodes(members: Sequence[str]) -> tuple[Node, ...]:
        return tuple(node(member) for member in members)

    return _nodes(course.members)
