"""How a learner stands in a course."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.model import AssignableUnit, Block, Course
from catalog.store import StoredCourse
from hacp.model import Attempt, Score, Status
from launcher.standing import Action, CourseStanding, arrange

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def a_unit(system_id: str) -> AssignableUnit:
    return AssignableUnit(system_id, f"Unit {system_id}", "https://content.example.org/")


COURSE = Course(
    "C-1",
    "A course",
    units=(a_unit("A1"), a_unit("A2"), a_unit("A3")),
    members=("A1", "B1"),
    blocks=(Block("B1", "Deep", ("A2", "B2")), Block("B2", "Deeper", ("A3",))),
)


def an_attempt(au_id: str, status: Status, *, number: int = 1, seconds: int = 60) -> Attempt:
    return Attempt(
        academy_id=1,
        id=number,
        learner_id=1,
        course_id=1,
        au_id=au_id,
        number=number,
        started_at=NOW,
        last_at=NOW,
        status=status,
        seconds=Decimal(seconds),
    )


def standing(*attempts: Attempt) -> CourseStanding:
    stored = StoredCourse(1, 1, "A course", "a.zip", None, "", NOW, COURSE)
    return CourseStanding(stored, arrange(COURSE, attempts))


def test_the_tree_keeps_the_order_and_depth_of_the_course():
    nodes = arrange(COURSE, ())

    assert [node.title for node in nodes] == ["Unit A1", "Deep"]
    assert [node.title for node in nodes[1].members] == ["Unit A2", "Deeper"]
    assert [unit.unit.system_id for unit in standing().units] == ["A1", "A2", "A3"]


def test_an_element_that_is_neither_unit_nor_block_is_a_broken_course():
    with pytest.raises(LookupError, match="A9"):
        arrange(replace(COURSE, members=("A9",)), ())


def test_an_untouched_course_is_launched_at_its_first_unit():
    course = standing()

    assert course.action is Action.LAUNCH
    assert not course.begun
    assert course.upcoming.unit.system_id == "A1"
    assert (course.status, course.percent, course.seconds, course.last_at) == (
        "not attempted",
        None,
        0.0,
        None,
    )


def test_what_was_begun_comes_before_what_was_not():
    course = standing(
        an_attempt("A1", Status.COMPLETED), an_attempt("A3", Status.INCOMPLETE, number=1)
    )

    assert course.action is Action.RESUME
    assert course.upcoming.unit.system_id == "A3"
    assert course.done == 1


def test_a_launch_that_said_nothing_yet_is_resumed():
    assert standing(an_attempt("A1", Status.NOT_ATTEMPTED)).units[0].action is Action.RESUME


def test_a_course_that_is_done_is_reviewed():
    course = standing(*(an_attempt(unit, Status.PASSED) for unit in ("A1", "A2", "A3")))

    assert course.action is Action.REVIEW
    assert course.upcoming.action is Action.REVIEW


def test_a_unit_counts_its_best_attempt_and_the_time_of_all():
    passed = replace(an_attempt("A1", Status.PASSED), score=Score(Decimal(90)))
    unit = standing(passed, an_attempt("A1", Status.INCOMPLETE, number=2, seconds=5)).units[0]

    assert [attempt.number for attempt in unit.attempts] == [2, 1]
    assert unit.status is Status.PASSED
    assert unit.score == Score(Decimal(90))
    assert unit.seconds == 65


def test_attempts_of_a_unit_that_the_course_lost_are_left_out():
    assert not standing(an_attempt("A9", Status.PASSED)).begun


def test_a_course_without_units_has_nothing_to_open():
    empty = CourseStanding(standing().stored, ())

    assert empty.upcoming is None
