"""A course that ends over there is deactivated by itself: not found, not launched, and kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
TITLE = "HIPAA in Everyday Work"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


@pytest.fixture
def course(connected, delivered) -> int:
    """A course that the learner has; another one stays, so that no listing is empty."""
    delivered(PASSWORDS)
    course_id = delivered(HIPAA)
    connected.enrol(course_id)
    return course_id


def assert_found(page: Page, site, number: int) -> None:
    """Search as the learner does; expect the course so many times."""
    page.goto(site.at("catalog?q=hipaa"))
    expect(page.get_by_role("heading", name=TITLE)).to_have_count(number)


def assert_over(page: Page, site, course: int, *, old_page: Page) -> None:
    """Look at the course as its learner: it is in the transcript, and nothing launches it."""
    assert_found(page, site, 0)
    page.goto(site.at("transcript"))
    expect(page.get_by_role("heading", name=TITLE)).to_contain_text("Archived")
    page.goto(site.at(f"courses/{course}"))
    expect(page.get_by_role("heading", name="This course is archived")).to_be_visible()
    expect(page.get_by_role("button", name="Launch")).to_have_count(0)

    with old_page.expect_popup() as opened:
        old_page.get_by_role("button", name="Launch").click()

    expect(opened.value.get_by_role("heading", name="The unit was not started")).to_be_visible()
    assert site.provider.launches() == ()


def test_a_course_that_was_removed_from_the_list_ends_after_two_listings(
    connected, course, sign_in
):
    page = sign_in(connected.learner)
    old_page = page.context.new_page()
    old_page.goto(connected.at(f"courses/{course}"))
    connected.provider.remove(HIPAA)

    connected.a_day_passes()
    # Items move between pages while one reads: one listing without it says nothing yet.
    assert_found(page, connected, 1)
    connected.a_day_passes(days=2)

    assert_over(page, connected, course, old_page=old_page)
    page = sign_in(connected.admin)
    page.goto(connected.at(f"admin/courses/{course}"))
    expect(page.get_by_text(re.compile("OpenSesame took it off the list"))).to_be_visible()
    page.goto(connected.at("admin/runs"))
    newest = page.get_by_role("row").filter(has_text="Archived: 1").first
    newest.get_by_role("link").click()
    expect(page.get_by_role("row").filter(has_text=TITLE)).to_contain_text("Archived")


def test_a_course_that_its_publisher_retired_ends_at_once(connected, course, sign_in):
    page = sign_in(connected.learner)
    old_page = page.context.new_page()
    old_page.goto(connected.at(f"courses/{course}"))
    connected.provider.retire(HIPAA)

    connected.a_day_passes()

    assert_over(page, connected, course, old_page=old_page)
    sign_in(connected.admin).goto(connected.at(f"admin/courses/{course}"))
    expect(page.get_by_text(re.compile("its publisher retired it"))).to_be_visible()
