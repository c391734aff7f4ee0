"""What people decide of records, in the browser: retakes, and what counts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

HACP = "/hacp/"
RIGHT = {"q1": "b", "q2": "a", "q3": "c", "q4": "b", "q5": "a"}
WRONG = {"q1": "a", "q2": "b", "q3": "a", "q4": "c", "q5": "b"}


def window_of(page: Page, button: str) -> Page:
    """Press a button that opens content, and wait until it has heard from the server."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile(button)).click()
    content = opened.value
    content.wait_for_url("**AICC_SID=**")
    content.wait_for_selector("body[data-ready=true]")
    return content


def take_quiz(page: Page, button: str, answers: dict[str, str]) -> None:
    content = window_of(page, button)
    for question, answer in answers.items():
        content.check(f"input[name={question}][value={answer}]")
        with content.expect_response(f"**{HACP}*"):
            content.locator("#next").click()
    expect(content.locator("#verdict")).to_be_visible()
    content.close()


def quiz(page: Page):
    return page.locator(".unit", has_text="Quiz")


@pytest.fixture
def course(site) -> int:
    course_id = site.import_course(site.package("fire-safety"))
    site.enrol(course_id)
    return course_id


def test_a_quiz_is_retaken_and_the_course_says_which_attempt_counts(site, course, sign_in):
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    take_quiz(page, "Launch.*Quiz", RIGHT)
    page.reload()
    expect(quiz(page).locator(".status")).to_have_text("Passed")
    expect(quiz(page).get_by_role("button", name="Review Quiz")).to_be_visible()

    take_quiz(page, "Retake.*Quiz", WRONG)
    page.reload()
    expect(quiz(page).locator(".status")).to_have_text("Passed")
    expect(page.get_by_text("the best one counts")).to_be_visible()

    page = sign_in(site.admin)
    page.goto(site.at(f"admin/courses/{course}"))
    page.get_by_role("link", name="What counts").click()
    page.get_by_label("Of several attempts at a unit").select_option("last")
    page.get_by_label("Retakes").select_option("forbidden")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rules are saved.")).to_be_visible()

    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    expect(quiz(page).locator(".status")).to_have_text("Not passed")
    expect(quiz(page).get_by_role("button")).to_have_count(1)
    expect(page.get_by_text("the last one counts")).to_be_visible()


def test_an_admin_sets_a_status_by_hand_and_withdraws_it(site, course, sign_in):
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    take_quiz(page, "Launch.*Quiz", WRONG)

    page = sign_in(site.admin)
    page.goto(site.at("admin/transcripts"))
    page.get_by_role("link", name="Lane, Robin").click()
    page.get_by_role("link", name="Set a status by hand Fire safety at work").click()
    page.get_by_label("Unit or course").select_option(label="Quiz")
    page.get_by_label("Status", exact=True).select_option("passed")
    page.get_by_label("Score (optional)").fill("85")
    page.get_by_role("button", name="Set the status").click()
    # The browser itself asks for a reason.
    expect(page.get_by_label("Reason", exact=True)).to_be_focused()
    page.get_by_label("Reason", exact=True).fill("Oral exam on 4 May, protocol 17")
    page.get_by_role("button", name="Set the status").click()
    expect(page.get_by_text("The status is set.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^Quiz Passed Set by hand 85 %"))
    expect(row).to_contain_text("Not passed")

    page.goto(site.at("admin/transcripts"))
    expect(page.locator("tbody tr")).to_contain_text("Set by hand")
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    expect(quiz(page).locator(".status")).to_have_text("Passed")
    expect(quiz(page)).to_contain_text("Set by hand")

    page = sign_in(site.admin)
    page.goto(site.at(f"admin/learners/{site.learner.id}/courses/{course}/by-hand"))
    page.get_by_label("Reason to withdraw it").fill("It was another Robin")
    page.get_by_role("button", name="Withdraw Quiz").click()
    expect(page.get_by_text("The status is withdrawn.")).to_be_visible()
    expect(page.get_by_text("It was another Robin")).to_be_visible()
    page.goto(site.at("admin/transcripts"))
    expect(page.locator("tbody tr")).not_to_contain_text("Set by hand")


def test_an_admin_watches_what_a_course_says_while_it_runs(site, course, sign_in):
    """Two people at once: the content runs in one window, its exchanges appear in another."""
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    content = window_of(page, "Launch.*Get out alive")

    page = sign_in(site.admin)
    page.goto(site.at("admin/transcripts"))
    page.get_by_role("link", name="Lane, Robin").click()
    page.get_by_role("link", name="Attempt 1 Get out alive").click()
    expect(page.get_by_text("Live: what the content says next")).to_be_visible()
    before = page.locator(".exchange").count()
    assert before >= 1
    page.locator("[data-piece=recorded]").evaluate("it => it.dataset.mark = 'same'")

    with content.expect_response(f"**{HACP}*"):
        content.get_by_role("button", name="Next").click()

    came = page.locator(".exchange").nth(before)
    expect(came.get_by_role("heading", name="PutParam")).to_be_visible()
    expect(
        came.get_by_role("row", name=re.compile("^lesson_status .* In progress"))
    ).to_be_visible()
    expect(came.locator("pre").first).to_contain_text("command=PutParam")
    expect(page.locator(".live [role=status]")).to_contain_text("new exchange")
    expect(page.locator("[data-piece=recorded]")).to_contain_text("In progress")
    assert page.locator("[data-piece=recorded]").get_attribute("data-mark") == "same"
    # What is there is not fetched again.
    ids = page.locator(".exchange h3").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    content.close()


def test_an_admin_previews_a_course_watches_it_and_leaves_no_record(site, sign_in):
    course = site.import_course(site.package("fire-safety"))
    page = sign_in(site.admin)
    page.goto(site.at(f"admin/courses/{course}"))
    page.get_by_role("link", name="Preview").click()
    content = window_of(page, "Preview Get out alive")

    # The window that it was launched from goes on to what the content says.
    page.wait_for_url("**/admin/attempts/**")
    expect(page.get_by_text("This is a preview by an administrator.")).to_be_visible()
    expect(page.locator(".exchange h3").first).to_have_text("GetParam")
    before = page.locator(".exchange").count()
    with content.expect_response(f"**{HACP}*"):
        content.get_by_role("button", name="Next").click()
    expect(page.locator(".exchange").nth(before)).to_be_visible()
    content.close()

    # It goes on where it was left, and from the start when it is begun afresh.
    page.goto(site.at(f"admin/courses/{course}/preview"))
    expect(page.locator(".unit", has_text="Get out alive")).to_contain_text("In progress")
    content = window_of(page, "Preview Get out alive")
    expect(content.get_by_role("heading", name="Most fires never start")).to_be_visible()
    content.close()
    page.goto(site.at(f"admin/courses/{course}/preview"))
    page.get_by_role("button", name="Begin afresh").click()
    expect(page.locator(".unit", has_text="Get out alive")).to_contain_text("Not started")
    page.goto(site.at("admin/transcripts"))
    expect(page.get_by_role("heading", name="Nothing recorded yet")).to_be_visible()
