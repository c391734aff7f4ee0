"""What is said of a course, and by whom: the admin's notes can be changed, all else is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog import tags
from catalog.tags import Noted
from launcher.db import read, transact
from tests.catalog.stock import bring, item


@pytest.fixture
def course_id(app, people):
    provided = item(
        1,
        "Fire safety",
        publisher="Northwind",
        languages=("en-US",),
        categories=(("Safety", "Fire"), ("Basics", "Fire")),
        duration=timedelta(minutes=45),
    )
    with app.app_context():
        (number,) = bring(transact, provided, academy_id=people.academy_id)
    return number


@pytest.fixture
def admin(visitor, people):
    browser = visitor()
    browser.sign_in("admin@example.org")
    return browser


def noted(app, people, course_id):
    with app.app_context():
        return read(lambda c: tags.noted(c, people.academy_id, course_id=course_id))


def test_what_comes_from_opensesame_is_shown_and_locked_with_the_reason(admin, course_id):
    page = admin.client.get(f"/a/night/admin/courses/{course_id}/details").text

    for said in ("Fire safety", "Northwind", "English (United States)", "45 minutes"):
        assert said in page
    assert "Safety › Fire" in page
    assert "Basics › Fire" in page
    assert "come from OpenSesame" in page
    assert page.count("readonly") >= 6


def test_tags_and_a_note_are_kept(app, people, admin, course_id):
    path = f"/a/night/admin/courses/{course_id}/details"

    answer = admin.post(path, page=path, tags="fire, must, Fire", note="Ask Ada.")

    assert answer.status_code == 302
    assert noted(app, people, course_id) == Noted(("fire", "must"), "Ask Ada.")
    assert "fire, must" in admin.client.get(path).text


def test_tags_that_sort_nothing_are_told(app, people, admin, course_id):
    path = f"/a/night/admin/courses/{course_id}/details"

    answer = admin.post(path, page=path, tags=",".join(str(n) for n in range(30)), note="x")

    assert answer.status_code == 422
    assert "at most 20 tags" in answer.text
    assert noted(app, people, course_id) == Noted()


def test_an_uploaded_course_says_where_its_facts_are_changed(app, people, admin, add_course):
    course_id = add_course("C1")

    page = admin.client.get(f"/a/night/admin/courses/{course_id}/details").text

    assert "own files" in page
    assert "Publisher" not in page
