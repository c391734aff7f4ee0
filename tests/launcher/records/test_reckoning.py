"""What counts of a learner's attempts: of a unit's tries one, and what was said of objectives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import catalog.model
from catalog.model import AssignableUnit, Course, Result, ResultStatus
from hacp.model import Attempt, Objective, Score, Status
from launcher.records.course_rules import CourseRules
from launcher.records.reckoning import is_over, percent_of, weigh
from launcher.schema import Counts

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
COURSE = Course(
    "C",
    "Course",
    tuple(AssignableUnit(name, name, "https://content.example.org/") for name in ("A1", "A2")),
    members=("A1", "A2"),
    objectives=tuple(catalog.model.Objective(name, name) for name in ("J1", "J2")),
)


def an_attempt(au_id: str, status: Status, *, number: int = 1, **facts: object) -> Attempt:
    blank = Attempt(1, number, 7, 3, au_id, number, NOW, NOW)
    return replace(blank, status=status, **facts)


def a_score(said: Score | int | None) -> Score | None:
    return Score(Decimal(said)) if isinstance(said, int) else said


def says(*objectives: Objective, au_id: str = "A1", **facts: object) -> Attempt:
    return an_attempt(au_id, Status.INCOMPLETE, objectives=objectives, **facts)


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        (None, None),
        (Score(Decimal(80)), 80.0),
        (Score(Decimal(8), Decimal(10)), 80.0),
        (Score(Decimal(8), Decimal(10), Decimal(0)), 80.0),
        (Score(Decimal("66.5"), Decimal(100)), 66.5),
        (Score(Decimal(80), Decimal(0)), 80.0),
        (Score(Decimal(120)), 100.0),
        (Score(Decimal(-5)), 0.0),
        (Score(Decimal(500), Decimal(100)), 100.0),
    ],
)
def test_a_score_is_a_percentage_between_0_and_100(score: Score | None, percent: object) -> None:
    assert percent_of(score) == percent


def test_the_best_attempt_of_a_unit_counts_and_the_time_of_all() -> None:
    attempts = [
        an_attempt("A1", Status.PASSED, score=Score(Decimal(90)), seconds=Decimal(60)),
        an_attempt("A1", Status.INCOMPLETE, number=2, seconds=Decimal(30)),
    ]
    assert weigh(COURSE, attempts).results == {"A1": Result(ResultStatus.PASSED, 90.0, 90.0)}


@pytest.mark.parametrize(
    ("counts", "statuses", "number"),
    [
        # realistic: failed, then passed, then a look at the beginning
        (Counts.BEST, ("failed", "passed", "incomplete"), 2),
        (Counts.LAST, ("failed", "passed", "incomplete"), 3),
        (Counts.FIRST, ("failed", "passed", "incomplete"), 1),
        # a retake that was opened and closed again takes nothing away
        (Counts.BEST, ("passed", "not attempted"), 1),
        (Counts.LAST, ("passed", "not attempted"), 1),
        (Counts.LAST, ("passed", "browsed"), 2),
        # nor does a first launch that never came to anything
        (Counts.FIRST, ("not attempted", "failed", "passed"), 2),
        (Counts.FIRST, ("not attempted", "not attempted"), 1),
        (Counts.LAST, ("not attempted", "not attempted"), 2),
    ],
)
def test_which_attempt_counts_is_the_courses_rule(counts, statuses, number) -> None:
    attempts = [
        an_attempt("A1", Status(status), number=place)
        for place, status in enumerate(statuses, start=1)
    ]
    for told in (attempts, attempts[::-1]):
        reckoning = weigh(COURSE, told, rules=CourseRules(counts=counts))
        assert reckoning.counting["A1"].number == number


@pytest.mark.parametrize("status", Status)
def test_an_attempt_is_over_when_it_is_done_or_failed(status) -> None:
    over = status in {Status.COMPLETED, Status.PASSED, Status.FAILED}
    assert is_over(an_attempt("A1", status)) is over


@pytest.mark.parametrize(
    ("scores", "number"),
    [
        # realistic: a retake that passed with less takes nothing away, one with more counts
        ((95, 81), 1),
        ((81, 95), 2),
        # of equal scores the newer attempt, and any score before none
        ((90, 90), 2),
        ((None, None), 2),
        ((0, None), 1),
        ((None, 0), 2),
        # as shares of what was to be had
        ((Score(Decimal(9), Decimal(10)), 50), 1),
    ],
)
def test_of_attempts_that_came_equally_far_the_best_score_counts(scores, number) -> None:
    attempts = [
        an_attempt("A1", Status.PASSED, number=place, score=a_score(said))
        for place, said in enumerate(scores, start=1)
    ]
    for told in (attempts, attempts[::-1]):
        assert weigh(COURSE, told).counting["A1"].number == number


def test_an_objective_has_the_status_and_score_that_content_said() -> None:
    said = says(Objective("J1", Score(Decimal(8), Decimal(10)), Status.PASSED), Objective("J2"))
    results = weigh(COURSE, [said]).results
    assert results["J1"] == Result(ResultStatus.PASSED, 80.0)
    assert results["J2"] == Result(ResultStatus.NOT_ATTEMPTED)


@pytest.mark.parametrize("spelt", ["J1", "j1"])
def test_an_objective_is_known_in_any_case_and_a_strange_one_counts_for_nothing(spelt) -> None:
    said = says(Objective(spelt, None, Status.PASSED), Objective("A2", None, Status.PASSED))
    assert set(weigh(COURSE, [said]).results) == {"J1", "A1"}


def test_of_two_units_that_report_an_objective_the_better_word_counts() -> None:
    better = says(Objective("J1", Score(Decimal(70)), Status.PASSED))
    worse = says(
        Objective("J1", Score(Decimal(90)), Status.FAILED),
        au_id="A2",
        last_at=NOW + timedelta(hours=1),
    )
    for attempts in ([better, worse], [worse, better]):
        assert weigh(COURSE, attempts).results["J1"] == Result(ResultStatus.PASSED, 70.0)


def test_of_two_equal_words_the_newest_counts() -> None:
    later = says(
        Objective("J1", Score(Decimal(60)), Status.PASSED),
        au_id="A2",
        last_at=NOW + timedelta(hours=1),
    )
    earlier = says(Objective("J1", Score(Decimal(70)), Status.PASSED))
    for attempts in ([later, earlier], [earlier, later]):
        assert weigh(COURSE, attempts).results["J1"].percent == 60.0


def test_only_the_attempt_that_counts_speaks_of_objectives() -> None:
    passed = replace(
        says(Objective("J1", None, Status.FAILED)), status=Status.PASSED, completed_at=NOW
    )
    again = replace(says(Objective("J1", None, Status.PASSED)), id=2, number=2)
    assert weigh(COURSE, [passed, again]).results["J1"].status is ResultStatus.FAILED
