"""'Phishing basics': the browser sends forms, the content server talks HACP."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.content import create_app
from demo.phishing import MAILS


def _next(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def test_the_lesson_completes_without_the_browser_ever_meeting_the_learning_server(
    page: Page, content: str, learning_server: Any
) -> None:
    met: list[str] = []
    page.on("request", lambda request: met.append(request.url))
    page.goto(learning_server.launch(f"{content}/phishing/", unit="lesson"))
    _next(page)
    _next(page)
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")
    assert learning_server.commands == ["GetParam", *["PutParam"] * 3, "ExitAU"]
    assert learning_server.status == "completed"
    assert all(url.startswith(content) for url in met)


def test_the_inbox_test_scores_and_resumes(page: Page, content: str, learning_server: Any) -> None:
    learning_server.mastery_score = "75"
    address = learning_server.launch(f"{content}/phishing/", unit="inbox")
    page.goto(address)
    _next(page)
    expect(page.get_by_role("alert")).to_have_text("Choose an answer first.")
    page.get_by_label("Fake").check()
    _next(page)
    expect(page.get_by_text("Menu for next week")).to_be_visible()

    page.goto(address)
    expect(page.get_by_text("Menu for next week")).to_be_visible()
    for mail in MAILS[1:]:
        expect(page.get_by_text(mail.subject, exact=True)).to_be_visible()
        page.get_by_label("Fake" if mail.fake else "Real").check()
        _next(page)

    expect(page.get_by_role("heading")).to_have_text("They will not catch you.")
    page.get_by_role("button", name="Finish").click()
    assert learning_server.score == "100,100,0"
    assert learning_server.status == "completed"


def test_exit_suspends_an_unfinished_test(page: Page, content: str, learning_server: Any) -> None:
    page.goto(learning_server.launch(f"{content}/phishing/", unit="inbox"))
    page.get_by_role("button", name="Exit").click()

    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")
    assert learning_server.status == "incomplete,suspend"
    assert learning_server.commands[-1] == "ExitAU"


def test_a_review_records_nothing(page: Page, content: str, learning_server: Any) -> None:
    learning_server.mode = "review"
    page.goto(learning_server.launch(f"{content}/phishing/", unit="lesson"))
    _next(page)
    expect(page.get_by_role("status")).to_contain_text("Review")

    assert learning_server.commands == ["GetParam"]


def test_a_refusal_is_shown_with_its_number(page: Page, content: str, learning_server: Any) -> None:
    learning_server.error = 3
    page.goto(learning_server.launch(f"{content}/phishing/", unit="lesson"))

    expect(page.get_by_text("error 3: Invalid Session ID")).to_be_visible()


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/hacp/1",
        "http://127.0.0.1.example.net/hacp/1",
        "http://user@127.0.0.1/hacp/1",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "//127.0.0.1/hacp",
        "http://[",
    ],
)
def test_it_is_no_relay_to_other_addresses(url: str) -> None:
    client = create_app().test_client()
    asked = client.get("/phishing/", query_string={"AICC_SID": "s", "AICC_URL": url})
    carried = {"unit": "lesson", "opened": "1", "mastery": "75", "page": "what"}
    posted = client.post(
        "/phishing/", data={**carried, "AICC_SID": "s", "AICC_URL": url, "move": "next"}
    )

    for answer in (asked, posted):
        assert answer.status_code == 400
        assert "not allowed" in answer.text


def test_opened_without_parameters_it_says_so() -> None:
    answer = create_app().test_client().get("/phishing/")

    assert answer.status_code == 400
    assert "no AICC_SID and AICC_URL" in answer.text


@pytest.mark.parametrize("missing", ["AICC_SID", "unit", "opened", "page"])
def test_a_form_that_carries_too_little_is_refused(missing: str) -> None:
    form = {
        "AICC_SID": "s",
        "AICC_URL": "http://127.0.0.1:9/hacp/1",
        "unit": "lesson",
        "opened": "1",
        "mastery": "75",
        "page": "what",
    }
    del form[missing]

    assert create_app().test_client().post("/phishing/", data=form).status_code == 400


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("unit", ["lesson", "inbox"])
def test_no_page_is_wider_than_the_window(
    page: Page, content: str, learning_server: Any, width: int, unit: str
) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    page.goto(learning_server.launch(f"{content}/phishing/", unit=unit))

    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
