"""An academy in a few numbers, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

import catalog.store
from catalog.model import AssignableUnit, Course
from launcher.records import overview
from launcher.schema import Enrolment, Progress


@pytest.fixture
def school(connection, add_people):
    return add_people(connection)


@pytest.fixture
def add_courses(connection, school, now):
    def _add(count: int) -> list[int]:
        unit = AssignableUnit("A1", "Unit", "https://content.example.org/")
        return [
            catalog.store.add_course(
                connection,
                school.academy_id,
                course=Course(f"C-{number}", "A course", units=(unit,), members=("A1",)),
                source="test.zip",
                fingerprint=str(number),
                content_key=None,
                folder="",
                now=now,
            )
            for number in range(count)
        ]

    return _add


def test_an_empty_academy_has_its_first_steps_before_it(connection, school):
    found = overview.overview(connection, school.academy_id)

    assert (found.courses, found.enrolments, found.in_progress, found.completed) == (0, 0, 0, 0)
    assert found.latest == ()
    assert not found.settled


def test_learners_in_courses_are_counted_by_how_far_they_are(connection, school, add_courses, now):
    statuses = ["not attempted", "browsed", "incomplete", "failed", "completed", "passed"]
    for number, course_id in enumerate(add_courses(len(statuses))):
        key = {
            "academy_id": school.academy_id,
            "learner_id": school.learner.id,
            "course_id": course_id,
        }
        begun = now + timedelta(hours=number) if number else None
        connection.execute(insert(Enrolment).values(**key, created_at=now))
        connection.execute(
            insert(Progress).values(
                **key, status=statuses[number], seconds=0.0, attempts=1, last_at=begun
            )
        )

    found = overview.overview(connection, school.academy_id)

    assert (found.courses, found.learners, found.enrolments) == (6, 1, 6)
    assert (found.in_progress, found.completed) == (3, 2)
    assert [row.status for row in found.latest] == statuses[:0:-1]
    assert found.settled
    assert overview.overview(connection, school.other_academy_id).enrolments == 0


def test_enrolments_are_counted_from_both_sides(connection, school, add_courses, now):
    first, second, third = add_courses(3)
    pairs = [(school.learner.id, first), (school.admin.id, first), (school.learner.id, second)]
    for learner_id, course_id in pairs:
        connection.execute(
            insert(Enrolment).values(
                academy_id=school.academy_id,
                learner_id=learner_id,
                course_id=course_id,
                created_at=now,
            )
        )

    by_course = overview.learners_by_course(
        connection, school.academy_id, course_ids=[first, second, third]
    )
    by_learner = overview.courses_by_learner(
        connection, school.academy_id, learner_ids=[school.learner.id, school.other_admin.id]
    )

    assert by_course == {first: 2, second: 1}
    assert by_learner == {school.learner.id: 2}
    assert overview.learners_by_course(connection, school.academy_id, course_ids=[]) == {}
