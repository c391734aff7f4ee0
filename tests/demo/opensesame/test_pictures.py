"""Pictures are real PNG files, one for each course."""

from __future__ import annotations

import struct

import pytest
from playwright.sync_api import Page

from demo.opensesame.catalogue import COURSES
from demo.opensesame.pictures import SIZES, draw


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_has_the_size_it_is_named_for(size: str) -> None:
    drawn = draw(COURSES[0].id, size)

    assert struct.unpack(">II", drawn[16:24]) == SIZES[size]
    assert len(drawn) < 20_000


def test_no_two_courses_look_alike_and_the_case_of_the_id_does_not_matter() -> None:
    drawn = {draw(course.id, "thumbnail") for course in COURSES}

    assert len(drawn) == len(COURSES)
    assert draw(COURSES[8].id.lower(), "image") == draw(COURSES[8].id, "image")


def test_a_browser_can_show_it(page: Page) -> None:
    page.route("**/picture.png", lambda route: route.fulfill(body=draw("any", "image")))
    page.route(
        "**/page",
        lambda route: route.fulfill(content_type="text/html", body='<img src="/picture.png">'),
    )
    page.goto("http://localhost:1/page")
    page.wait_for_function("document.images[0].complete")

    assert page.evaluate("document.images[0].naturalWidth") == SIZES["image"][0]
