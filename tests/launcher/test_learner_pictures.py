"""Pictures on the learner's pages: one that came with the course, or one that is drawn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.picture_shelf import PictureShelf
from catalog.provider.pictures import Picture
from catalog.supply import item_pictures
from launcher.db import transact
from launcher.people import enrolments
from tests.catalog.stock import bring, item, key

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR and so on"


@pytest.fixture
def courses(app, people, settings):
    """Two courses of OpenSesame, the first with a picture. Returns its name and both ids."""
    name = PictureShelf(settings.picture_root).keep(Picture("image/png", PNG))
    with app.app_context():
        ids = bring(transact, item(1, "Ladders"), item(2, "Ropes"), academy_id=people.academy_id)
        transact(lambda c: item_pictures.note(c, people.academy_id, {key(1): name}))
        for course_id in ids:
            enrol = {"learner_id": people.learner.id, "course_id": course_id}
            transact(
                lambda c, enrol=enrol: enrolments.enrol(
                    c, academy_id=people.academy_id, now=datetime.now(UTC), **enrol
                )
            )
    return name, *ids


@pytest.fixture
def learner(visitor, people):
    browser = visitor()
    browser.sign_in("learner@example.org")
    return browser.client


@pytest.mark.parametrize("page", ["", "catalog"])
def test_a_card_shows_the_picture_that_came_and_draws_one_where_none_did(learner, courses, page):
    name, with_one, _without = courses

    text = learner.get(f"/a/night/{page}").text

    assert text.count("/picture/") == 1
    assert f'src="/a/night/courses/{with_one}/picture/{name}" alt="" width="336"' in text
    assert 'loading="lazy"' in text
    assert text.count('<svg class="picture') == 1


def test_the_page_of_a_course_shows_its_own(learner, courses):
    name, with_one, without = courses

    assert f"/picture/{name}" in learner.get(f"/a/night/courses/{with_one}").text
    assert "/picture/" not in learner.get(f"/a/night/courses/{without}").text


def test_a_picture_is_sent_once_and_kept(learner, courses):
    name, with_one, _without = courses
    address = f"/a/night/courses/{with_one}/picture/{name}"

    sent = learner.get(address)
    again = learner.get(address, headers={"If-None-Match": sent.headers["ETag"]})

    assert (sent.data, sent.content_type) == (PNG, "image/png")
    assert sent.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (again.status_code, again.data) == (304, b"")
    sent.close()
    again.close()


def test_nothing_else_is_found_at_such_an_address(learner, courses, settings):
    name, with_one, without = courses
    other = PictureShelf(settings.picture_root).keep(Picture("image/png", PNG + b"!"))

    for course_id, asked in [
        (without, name),
        (with_one, other),
        (with_one, "%2e%2e%2fhacp.db"),
        (with_one + 99, name),
        (2**40, name),
    ]:
        assert learner.get(f"/a/night/courses/{course_id}/picture/{asked}").status_code == 404


def test_a_file_that_was_lost_is_not_found_and_breaks_no_page(learner, courses, settings):
    name, with_one, _without = courses
    PictureShelf(settings.picture_root).path_of(name).unlink()

    assert learner.get(f"/a/night/courses/{with_one}/picture/{name}").status_code == 404
    assert learner.get(f"/a/night/courses/{with_one}").status_code == 200
