"""The learner's catalog, asked for over HTTP: what is found, and who may take what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog import archive
from catalog.model import ArchiveReason
from launcher.db import read, transact
from launcher.learner_catalog import language_name
from launcher.people import academies, enrolments
from launcher.schema import LaunchWindow
from tests.catalog.stock import bring, item

PAGE = "/a/night/catalog"


@pytest.fixture
def offered(app, people, now):
    """Three courses of OpenSesame; the learner is enrolled in the first. Returns their ids."""
    courses = (
        item(
            1,
            "Fire safety",
            description="What to do when it burns",
            publisher="Northwind",
            languages=("en-US",),
            categories=(("Safety", "Fire"),),
            duration=timedelta(minutes=10),
        ),
        item(
            2,
            "Brandschutz",
            languages=("de",),
            categories=(("Safety", "Fire"), ("Basics",)),
            duration=timedelta(minutes=40),
        ),
        item(3, "Ladders", languages=("en",), duration=timedelta(hours=2)),
    )
    with app.app_context():
        ids = bring(transact, *courses, academy_id=people.academy_id)
        enrol(people, ids[0], now)
    return ids


def enrol(people, course_id, now):
    transact(
        lambda c: enrolments.enrol(
            c,
            academy_id=people.academy_id,
            learner_id=people.learner.id,
            course_id=course_id,
            now=now,
        )
    )


def allow(app, people, *, allowed: bool = True):
    with app.app_context():
        transact(
            lambda c: academies.change_settings(
                c,
                people.academy_id,
                name="Night School",
                launch_window=LaunchWindow.NEW,
                time_zone="UTC",
                self_enrolment=allowed,
            )
        )


@pytest.fixture
def learner(visitor, people):
    browser = visitor()
    browser.sign_in("learner@example.org")
    return browser


def titles(learner, **asked):
    page = learner.client.get(PAGE, query_string=asked).text
    return [one for one in ("Fire safety", "Brandschutz", "Ladders") if one in page]


def test_without_self_enrolment_only_ones_own_courses_are_found(learner, offered):
    assert titles(learner) == ["Fire safety"]
    assert titles(learner, q="ladders") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Fire safety", "Brandschutz", "Ladders"]),
        ({"q": "burns"}, ["Fire safety"]),
        ({"q": "NORTHW"}, ["Fire safety"]),
        ({"q": "fire"}, ["Fire safety", "Brandschutz"]),
        ({"language": "de"}, ["Brandschutz"]),
        ({"language": "en"}, ["Fire safety", "Ladders"]),
        ({"duration": "short"}, ["Fire safety"]),
        ({"duration": "medium"}, ["Brandschutz"]),
        ({"duration": "long"}, ["Ladders"]),
        ({"provider": "opensesame"}, ["Fire safety", "Brandschutz", "Ladders"]),
        ({"provider": "uploaded"}, []),
        ({"q": "fire", "duration": "long"}, []),
        ({"category": "no number", "page": "none", "duration": "?"}, None),
        ({"page": "999999999999"}, []),
        ({"category": "999999999999999999999"}, []),
        ({"q": '"); DROP TABLE', "language": "x" * 999}, []),
    ],
)
def test_what_fits_is_found(app, people, learner, offered, asked, found):
    allow(app, people)

    expected = ["Fire safety", "Brandschutz", "Ladders"] if found is None else found
    assert titles(learner, **asked) == expected


def test_a_category_takes_in_what_is_below_it(app, people, learner, offered):
    allow(app, people)
    page = learner.client.get(PAGE).text
    number = page.split(">Safety</option>")[0].rpartition('value="')[2].partition('"')[0]

    assert "Safety › Fire" in page
    assert titles(learner, category=number) == ["Fire safety", "Brandschutz"]


def test_a_learner_takes_a_course_where_the_academy_allows_it(app, people, learner, offered):
    allow(app, people)
    path = f"/a/night/courses/{offered[2]}"

    answer = learner.post(f"{path}/enrol", page=PAGE)

    assert (answer.status_code, answer.location) == (302, path)
    assert "Ladders" in learner.client.get("/a/night/").text
    again = learner.post(f"{path}/enrol", page=PAGE)
    assert again.status_code == 302


def test_where_it_is_not_allowed_nobody_takes_anything(app, people, learner, offered):
    answer = learner.post(f"/a/night/courses/{offered[2]}/enrol", page=PAGE)

    assert answer.status_code == 403
    with app.app_context():
        ids = read(
            lambda c: enrolments.enrolled_courses(
                c, people.academy_id, learner_id=people.learner.id
            )
        )
    assert ids == offered[:1]


def test_what_is_archived_is_neither_found_nor_taken(app, people, learner, offered, now):
    allow(app, people)
    with app.app_context():
        transact(
            lambda c: archive.archive(
                c,
                people.academy_id,
                course_id=offered[2],
                reason=ArchiveReason.INACTIVE,
                by=None,
                now=now,
            )
        )

    assert titles(learner) == ["Fire safety", "Brandschutz"]
    answer = learner.post(f"/a/night/courses/{offered[2]}/enrol", page=PAGE)
    assert answer.location == PAGE
    assert "archived a moment ago" in learner.client.get(PAGE).text


def test_a_course_of_nobody_here_is_not_there(app, people, learner):
    allow(app, people)

    assert learner.post("/a/night/courses/4711/enrol", page=PAGE).status_code == 404


@pytest.mark.parametrize(
    ("code", "name"),
    [("de", "German"), ("en-US", "English (United States)"), ("", ""), ("x-klingon", "x-klingon")],
)
def test_languages_are_named_as_far_as_they_are_known(app, code, name):
    with app.test_request_context():
        assert language_name(code) == name
