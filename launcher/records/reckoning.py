"""What counts of a learner's attempts in a course: one result for each unit and each objective.

Serves `progress`, launches, explanations and the pages. Decides which attempt counts; how results
add up is the catalog's to say, and nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Connection

import hacp.store
from catalog.files.tree import ROOT, Ids
from catalog.model import Course, Result, ResultStatus
from catalog.store import StoredCourse
from catalog.structure import roll_up
from hacp.model import Attempt, Objective, Score, Status
from hacp.rules import FINISHED
from launcher.records.by_hand import HandStatus, in_force
from launcher.records.course_rules import DEFAULT, CourseRules, rules_of
from launcher.schema import Counts

# How statuses compare where several attempts of one unit stand side by side.
_RANK = {status: rank for rank, status in enumerate(Status)}
_OVER = FINISHED | {Status.FAILED}
_NOT_SAID = Objective("")
# Which attempt of a unit counts: the greatest by these. One in which nothing was attempted counts
# only where there is no other: a retake that was opened and closed again takes nothing away.
# Of two that came equally far the better score is the best, and any score is better than none.
_ORDER: dict[Counts, Callable[[Attempt], tuple[float, ...]]] = {
    Counts.BEST: lambda one: (_RANK[one.status], _percent_or(-1.0, one.score), one.number),
    Counts.LAST: lambda one: (min(_RANK[one.status], 1), one.number),
    Counts.FIRST: lambda one: (min(_RANK[one.status], 1), -one.number),
}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A learner's attempts in a course, by unit and number, and what counts of them.

    `counting` holds the attempt that counts by unit. `results` are by system id: units, and the
    objectives of the course of which content has said anything. `by_hand` holds what admins have
    set, by element; that of a unit is in its result already.
    """

    rules: CourseRules = DEFAULT
    attempts: tuple[Attempt, ...] = ()
    counting: Mapping[str, Attempt] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)
    by_hand: Mapping[str, HandStatus] = field(default_factory=dict)

    def whole(self, course: Course) -> Result:
        """Return what the course amounts to."""
        rolled = roll_up(course, self.results)
        return self.by_hand[ROOT].over(rolled) if ROOT in self.by_hand else rolled


def reckon(connection: Connection, stored: StoredCourse, *, learner_id: int) -> Reckoning:
    """Read a learner's attempts in a course and say what counts of them by its rules."""
    rules = rules_of(connection, stored.academy_id, course_id=stored.id)
    attempts = hacp.store.attempts_in_course(
        connection, stored.academy_id, learner_id=learner_id, course_id=stored.id
    )
    known = in_force(connection, stored.academy_id, learner_id=learner_id, course_id=stored.id)
    return weigh(stored.course, attempts, rules=rules, by_hand=known)


def weigh(
    course: Course,
    attempts: Sequence[Attempt],
    *,
    rules: CourseRules = DEFAULT,
    by_hand: Mapping[str, HandStatus] | None = None,
) -> Reckoning:
    """Say what counts of these attempts, and of what was set by hand in their place."""
    counting = _counting(attempts, rules.counts)
    results = {**_objectives(course, counting.values()), **_units(attempts, counting)}
    known = by_hand or {}
    for element, hand in known.items():
        if course.unit(element) is not None:
            results[element] = hand.over(results.get(element, Result()))
    return Reckoning(rules, tuple(attempts), counting, results, known)


def is_over(attempt: Attempt) -> bool:
    """Tell whether an attempt has come to an end, good or bad: then there may be another."""
    return attempt.status in _OVER


def percent_of(score: Score | None) -> float | None:
    """Return a score between 0 and 100: raw over the maximum where one was sent, else raw."""
    if score is None:
        return None
    percent = score.raw * 100 / score.max if score.max else score.raw
    return float(min(max(percent, Decimal(0)), Decimal(100)))


def _percent_or(without: float, score: Score | None) -> float:
    percent = percent_of(score)
    return without if percent is None else percent


def _counting(attempts: Iterable[Attempt], counts: Counts) -> dict[str, Attempt]:
    """Return the attempt that counts of each unit."""
    # Of each unit the last one stays.
    return {one.au_id: one for one in sorted(attempts, key=_ORDER[counts])}


def _units(attempts: Sequence[Attempt], counting: Mapping[str, Attempt]) -> dict[str, Result]:
    """Return one result a unit: status and score of the attempt that counts, the time of all."""
    seconds: dict[str, Decimal] = {}
    for attempt in attempts:
        seconds[attempt.au_id] = seconds.get(attempt.au_id, Decimal(0)) + attempt.seconds
    return {
        unit: Result(
            status=ResultStatus(attempt.status),
            percent=percent_of(attempt.score),
            seconds=float(seconds[unit]),
        )
        for unit, attempt in counting.items()
    }


def _objectives(course: Course, counting: Iterable[Attempt]) -> dict[str, Result]:
    """Return a result for each objective that the attempts which count have spoken of.

    Content names objectives by their ids (J_ID), sloppy about their case. Where several units
    report one, the best status counts, and of equals the newest word.
    """
    ids = Ids(one.system_id for one in course.objectives)
    best: dict[str, Objective] = {}
    for attempt in sorted(counting, key=lambda one: (one.last_at, one.id)):
        for said in attempt.objectives:
            name = ids.find(said.objective_id)
            if name is not None and _reached(said) >= _reached(best.get(name, _NOT_SAID)):
                best[name] = said
    return {
        name: Result(
            status=ResultStatus(said.status or Status.NOT_ATTEMPTED),
            percent=percent_of(said.score),
        )
        for name, said in best.items()
    }


def _reached(objective: Objective) -> int:
    return _RANK[objective.status or Status.NOT_ATTEMPTED]
