"""The pages of runs: what each changed, field by field, and how far one is."""

from __future__ import annotations

import pytest

from catalog.supply import Entry, Outcome, RunKind, RunState
from launcher.db import transact
from tests.launcher.opensesame.supplied import KEYS, Supplied


@pytest.fixture
def supplied(app, people, now):
    def within(unit):
        with app.app_context():
            return transact(unit)

    supplied = Supplied(within, people.academy_id, now)
    supplied.connect()
    return supplied


def test_an_empty_list_says_that_it_begins_by_itself(admin, supplied):
    assert "Nothing was compared yet" in admin.open("runs").text


def test_a_run_tells_field_by_field_what_it_changed(admin, supplied, add_course):
    course_id = add_course("Ladders")
    differences = (("title", "Ladder", "Ladders"), ("languages", "en", ""))
    number = supplied.ran(
        Entry(Outcome.UPDATED, KEYS[0], "Ladders", course_id, differences=differences),
        Entry(Outcome.ARCHIVED, KEYS[1], "Ropes", reason="It was removed from the list."),
        unchanged=498,
    )

    page = admin.open(f"runs/{number}").text

    assert f'<a href="/a/night/admin/courses/{course_id}">Ladders</a>' in page
    assert "<dt>Title</dt>" in page
    assert "Ladder</del>" in page
    assert "Ladders</ins>" in page
    assert "now empty" in page
    assert "It was removed from the list." in page
    assert '<dd class="number">498</dd>' in page
    listed = admin.open("runs").text
    assert "Daily comparison" in listed
    assert "42 s" in listed


def test_one_outcome_alone_can_be_looked_at(admin, supplied):
    number = supplied.ran(
        Entry(Outcome.NEW, KEYS[0], "Ladders"), Entry(Outcome.FAILED, KEYS[1], "Broken")
    )

    page = admin.open(f"runs/{number}?outcome=failed").text

    assert "Broken" in page
    assert "Ladders" not in page


def test_who_started_a_run_is_named(admin, supplied, people):
    number = supplied.ran(kind=RunKind.HAND, by=people.admin.id)

    assert "Started by hand" in admin.open("runs").text
    assert people.admin.name in admin.open("runs").text
    assert people.admin.name in admin.open(f"runs/{number}").text


def test_a_running_one_shows_how_far_it_is(admin, supplied):
    claim = supplied.begin()
    supplied.renew(claim, items=100)
    supplied.end(claim)
    claim = supplied.begin()
    supplied.renew(claim, items=25)

    page = admin.open(f"runs/{claim.run_id}").text

    assert "data-live" in page
    assert "25 of about 100 courses compared" in page
    assert '<progress max="100" value="25"' in page
    supplied.end(claim)
    assert "data-live" not in admin.open(f"runs/{claim.run_id}").text


def test_a_broken_run_says_why_and_when_it_is_tried_again(admin, supplied):
    number = supplied.ran(state=RunState.BROKEN, sentence="OpenSesame broke off on page 3.")
    supplied.note("OpenSesame broke off on page 3.")

    page = admin.open(f"runs/{number}").text

    assert "OpenSesame broke off on page 3." in page
    assert "Next try:" in page


def test_a_waiting_run_is_marked_on_the_tab(admin, supplied):
    assert "one waits for you" not in admin.open("courses").text
    supplied.ran(state=RunState.WAITING)
    assert "one waits for you" in admin.open("courses").text


def test_a_foreign_run_is_not_there(admin, supplied, people):
    other = Supplied(supplied.transact, people.other_academy_id, supplied.now)
    other.connect(ciid="C-2")
    number = other.ran()

    assert admin.open(f"runs/{number}").status_code == 404


def test_entries_come_in_pages(admin, supplied):
    number = supplied.ran(*(Entry(Outcome.NEW, key, f"Course {key[-3:]}") for key in KEYS[:60]))

    assert "1 to 50 of 60" in admin.open(f"runs/{number}").text
    assert "51 to 60 of 60" in admin.open(f"runs/{number}?page=2").text
