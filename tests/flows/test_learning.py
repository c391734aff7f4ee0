"""The main story: a learner launches, leaves, resumes and completes; an admin sees all of it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from launcher.schema import LaunchWindow

HACP = "/hacp/"
ANSWERS = {"q1": "b", "q2": "a", "q3": "c", "q4": "b", "q5": "a"}


def ready(content: Page) -> Page:
    """Wait until the demo's content has heard from the server."""
    content.wait_for_selector("body[data-ready=true]")
    return content


def launch(page: Page, words: str, unit: str) -> Page:
    """Press the button of a unit and return the window that it opens."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile(f"{words}.*{unit}")).click()
    content = opened.value
    content.wait_for_url("**AICC_SID=**")
    return ready(content)


def turn(content: Page, heading: str) -> None:
    with content.expect_response(f"**{HACP}*") as said:
        content.get_by_role("button", name="Next").click()
    assert "error=0" in said.value.text()
    expect(content.get_by_role("heading", name=heading)).to_be_visible()


def answer(content: Page, question: str) -> None:
    content.check(f"input[name={question}][value={ANSWERS[question]}]")
    with content.expect_response(f"**{HACP}*") as said:
        content.locator("#next").click()
    assert "error=0" in said.value.text()


def status_of(page: Page, unit: str):
    return page.locator(".unit", has_text=unit).locator(".status")


def test_a_learner_leaves_resumes_and_completes_and_an_admin_sees_every_exchange(site, sign_in):
    course_id = site.import_course(site.package("fire-safety"))
    site.enrol(course_id)
    page = sign_in(site.learner)

    # The first visit ends at the third page, by closing the window: no ExitAU.
    page.get_by_role("link", name="Launch Fire safety at work").click()
    content = launch(page, "Launch", "Get out alive")
    assert urlsplit(content.url).netloc == urlsplit(site.demo_url).netloc
    assert urlsplit(content.url).hostname != urlsplit(site.url).hostname
    turn(content, "Most fires never start")
    turn(content, "You see smoke: alarm first")
    content.close()

    page.reload()
    expect(status_of(page, "Get out alive")).to_have_text("In progress")

    # The second begins where the first ended, and goes to the end.
    content = launch(page, "Resume", "Get out alive")
    expect(content.get_by_role("heading", name="You see smoke: alarm first")).to_be_visible()
    turn(content, "Which extinguisher?")
    turn(content, "Get out, stay out")
    content.close()
    page.reload()
    expect(status_of(page, "Get out alive")).to_have_text("Completed")

    content = launch(page, "Launch", "Quiz")
    for question in ANSWERS:
        answer(content, question)
    expect(content.get_by_text("You know your way out.")).to_be_visible()
    content.close()
    page.reload()
    expect(status_of(page, "Quiz")).to_have_text("Passed")
    page.get_by_role("link", name="My transcript").click()
    expect(page.locator(".panel .status").first).to_have_text("Passed")
    expect(page.get_by_text("100 %")).to_be_visible()

    page = sign_in(site.admin)
    page.goto(site.at("admin/transcripts"))
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Lane, Robin")
    expect(row.locator(".status")).to_have_text("Passed")
    expect(row).to_contain_text("100 %")
    row.get_by_role("link", name="Lane, Robin").click()
    page.get_by_role("link", name="Attempt 1 Get out alive").click()
    expect(page.get_by_role("row", name=re.compile("Session 2"))).to_be_visible()
    commands = page.locator(".exchange h3").all_inner_texts()
    assert commands.count("GetParam") == 2
    assert commands.count("PutParam") >= 4
    assert "ExitAU" not in commands
    recorded = page.get_by_role("region", name="What is recorded")
    expect(recorded.get_by_text("page-5", exact=True)).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(re.compile("[0-9a-f]{40}"))
    assert page.locator("dd", has_text=re.compile(r"^\d+ s$|min")).first.is_visible()


def test_progress_appears_by_itself_when_the_learner_comes_back_to_the_page(site, sign_in):
    course_id = site.import_course(site.package("fire-safety"))
    site.enrol(course_id)
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course_id}"))
    content = launch(page, "Launch", "Get out alive")
    turn(content, "Most fires never start")
    content.close()

    # A headless browser hides no window, so the event of coming back is told to the page.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(status_of(page, "Get out alive")).to_have_text("In progress")


def test_a_course_whose_server_reports_is_recorded_too(site, sign_in):
    course_id = site.import_course(site.package("phishing-basics"))
    site.enrol(course_id)
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course_id}"))

    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile("Launch.*Spot the fake")).click()
    content = opened.value
    content.wait_for_url(f"{site.demo_url}/phishing/**")
    expect(content.locator("h1").first).to_be_visible()
    content.close()

    page.reload()
    expect(page.get_by_role("button", name=re.compile("Resume.*Spot the fake"))).to_be_visible()


def test_a_unit_opens_in_the_same_window_where_the_academy_wants_it(site, sign_in):
    site.open_units_in(LaunchWindow.SAME)
    course_id = site.import_course(site.package("fire-safety"))
    site.enrol(course_id)
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course_id}"))

    page.get_by_role("button", name=re.compile("Launch.*Get out alive")).click()
    page.wait_for_url("**AICC_SID=**")
    ready(page)
    turn(page, "Most fires never start")

    assert len(page.context.pages) == 1
    page.goto(site.at(f"courses/{course_id}"))
    expect(status_of(page, "Get out alive")).to_have_text("In progress")


def test_content_of_an_uploaded_package_is_served_from_the_content_origin(site, sign_in):
    course_id = site.import_course(site.package("fire-safety-hosted"))
    site.enrol(course_id)
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course_id}"))

    content = launch(page, "Launch", "Get out alive")

    assert content.url.startswith(f"{site.content_url}/")
    assert content.evaluate("document.cookie") == ""
    turn(content, "Most fires never start")
    content.close()
    page.reload()
    expect(status_of(page, "Get out alive")).to_have_text("In progress")


def test_the_whole_way_to_the_content_works_without_javascript(site, browser):
    site.enrol(site.import_course(site.package("fire-safety")))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("E-mail address").fill(site.learner.email)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Launch Fire safety at work").click()
    with context.expect_page() as opened:
        page.get_by_role("button", name=re.compile("Launch.*Quiz")).click()

    opened.value.wait_for_url("**/quiz.html?AICC_SID=**")
    context.close()
