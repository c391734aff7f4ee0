"""What an academy decides about the records of a course."""

from __future__ import annotations

from sqlalchemy import Connection

from launcher.records.course_rules import DEFAULT, CourseRules, change_rules, rules_of
from launcher.schema import Counts


def change(connection: Connection, rules: CourseRules, course_id: int = 3) -> bool:
    return change_rules(connection, 1, course_id=course_id, rules=rules)


def test_where_nothing_was_decided_retakes_are_allowed_and_the_best_attempt_counts(connection):
    assert rules_of(connection, 1, course_id=3) == DEFAULT == CourseRules(True, Counts.BEST)


def test_a_decision_is_kept_for_its_course_and_academy_alone(connection):
    decided = CourseRules(retakes=False, counts=Counts.LAST)
    change(connection, decided)

    assert rules_of(connection, 1, course_id=3) == decided
    assert rules_of(connection, 1, course_id=4) == DEFAULT
    assert rules_of(connection, 2, course_id=3) == DEFAULT


def test_only_another_attempt_that_counts_asks_for_counting_anew(connection):
    assert not change(connection, CourseRules(retakes=False))
    assert change(connection, CourseRules(retakes=False, counts=Counts.FIRST))
    assert not change(connection, CourseRules(retakes=True, counts=Counts.FIRST))
    assert change(connection, DEFAULT)
    assert rules_of(connection, 1, course_id=3) == DEFAULT
