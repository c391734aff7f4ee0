"""How a learner stands in a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.model import AssignableUnit, Block, Course
from catalog.store import StoredCourse
from hacp.model import Attempt, Score, Status
from launcher.records.course_rules import CourseRules
from launcher.records.reckoning import weigh
from launcher.records.standing import Action, CourseStanding
from launcher.records.standing import arrange as arrange_reckoned
from launcher.records.transcripts import TranscriptRow

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


def arrange(course: Course, attempts: Sequence[Attempt]):
    return arrange_reckoned(course, weigh(course, attempts))


def standing(
    *attempts: Attempt, prerequisites: dict[str, str] | None = None, recorded: str = ""
) -> CourseStanding:
    course = replace(COURSE, prerequisites=prerequisites or {})
    stored = StoredCourse(1, 1, "A course", "a.zip", None, "", NOW, course)
    row = None
    if recorded:
        row = TranscriptRow(
            **{field.name: None for field in fields(TranscriptRow)} | {"status": recorded}
        )
    return CourseStanding(stored, arrange(course, attempts), recorded=row)


def test_the_lines_keep_the_order_and_depth_of_the_course():
    lines = arrange(COURSE, ())

    assert [(line.title, line.depth) for line in lines] == [
        ("Unit A1", 0),
        ("Deep", 0),
        ("Unit A2", 1),
        ("Deeper", 1),
        ("Unit A3", 2),
    ]
    assert [unit.unit.system_id for unit in standing().units] == ["A1", "A2", "A3"]


def test_a_block_that_is_the_whole_course_has_no_line_of_its_own():
    wrapped = replace(
        COURSE,
        members=("B0",),
        blocks=(Block("B0", "A course", ("A1", "B1")), *COURSE.blocks),
        prerequisites={"B0": "A9", "B1": "A1"},
    )
    lines = arrange(wrapped, ())

    assert [(line.title, line.depth) for line in lines][:3] == [
        ("Unit A1", 0),
        ("Deep", 0),
        ("Unit A2", 1),
    ]
    # What locks it has to be told on every line then.
    assert [line.lock.element for line in lines] == ["B0"] * 5
    assert not any(line.lock_told for line in lines)


@pytest.mark.parametrize(
    "course",
    [
        replace(
            COURSE, members=("B0",), blocks=(Block("B0", "Another", ("A1", "B1")), *COURSE.blocks)
        ),
        replace(
            COURSE, members=("A1",), units=(replace(COURSE.units[0], title="A course"),), blocks=()
        ),
    ],
    ids=["another title", "one unit"],
)
def test_any_other_single_element_has_a_line(course):
    assert arrange(course, ())[0].system_id == course.members[0]


def test_blocks_may_be_nested_thousands_deep():
    depth = 5_000
    blocks = tuple(Block(f"B{n}", "Block", (f"B{n + 1}",)) for n in range(depth))
    deep = replace(
        COURSE,
        members=("B0",),
        units=COURSE.units[:1],
        blocks=(*blocks, Block(f"B{depth}", "", ("A1",))),
    )
    lines = arrange(deep, ())

    assert (lines[-1].system_id, lines[-1].depth) == ("A1", depth + 1)


def test_a_line_says_what_locks_it_and_where_that_is_told():
    locked = replace(COURSE, prerequisites={"B1": "A1"})
    lines = {line.system_id: line for line in arrange(locked, ())}

    assert lines["A1"].lock is None
    assert (lines["B1"].lock.element, lines["B1"].lock_told) == ("B1", False)
    assert (lines["A3"].lock.element, lines["A3"].lock_told) == ("B1", True)
    assert lines["A3"].standing.lock is lines["A3"].lock
    after = arrange(locked, [an_attempt("A1", Status.COMPLETED)])
    assert all(line.lock is None for line in after)


def test_a_block_has_the_status_of_what_is_in_it():
    lines = arrange(COURSE, [an_attempt("A3", Status.PASSED)])

    assert {line.system_id: line.status for line in lines} == {
        "A1": "not attempted",
        "B1": "incomplete",
        "A2": "not attempted",
        "B2": "passed",
        "A3": "passed",
    }


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


def test_what_opening_means_is_said_by_the_newest_attempt_and_what_counts_by_the_best():
    unit = standing(
        an_attempt("A1", Status.PASSED), an_attempt("A1", Status.INCOMPLETE, number=2)
    ).units[0]

    assert unit.done
    assert unit.action is Action.RESUME


def test_a_retake_under_way_comes_after_what_is_not_done():
    again = [an_attempt("A1", Status.PASSED), an_attempt("A1", Status.INCOMPLETE, number=2)]

    assert standing(*again).upcoming.unit.system_id == "A2"
    assert standing(*again).action is Action.RESUME
    assert standing(*again).retaken


@pytest.mark.parametrize(
    ("statuses", "may"),
    [
        ((), False),
        (("incomplete",), False),
        (("failed",), True),
        (("completed",), True),
        (("passed",), True),
        (("passed", "incomplete"), False),
        (("passed", "failed"), True),
    ],
)
def test_a_unit_that_is_over_may_be_begun_anew(statuses, may):
    attempts = [
        an_attempt("A1", Status(status), number=number)
        for number, status in enumerate(statuses, start=1)
    ]

    assert standing(*attempts).units[0].may_retake is may


def test_neither_a_rule_nor_a_lock_lets_a_retake_through():
    over = an_attempt("A1", Status.FAILED)
    reckoning = weigh(COURSE, [over], rules=CourseRules(retakes=False))

    assert not arrange_reckoned(COURSE, reckoning)[0].standing.may_retake
    assert not standing(over, prerequisites={"A1": "A9"}).units[0].may_retake


def test_a_locked_unit_is_never_the_next_one():
    course = standing(an_attempt("A2", Status.INCOMPLETE), prerequisites={"A2": "A3", "A3": "A1"})

    assert course.upcoming.unit.system_id == "A1"
    assert course.action is Action.RESUME


def test_where_all_that_is_left_is_locked_the_course_waits():
    waiting = standing(an_attempt("A1", Status.PASSED), prerequisites={"B1": "A9"})

    assert waiting.upcoming.unit.system_id == "A1"
    assert waiting.action is Action.WAIT


def test_where_everything_is_locked_nothing_is_next():
    shut = standing(prerequisites={"root": "A9"})

    assert shut.upcoming is None
    assert shut.action is Action.WAIT


def test_a_course_that_a_rule_completed_is_reviewed_although_units_are_left():
    early = standing(an_attempt("A1", Status.PASSED), recorded="completed")

    assert early.action is Action.REVIEW
    assert early.upcoming.unit.system_id == "A2"


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
