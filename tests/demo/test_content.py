"""'Fire safety at work' in a real browser, against a small learning server on another origin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.content import create_app

ANSWERS = {
    "q1": "Press the red call point",
    "q2": "Carbon dioxide",
    "q3": "The stairs",
    "q4": "Low, near the floor",
    "q5": "To the assembly point",
}


def _open(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("body[data-ready]")).to_be_visible()


def _next(page: Page) -> None:
    page.locator("#next").click()


def _saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved")


def test_the_lesson_reports_every_page_and_completes_at_the_last(
    page: Page, content: str, learning_server: Any
) -> None:
    learning_server.vendor_data = "assembly_point=Car park"
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))

    for _ in range(4):
        _next(page)
    expect(page.get_by_text("Your assembly point: Car park")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")

    assert learning_server.commands == ["GetParam", *["PutParam"] * 6, "ExitAU"]
    assert learning_server.location == "page-5"
    assert learning_server.status == "completed"
    assert learning_server.suspend_data == "seen=page-1,page-2,page-3,page-4,page-5"
    assert set(learning_server.cookies) == {""}


def test_closing_the_window_puts_a_last_state_without_exit_and_the_next_launch_resumes(
    page: Page, content: str, learning_server: Any
) -> None:
    address = learning_server.launch(f"{content}/fire-safety/lesson.html")
    _open(page, address)
    _next(page)
    _next(page)
    expect(page.get_by_role("heading", name="You see smoke")).to_be_visible()
    _saved(page)
    page.goto("about:blank")
    _open(page, address)

    expect(page.get_by_role("heading", name="You see smoke")).to_be_visible()
    assert "ExitAU" not in learning_server.commands
    # How many posts the pages before made depends on how quickly they were turned.
    states = [data for command, data in learning_server.posts if command == "PutParam"]
    assert len([data for data in states if "lesson_status=incomplete,suspend" in data]) == 1


def test_exit_on_an_unfinished_page_suspends(
    page: Page, content: str, learning_server: Any
) -> None:
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))
    _next(page)
    page.get_by_role("button", name="Exit").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")

    assert learning_server.commands[-2:] == ["PutParam", "ExitAU"]
    assert learning_server.status == "incomplete,suspend"


def test_the_quiz_reports_its_score(page: Page, content: str, learning_server: Any) -> None:
    learning_server.mastery_score = "80"
    _open(page, learning_server.launch(f"{content}/fire-safety/quiz.html"))
    for text in ANSWERS.values():
        page.get_by_text(text, exact=True).click()
        _next(page)

    expect(page.get_by_role("heading")).to_have_text("You know your way out.")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")
    assert learning_server.score == "100,100,0"
    assert learning_server.status == "completed"


def test_a_failed_quiz_can_be_tried_again(page: Page, content: str, learning_server: Any) -> None:
    learning_server.mastery_score = "80"
    _open(page, learning_server.launch(f"{content}/fire-safety/quiz.html"))
    for name in ANSWERS:
        page.locator(f"#{name} label").first.click()
        _next(page)

    expect(page.get_by_role("heading")).to_have_text("Not yet.")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading")).to_have_text(
        "You see smoke under a door. What comes first?"
    )
    assert learning_server.score == "40,100,0"


def test_the_quiz_wants_an_answer_and_resumes_with_those_given(
    page: Page, content: str, learning_server: Any
) -> None:
    address = learning_server.launch(f"{content}/fire-safety/quiz.html")
    _open(page, address)
    _next(page)
    expect(page.get_by_text("Choose an answer first.")).to_be_visible()
    page.get_by_text(ANSWERS["q1"]).click()
    _next(page)
    expect(page.get_by_text("Question 2 of 5")).to_be_visible()
    _saved(page)
    _open(page, address)

    expect(page.get_by_text("Question 2 of 5")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label(ANSWERS["q1"])).to_be_checked()


def test_a_review_records_nothing(page: Page, content: str, learning_server: Any) -> None:
    learning_server.mode = "review"
    learning_server.status = "completed"
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))

    _next(page)
    expect(page.get_by_role("alert")).to_contain_text("Review: you have finished this unit")
    page.get_by_role("button", name="Exit").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")
    assert learning_server.commands == ["GetParam", "ExitAU"]


def test_lower_case_launch_parameters_are_understood(
    page: Page, content: str, learning_server: Any
) -> None:
    address = learning_server.launch(f"{content}/fire-safety/lesson.html")
    _open(page, address.replace("AICC_", "aicc_"))

    _saved(page)


def test_without_launch_parameters_it_says_that_nothing_is_recorded(
    page: Page, content: str
) -> None:
    _open(page, f"{content}/fire-safety/lesson.html")

    expect(page.get_by_role("alert")).to_contain_text("no AICC_SID and AICC_URL")
    _next(page)
    expect(page.get_by_role("heading")).to_have_text("Most fires never start")
    expect(page.get_by_role("alert")).to_contain_text("Preview")


def test_a_refused_launch_names_the_error_and_puts_nothing(
    page: Page, content: str, learning_server: Any
) -> None:
    learning_server.error = 3
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))

    expect(page.get_by_role("alert")).to_contain_text("answered error 3: Invalid Session ID")
    _next(page)
    assert learning_server.commands == ["GetParam"]


def test_an_error_on_the_way_is_told_and_taken_back_when_the_next_page_arrives(
    page: Page, content: str, learning_server: Any
) -> None:
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))
    learning_server.error = 3
    _next(page)
    expect(page.locator("#saved")).to_have_text("Not saved")
    expect(page.get_by_role("alert")).to_contain_text("error 3: Invalid Session ID")

    learning_server.error = 0
    _next(page)
    _saved(page)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_learning_server_that_is_not_there_is_told(
    page: Page, content: str, learning_server: Any
) -> None:
    learning_server.url = "http://127.0.0.1:9/hacp/1"
    _open(page, learning_server.launch(f"{content}/fire-safety/lesson.html"))

    expect(page.get_by_role("alert")).to_contain_text("the learning server cannot be reached")


@pytest.mark.parametrize("unit", ["lesson", "quiz"])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_is_wider_than_the_window(page: Page, content: str, unit: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    _open(page, f"{content}/fire-safety/{unit}.html")

    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/fire-safety/", 302),
        ("/fire-safety/hacp.js", 200),
        ("/fire-safety/../content.py", 404),
        ("/nothing", 404),
    ],
)
def test_it_serves_its_courses_only_and_sets_no_cookie(path: str, status: int) -> None:
    with create_app().test_client().get(path) as answer:
        assert answer.status_code == status
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
