"""An admin archives a course while a learner's window of it is running, and takes it back later."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.flows.test_records import HACP, RIGHT, quiz, window_of

TITLE = "Fire safety at work"


def answer(content: Page, questions: list[str]) -> list[str]:
    """Answer questions in a running quiz; return what the server said to each report."""
    replies = []
    for question in questions:
        content.check(f"input[name={question}][value={RIGHT[question]}]")
        with content.expect_response(f"**{HACP}*") as answered:
            content.locator("#next").click()
        replies.append(answered.value.text().split("\r\n")[0])
    return replies


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def test_a_window_that_is_running_goes_on_and_its_work_counts_when_the_course_is_back(
    site, sign_in
):
    course = site.import_course(site.package("fire-safety"))
    site.enrol(course)
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    content = window_of(page, "Launch.*Quiz")
    answer(content, ["q1", "q2"])

    # The admin archives the course, after being asked.
    page = sign_in(site.admin)
    page.goto(site.at("admin/courses"))
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Archive").click()
    expect(page.get_by_text("1 learner is enrolled, and 1 is in the middle of it.")).to_be_visible()
    press(page, "Archive the course")
    expect(page.get_by_role("heading", name="This course is archived")).to_be_visible()
    expect(page.get_by_text("Admin, Ada archived it on")).to_be_visible()

    # The learner's window goes on to the end and is told nothing amiss.
    assert answer(content, ["q3", "q4", "q5"]) == ["error=0"] * 3
    expect(content.locator("#verdict")).to_have_text("You know your way out.")
    expect(content.locator("#notice")).to_be_hidden()
    with content.expect_response(f"**{HACP}*") as left:
        content.locator("#next").click()
    # The window closes behind its last word, so nobody can read what was said to it.
    assert left.value.ok
    content.close()

    # Nothing is finished by that, and the admin sees what waits.
    page.goto(site.at("admin/transcripts"))
    row = page.get_by_role("row", name=re.compile("Lane, Robin"))
    expect(row).to_contain_text("In progress")
    expect(row).to_contain_text("Archived meanwhile, work is held")
    row.get_by_role("link", name="Archived meanwhile, work is held").click()
    held = page.locator("section", has=page.get_by_role("heading", name="Held until"))
    expect(held).to_contain_text("Passed")
    expect(held).to_contain_text("100")
    recorded = page.locator("section", has=page.get_by_role("heading", name="What is recorded"))
    expect(recorded).to_contain_text("In progress")

    # The learner finds it in the transcript, and no way in.
    page = sign_in(site.learner)
    expect(page.get_by_role("link", name=TITLE)).to_have_count(0)
    expect(page.get_by_text("1 course of yours is archived")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="My transcript").click()
    expect(page.get_by_role("heading", name=TITLE)).to_contain_text("Archived")
    page.goto(site.at(f"courses/{course}"))
    expect(
        page.get_by_text("What your open window has sent since then is kept too")
    ).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)

    # One click takes the course back, with all that was done in it.
    page = sign_in(site.admin)
    page.goto(site.at("admin/courses?state=archived"))
    page.get_by_role("link", name=TITLE).click()
    press(page, "Reactivate")
    expect(page.get_by_text("is active again.")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"\d messages that were held are credited\."))
    ).to_be_visible()
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    expect(quiz(page).locator(".status")).to_have_text("Passed")
    expect(quiz(page)).to_contain_text("100")
    expect(quiz(page).get_by_role("button", name="Review Quiz")).to_be_visible()


def test_a_page_that_was_open_before_starts_nothing_and_says_that_the_work_is_kept(site, sign_in):
    course = site.import_course(site.package("fire-safety"))
    site.enrol(course, site.admin)
    page = sign_in(site.admin)
    old_page = page.context.new_page()
    old_page.goto(site.at(f"courses/{course}"))
    page.goto(site.at(f"admin/courses/{course}/archive"))
    press(page, "Archive the course")
    expect(page.get_by_role("heading", name="This course is archived")).to_be_visible()

    with old_page.context.expect_page() as opened:
        old_page.get_by_role("button", name=re.compile("Launch Get out alive")).click()

    refused = opened.value
    expect(refused.get_by_role("heading", name="The unit was not started")).to_be_visible()
    expect(refused.get_by_text("Nobody can launch it until it is reactivated.")).to_be_visible()
    expect(refused.get_by_text("What you have done in it is kept")).to_be_visible()
