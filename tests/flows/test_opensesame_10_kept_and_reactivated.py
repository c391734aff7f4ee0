"""Archived courses are kept with all their records, and come back: by a click, or by themselves."""

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


def in_the_middle(page: Page, site, course: int) -> Page:
    """Launch the course as its learner and turn one page; return its window."""
    page.goto(site.at(f"courses/{course}"))
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Launch").click()
    content = opened.value
    content.wait_for_selector("body[data-ready=true]")
    turn(content)
    return content


def turn(content: Page) -> str:
    """Turn one page; return what the server said to that."""
    with content.expect_response("**/hacp/*") as answered:
        content.get_by_role("button", name="Next").click()
    return answered.value.text().split("\r\n")[0]


def sync_now(page: Page, site) -> None:
    page.goto(site.at("admin/runs"))
    with site.a_run():
        page.get_by_role("button", name="Sync now").click()


def test_who_is_in_the_middle_keeps_their_work_and_gets_it_when_the_admin_reactivates(
    connected, course, sign_in
):
    page = sign_in(connected.learner)
    content = in_the_middle(page, connected, course)
    connected.provider.retire(HIPAA)
    sync_now(sign_in(connected.admin), connected)

    # The open window goes on to its end and is told nothing amiss.
    said = []
    while content.get_by_role("button", name="Next").is_visible():
        said.append(turn(content))
    assert set(said) == {"error=0"}
    content.close()

    # The learner sees what happened, that nothing is finished, and that the work is kept.
    page = sign_in(connected.learner)
    page.goto(connected.at(f"courses/{course}"))
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name="This course is archived")).to_be_visible()
    expect(
        main.get_by_text("What your open window has sent since then is kept too")
    ).to_be_visible()
    expect(main.locator(".facts")).to_contain_text("In progress")
    expect(main.get_by_role("button")).to_have_count(0)

    # One click of the admin takes it back, with all that was sent meanwhile.
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/courses?state=archived"))
    page.get_by_role("link", name=TITLE).click()
    expect(
        page.get_by_text(re.compile(r"\d messages are held|message of a learner"))
    ).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_text(re.compile(r"held (is|are) credited\.|were held are"))).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Lane, Robin")
    expect(row).to_contain_text("Completed")

    # It stands although it is still inactive over there, and the learner may look at it again.
    sync_now(page, connected)
    page = sign_in(connected.learner)
    page.goto(connected.at(f"courses/{course}"))
    expect(page.get_by_role("button", name="Review")).to_be_visible()


def test_a_course_that_is_active_again_over_there_comes_back_by_itself(connected, course, sign_in):
    connected.provider.retire(HIPAA)
    connected.a_day_passes()
    page = sign_in(connected.learner)
    # Nothing is to be under way while the clock is moved: it would renew the sign-in of that day.
    page.goto(connected.at(f"courses/{course}"), wait_until="networkidle")
    expect(page.get_by_role("button", name="Launch")).to_have_count(0)
    connected.provider.reactivate(HIPAA)

    connected.a_day_passes(days=2)

    page.reload()
    expect(page.get_by_role("button", name="Launch")).to_be_visible()
    sign_in(connected.admin).goto(connected.at(f"admin/courses/{course}"))
    expect(page.get_by_role("heading", name="This course is archived")).to_have_count(0)
    expect(page.get_by_text("OpenSesame lists it as active again.")).to_be_visible()
