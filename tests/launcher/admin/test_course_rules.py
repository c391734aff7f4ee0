"""The admin's page of what counts in a course."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from launcher.db import read, transact
from launcher.records import course_rules, recounts
from launcher.records.course_rules import DEFAULT, CourseRules
from launcher.records.mastery import SetMastery, set_mastery
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


def form(page: str, **changes: str) -> dict[str, str]:
    """Return what the page's form would send, with some of it changed."""
    fields = dict(re.findall(r'<input [^>]*name="(score-\w+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select [^>]*name="([\w-]+)".*?>(.*?)</select>', page, re.S):
        fields[name] = re.search(r'<option (?:selected )?value="(\w+)"(?: selected)?', options)[1]
        if found := re.search(r'<option selected value="(\w+)"|value="(\w+)" selected', options):
            fields[name] = found[1] or found[2]
    return fields | changes


def test_a_mastery_score_is_set_shown_beside_the_courses_own_and_taken_back(admin, add_course):
    course_id = add_course("Ladders", mastery_score=Decimal(80))
    path = f"courses/{course_id}/rules"

    sent = form(admin.open(path).text, **{"mastery-A1": "other", "score-A1": " 66.5 "})
    assert admin.send(path, **sent).status_code == 302

    page = admin.open(path).text
    assert form(page)["mastery-A1"] == "other"
    assert form(page)["score-A1"] == "66.5"
    assert "Set by Admin, Ada" in page
    shown = admin.open(f"courses/{course_id}").text
    assert "Mastery 66.5" in shown
    assert "the course's own is 80" in shown

    admin.send(path, **form(page, **{"mastery-A1": "none"}))
    assert "No mastery score" in admin.open(f"courses/{course_id}").text

    admin.send(path, **form(admin.open(path).text, **{"mastery-A1": "own"}))
    assert "set here" not in admin.open(f"courses/{course_id}").text


def test_saving_again_does_not_change_who_set_it(admin, add_course, app, people):
    course_id = add_course("Ladders")
    path = f"courses/{course_id}/rules"
    with app.app_context():
        transact(
            lambda connection: set_mastery(
                connection,
                people.academy_id,
                course_id=course_id,
                au_id="A1",
                mastery=SetMastery(Decimal(70), "", datetime(2026, 5, 4, tzinfo=UTC)),
            )
        )

    admin.send(path, **form(admin.open(path).text))

    assert "Set by the operator, <time" in admin.open(path).text


@pytest.mark.parametrize("typed", ["", "eighty", "-1", "1e3", "8" * 13, "none", "<b>"])
def test_a_mastery_score_that_is_no_number_is_told_beside_its_field(
    admin, add_course, rules, typed
):
    course_id = add_course("Ladders")

    answer = admin.send(
        f"courses/{course_id}/rules",
        **{"retakes": "forbidden", "counts": "best", "mastery-A1": "other", "score-A1": typed},
    )

    assert answer.status_code == 422
    assert "Type a number such as 80 or 79.5." in answer.text
    assert "<b>" not in answer.text
    assert rules(course_id) == DEFAULT
