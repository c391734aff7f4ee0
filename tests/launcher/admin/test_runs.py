"""The pages of runs: what each changed, field by field, and how far one is."""

from __future__ import annotations

import pytest

from catalog.supply.model import Entry, Outcome, RunKind, RunState
from launcher import tasks
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


def test_the_page_of_a_course_says_in_short_what_its_runs_changed(admin, supplied, people):
    course_id = supplied.provide(KEYS[0], "Ladders")
    changed = (("title", "Ladder", "Ladders"), ("package_url", "a.zip", "b.zip"))
    reason = "Its units are others now: learners in the middle of it keep theirs."
    supplied.ran(
        Entry(Outcome.UPDATED, KEYS[0], "Ladders", course_id, reason=reason, differences=changed)
    )

    page = admin.open(f"courses/{course_id}").text

    assert f"Title, Package. {reason}" in page


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
    supplied.end(supplied.begin(), items=100)
    claim = supplied.begin()
    supplied.renew(claim, items=25)

    page = admin.open(f"runs/{claim.run_id}").text

    assert "data-live" in page
    assert "25 of about 100 courses compared" in page
    assert '<progress max="100" value="25"' in page
    # The listing has grown since the last time: nobody knows any more how far it is.
    supplied.renew(claim, items=9300)
    page = admin.open(f"runs/{claim.run_id}").text
    assert "9,300 courses compared so far" in page
    assert '<progress max="1" aria-label' in page
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


def waiting(app) -> list[list]:
    """Return what the queue holds: academy, kind, course and who asked."""
    return [list(task.args) for task in tasks.of(app).queue.pending()]


@pytest.mark.parametrize(("what", "kind"), [("now", "hand"), ("everything", "everything")])
def test_an_admin_starts_a_run(admin, supplied, app, people, what, kind):
    answer = admin.send("runs/start", what=what)

    page = admin.client.get(answer.location).text
    assert "The comparison begins in a moment." in page
    assert "data-live" in page
    assert waiting(app) == [[people.academy_id, kind, "", people.admin.id]]


def test_nothing_is_started_where_the_provider_is_off(admin, supplied, app):
    supplied.connect(enabled=False)

    assert admin.send("runs/start", what="now").status_code == 404
    assert "Sync now" not in admin.open("runs").text
    assert waiting(app) == []


def test_a_waiting_run_is_confirmed_once(admin, supplied, app, people):
    number = supplied.ran(
        Entry(Outcome.PROPOSED, KEYS[0], "Ladders"),
        state=RunState.WAITING,
        sentence="It would archive 30 of 100 courses.",
    )
    assert "Confirm and archive" in admin.open(f"runs/{number}").text

    answer = admin.send(f"runs/{number}/confirm")

    page = admin.client.get(answer.location).text
    assert "A fresh listing is read" in page
    assert people.admin.name in page
    assert "Confirm and archive" not in page
    assert waiting(app) == [[people.academy_id, "confirmed", "", people.admin.id]]
    again = admin.send(f"runs/{number}/confirm")
    assert "This was decided already." in admin.client.get(again.location).text
    assert len(waiting(app)) == 1


def test_a_waiting_run_is_discarded(admin, supplied, app):
    number = supplied.ran(state=RunState.WAITING)

    answer = admin.send(f"runs/{number}/discard")

    assert "Discarded. Nothing was archived." in admin.client.get(answer.location).text
    assert waiting(app) == []
    assert "Waits for you" not in admin.open("").text


def test_a_foreign_run_is_not_decided(admin, supplied, people):
    other = Supplied(supplied.transact, people.other_academy_id, supplied.now)
    other.connect(ciid="C-2")
    number = other.ran(state=RunState.WAITING)

    assert admin.send(f"runs/{number}/confirm").status_code == 404


def test_a_course_of_no_provider_is_not_synced(admin, supplied, add_course):
    course_id = add_course("Ladders")

    assert admin.send(f"courses/{course_id}/sync").status_code == 404
    assert "From OpenSesame" not in admin.open(f"courses/{course_id}").text


def test_a_course_of_the_provider_is_synced_alone(admin, supplied, app, people):
    course_id = supplied.provide(KEYS[0], "Ladders")
    page = admin.open(f"courses/{course_id}").text
    assert "From OpenSesame" in page
    assert KEYS[0] in page

    answer = admin.send(f"courses/{course_id}/sync")

    assert "compared in a moment" in admin.client.get(answer.location).text
    assert waiting(app) == [[people.academy_id, "one", KEYS[0], people.admin.id]]


def test_a_run_that_changed_nothing_says_so_in_the_words_of_its_case(admin, supplied):
    waiting = supplied.ran(
        Entry(Outcome.PROPOSED, KEYS[0], "Ladders"),
        state=RunState.WAITING,
        sentence="Would archive.",
    )
    later = supplied.ran(sentence="An earlier run waits for an admin.")
    broken = supplied.ran(state=RunState.BROKEN, sentence="It broke off.")

    assert "Every course is as it was before." in admin.open(f"runs/{later}").text
    assert f'/runs/{waiting}">The run that waits for you' in admin.open(f"runs/{later}").text
    assert "It broke off before" in admin.open(f"runs/{broken}").text
    assert "The run that waits for you" not in admin.open(f"runs/{broken}").text
    assert "None of them" in admin.open(f"runs/{waiting}?outcome=failed").text
    assert "Nothing differed" not in admin.open("runs").text
    supplied.ran()
    assert "Nothing differed" in admin.open("runs").text
