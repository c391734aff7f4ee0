"""The admin's page of statuses set by hand, and the marks that they leave on every list."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from launcher.db import read
from launcher.records import by_hand


@pytest.fixture
def course(add_course, enrol) -> int:
    """A course that Jane may take."""
    course_id = add_course("Ladders")
    enrol(course_id)
    return course_id


@pytest.fixture
def address(people, course) -> str:
    return f"learners/{people.learner.id}/courses/{course}/by-hand"


@pytest.fixture
def kept(app, people, course):
    """Return `kept()`: all that was ever set for Jane."""

    def _kept():
        with app.app_context():
            return read(
                lambda connection: by_hand.history(
                    connection,
                    people.academy_id,
                    learner_id=people.learner.id,
                    course_id=course,
                )
            )

    return _kept


SET = {"element": "A1", "status": "passed", "score": "85,5", "reason": "Oral <b>exam</b>"}


def test_a_status_is_set_and_shown_with_who_when_and_why(admin, address, kept):
    assert admin.send(f"{address}/set", **SET).status_code == 302

    page = admin.open(address).text
    assert "The status is set." in page
    assert "Oral &lt;b&gt;exam&lt;/b&gt;" in page
    assert "Set by Admin, Ada" in page
    (one,) = kept()
    assert (one.status, one.percent, one.set_by) == ("passed", 85.5, "Admin, Ada")


def test_it_is_marked_in_every_list_the_csv_file_and_the_learners_own_pages(
    admin, visitor, people, course, address
):
    pages = ["transcripts", "", f"courses/{course}", f"learners/{people.learner.id}"]
    learner = visitor()
    learner.sign_in(people.learner.email)
    own = ["/a/night/", f"/a/night/courses/{course}", "/a/night/transcript"]
    for path in pages:
        assert 'class="sub by-hand"' not in admin.open(path).text, path

    admin.send(f"{address}/set", **SET)

    for path in pages[:1] + pages[2:]:
        assert 'class="sub by-hand"' in admin.open(path).text, path
    for path in own:
        shown = learner.client.get(path).text
        assert "Set by hand" in shown, path
        # Why is between the admins.
        assert "Oral" not in shown
    (row,) = csv.DictReader(io.StringIO(admin.open("transcripts.csv").data.decode("utf-8-sig")))
    assert (row["status"], row["percent"], row["by_hand"]) == ("passed", "85.5", "true")


def test_it_is_withdrawn_with_a_reason_and_the_history_tells_both(admin, address, kept):
    admin.send(f"{address}/set", **SET)
    record = re.search(r'name="record" value="(\d+)"', admin.open(address).text)[1]

    sent = admin.send(f"{address}/withdraw", element="A1", record=record, reason="The wrong Jane")

    assert sent.status_code == 302
    page = admin.open(address).text
    assert "The wrong Jane" in page
    assert 'name="record"' not in page
    (one,) = kept()
    assert (one.ended_by, one.end_reason) == ("Admin, Ada", "The wrong Jane")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"reason": ""}, "Say why"),
        ({"reason": "   "}, "Say why"),
        ({"score": "101"}, "A score is a number from 0 to 100."),
        ({"score": "-1"}, "A score is a number from 0 to 100."),
        ({"score": "1e2"}, "A score is a number from 0 to 100."),
        ({"score": "nan"}, "A score is a number from 0 to 100."),
        ({"status": "browsed"}, "Not a valid choice."),
        ({"element": "A9"}, "Not a valid choice."),
        ({"reason": "x" * 1001}, "1000"),
    ],
)
def test_what_cannot_be_set_is_told_beside_its_field_and_what_was_typed_stays(
    admin, address, kept, form, says
):
    answer = admin.send(f"{address}/set", **{**SET, **form})

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert "invalid-feedback" in answer.text
    assert kept() == []


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"reason": ""}, "Say why"),
        ({"record": "1"}, "set it anew meanwhile"),
        ({"element": "root"}, "Nothing is set by hand there."),
    ],
)
def test_what_cannot_be_withdrawn_is_told_and_stays_in_force(admin, address, kept, form, says):
    admin.send(f"{address}/set", **SET)

    answer = admin.send(f"{address}/withdraw", **{"element": "A1", "reason": "A mistake", **form})

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert [one.ended_at for one in kept()] == [None]


def test_people_and_courses_of_another_academy_are_not_there(
    admin, visitor, people, add_course, course, address, kept
):
    foreign = add_course("Foreign", academy_id=people.other_academy_id)
    for path in (
        f"learners/{people.other_admin.id}/courses/{course}/by-hand",
        f"learners/{people.learner.id}/courses/{foreign}/by-hand",
    ):
        assert admin.open(path).status_code == 404
        assert admin.send(f"{path}/set", **SET).status_code == 404
        assert admin.send(f"{path}/withdraw", element="A1", reason="x").status_code == 404
    learner, stranger = visitor(), visitor()
    learner.sign_in(people.learner.email)
    stranger.sign_in(people.other_admin.email)
    own = f"/a/night/admin/{address}/set"
    assert learner.post(own, **SET).status_code == 403
    assert stranger.post(own, **SET).status_code == 404
    assert stranger.post(own.replace("/night/", "/other/"), **SET).status_code == 404
    assert kept() == []


def test_an_attempt_says_that_it_does_not_count_and_keeps_its_own_word(
    admin, visitor, people, course, address
):
    learner = visitor()
    learner.sign_in(people.learner.email)
    learner.post(f"/a/night/courses/{course}/launch", au="A1")
    admin.send(f"{address}/set", **SET)

    person = admin.open(f"learners/{people.learner.id}").text
    page = admin.client.get(re.search(r'href="([^"]*/attempts/\d+)"', person)[1]).text

    assert "What is recorded here does not count" in page
    assert "“Unit of Ladders” was set to “passed” by hand" in page
    assert "Its content has not called since" in page or "has not called since" in page
