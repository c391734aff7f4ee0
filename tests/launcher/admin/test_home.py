"""The admin's first page."""

from __future__ import annotations


def test_an_empty_academy_is_shown_its_first_steps(admin):
    page = admin.open()

    assert page.status_code == 200
    assert "First steps" in page.text
    assert "Nothing has happened yet" in page.text
    assert "/a/night/admin/courses/upload" in page.text


def test_the_counts_are_told_and_steps_that_are_done_are_marked(admin, add_course, enrol):
    enrol(add_course("Ladders"))

    page = admin.open().text

    assert page.count('<li class="done">') == 3
    assert '<span class="n">1</span><span class="what">Enrolment</span>' in page
