"""Rows of progress brought up to date after an academy has changed which attempt counts.

Serves the page and the command that change it, and the sweep, which goes on where either stopped. A
few rows a transaction: nobody who writes waits long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, func, select, update

import catalog.store
from launcher.db import read, transact
from launcher.records import progress
from launcher.schema import CourseRule, Progress

# Rows counted anew in one transaction: about a fifth of a second, in which SQLite's other writers
# wait.
AT_A_TIME = 50
# Between two transactions a writer that waits gets in; the lock alone would not let it.
BREATH = 0.01


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction counted, and whether more is left."""

    rows: int
    more: bool


def recount(
    academy_id: int,
    *,
    course_id: int,
    most: int | None = None,
    breathe: Callable[[], None] = lambda: time.sleep(BREATH),
) -> bool:
    """Count a course's rows anew, at most so many; return whether none is left.

    Safe anywhere and many times at once: how far it has come stands in the database.
    """
    counted = 0
    while most is None or counted < most:
        step = transact(partial(_step, academy_id=academy_id, course_id=course_id))
        counted += step.rows
        if not step.more:
            return True
        breathe()
    return False


def recount_all() -> int:
    """Finish whatever was begun in any academy; return how many courses."""
    begun = read(pending)
    for academy_id, course_id in begun:
        recount(academy_id, course_id=course_id)
    return len(begun)


def pending(connection: Connection) -> list[tuple[int, int]]:
    """Return the courses that have rows left, as academy and course."""
    rows = connection.execute(
        select(CourseRule.academy_id, CourseRule.course_id)
        .where(CourseRule.recount_after.is_not(None))
        .order_by(CourseRule.academy_id, CourseRule.course_id)
    )
    return [(row.academy_id, row.course_id) for row in rows]


def left(connection: Connection, academy_id: int, *, course_id: int) -> int:
    """Return how many rows of a course still stand by an earlier decision."""
    return connection.execute(
        select(func.count())
        .select_from(Progress)
        .join(
            CourseRule,
            (CourseRule.academy_id == Progress.academy_id)
            & (CourseRule.course_id == Progress.course_id),
        )
        .where(
            Progress.academy_id == academy_id,
            Progress.course_id == course_id,
            Progress.learner_id > CourseRule.recount_after,
        )
    ).scalar_one()


def _step(connection: Connection, *, academy_id: int, course_id: int) -> Step:
    """Count the next rows, in the order of their learners, and note how far it came.

    The course's row is locked, so two that count at once take turns. A post locks its learner's row
    and reads the rules after that: whichever of the two comes last has seen the other.
    """
    here = (CourseRule.academy_id == academy_id, CourseRule.course_id == course_id)
    after = connection.execute(
        select(CourseRule.recount_after).where(*here).with_for_update()
    ).scalar_one_or_none()
    if after is None:
        return Step(0, more=False)
    learners: list[int] = []
    # The rows of a course that is gone stay as they are.
    if stored := catalog.store.course(connection, academy_id, course_id=course_id):
        learners = _learners(connection, academy_id, course_id, after)
        for learner_id in learners:
            progress.refresh_in(connection, stored, learner_id=learner_id)
    more = len(learners) == AT_A_TIME
    come = learners[-1] if more else None
    connection.execute(update(CourseRule).where(*here).values(recount_after=come))
    return Step(len(learners), more)


def _learners(connection: Connection, academy_id: int, course_id: int, after: int) -> list[int]:
    found = connection.scalars(
        select(Progress.learner_id)
        .where(
            Progress.academy_id == academy_id,
            Progress.course_id == course_id,
            Progress.learner_id > after,
        )
        .order_by(Progress.learner_id)
        .limit(AT_A_TIME)
    )
    return list(found)
