"""The admin's page of what counts in a course."""

from __future__ import annotations

import re

import pytest

from launcher.db import read
from launcher.records import course_rules, recounts
from launcher.records.course_rules import DEFAULT, CourseRules
from launcher.schema import Counts


@pytest.fixture
def rules(app, people):
    """Return `rules(course_id)`: what is in force."""

    def _rules(course_id: int) -> CourseRules:
        with app.app_context():
            return read(
                lambda connection: course_rules.rules_of(
                    connection, people.academy_id, course_id=course_id
                )
            )

    return _rules


def chosen(page: str) -> list[str]:
    return re.findall(r'<option selected value="(\w+)"', page)


def test_the_page_shows_what_is_in_force_and_keeps_what_is_chosen(admin, add_course, rules):
    course_id = add_course("Ladders")
    assert (
        f'href="/a/night/admin/courses/{course_id}/rules"'
        in admin.open(f"courses/{course_id}").text
    )
    assert chosen(admin.open(f"courses/{course_id}/rules").text) == ["allowed", "best"]

    answer = admin.send(f"courses/{course_id}/rules", retakes="forbidden", counts="last")

    assert answer.status_code == 302
    assert rules(course_id) == CourseRules(retakes=False, counts=Counts.LAST)
    page = admin.open(f"courses/{course_id}/rules").text
    assert "The rules are saved." in page
    assert chosen(page) == ["forbidden", "last"]


@pytest.mark.parametrize("form", [{"retakes": "maybe", "counts": "best"}, {"counts": "worst"}, {}])
def test_what_is_no_rule_is_refused_and_changes_nothing(admin, add_course, rules, form):
    course_id = add_course("Ladders")

    assert admin.send(f"courses/{course_id}/rules", **form).status_code == 422
    assert rules(course_id) == DEFAULT


def test_a_course_that_is_not_the_academys_is_not_there(admin, people, add_course, rules):
    foreign = add_course("Foreign", academy_id=people.other_academy_id)

    assert admin.open(f"courses/{foreign}/rules").status_code == 404
    sent = admin.send(f"courses/{foreign}/rules", retakes="forbidden", counts="last")
    assert sent.status_code == 404
    assert rules(foreign) == DEFAULT


def test_records_that_are_still_to_be_counted_are_told(admin, add_course, enrol, monkeypatch):
    course_id = add_course("Ladders")
    enrol(course_id)
    monkeypatch.setattr("launcher.admin.course_rules.COUNTED_AT_ONCE", 0)

    admin.send(f"courses/{course_id}/rules", retakes="allowed", counts="last")
    assert "The record of 1 learner still stands" in admin.open(f"courses/{course_id}/rules").text

    with admin.client.application.app_context():
        recounts.recount_all()
    assert "still stands" not in admin.open(f"courses/{course_id}/rules").text
