"""The activity report: how many learners each course had, counted by the id that was sent.

Serves `listing`. Pure: launches in, rows out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from demo.opensesame.model import Launch, Opening


@dataclass(frozen=True, slots=True)
class Row:
    """One course: `learners` and `completed` are ids, each once, in the order they came.

    `unknown` are launches whose learner nobody asked for, `refused` those that met a refusal.
    """

    course_id: str
    launches: int
    learners: tuple[str, ...]
    completed: tuple[str, ...]
    unknown: int
    refused: int


def report(launches: Iterable[Launch]) -> tuple[Row, ...]:
    """Count launches by course, in the order of each course's first launch."""
    by_course: dict[str, list[Launch]] = {}
    for launch in launches:
        by_course.setdefault(launch.course_id, []).append(launch)
    return tuple(_row(course_id, found) for course_id, found in by_course.items())


def _row(course_id: str, launches: list[Launch]) -> Row:
    opened = [one for one in launches if one.opening is Opening.OPEN]
    known = [one for one in opened if one.student_id is not None]
    return Row(
        course_id=course_id,
        launches=len(launches),
        learners=tuple(dict.fromkeys(one.student_id or "" for one in known)),
        completed=tuple(dict.fromkeys(one.student_id or "" for one in known if one.completed)),
        unknown=len(opened) - len(known),
        refused=len(launches) - len(opened),
    )
