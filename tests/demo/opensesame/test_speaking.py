"""Courses that speak HACP from their server: the browser only ever sends forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from demo.opensesame.app import create_app
from demo.opensesame.catalogue import COURSES
from demo.opensesame.items import launch_url
from demo.opensesame.model import Opening

PASSWORDS = COURSES[1]


@pytest.fixture
def address(serve, pretend, learning_server: Any) -> str:
    """The course's launch address at a running server, with the launch parameters."""
    (entry,) = pretend.send(PASSWORDS.id)
    base_url = serve(create_app(pretend), host="localhost")
    address = launch_url(entry, pretend.ciid, base_url=base_url)
    launched: str = learning_server.launch(address).replace("?AICC_SID", "&AICC_SID")
    return launched


def test_the_course_completes_without_the_browser_ever_meeting_the_learning_server(
    page: Page, address, learning_server, pretend
) -> None:
    met: list[str] = []
    page.on("request", lambda request: met.append(urlsplit(request.url).netloc))
    page.goto(address)
    for _ in PASSWORDS.points:
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading")).to_have_text("That was it")
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")
    assert learning_server.commands == ["GetParam", *["PutParam"] * 5, "ExitAU"]
    assert (learning_server.status, learning_server.location) == ("completed", "page-end")
    assert set(met) == {urlsplit(address).netloc}
    (launch,) = pretend.launches()
    assert (launch.student_id, launch.completed) == ("k3v9q2", True)


def test_the_enter_key_turns_the_page_and_exit_suspends(
    page: Page, address, learning_server, pretend
) -> None:
    page.goto(address)
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.get_by_text(PASSWORDS.points[0])).to_be_visible()
    page.get_by_role("button", name="Exit").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")

    assert learning_server.status == "incomplete,suspend"
    assert learning_server.location == "page-2"
    assert not pretend.launches()[0].completed
    page.goto(address)
    expect(page.get_by_text(PASSWORDS.points[0])).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading")).to_have_text(PASSWORDS.title)
    assert len(pretend.launches()) == 2


def test_a_review_records_nothing(page: Page, address, learning_server) -> None:
    learning_server.mode = "review"
    page.goto(address)
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_role("status")).to_contain_text("Review")
    assert learning_server.commands == ["GetParam"]


def test_a_refusal_is_shown_with_its_number(page: Page, address, learning_server, pretend) -> None:
    learning_server.error = 3
    page.goto(address)

    expect(page.get_by_text("error 3: Invalid Session ID")).to_be_visible()
    assert pretend.launches()[0].student_id is None


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/hacp/1", "http://user@127.0.0.1/hacp/1", "file:///etc/passwd"]
)
def test_it_is_no_relay_to_other_addresses(http, pretend, url: str) -> None:
    (entry,) = pretend.send(PASSWORDS.id)
    path = launch_url(entry, pretend.ciid, base_url="")
    launch = pretend.note_launch(PASSWORDS.id, Opening.OPEN, ciid=pretend.ciid)
    carried = {"launch": launch.id, "opened": "1", "at": "0", "AICC_SID": "s", "AICC_URL": url}

    asked = http.get(f"{path}&AICC_SID=s&AICC_URL={url}")
    posted = http.post("/lesson", data={**carried, "move": "next"})

    for answer in (asked, posted):
        assert answer.status_code == 400
        assert "not allowed" in answer.text


@pytest.mark.parametrize(
    "spoilt", [{"launch": "made-up"}, {"opened": "x"}, {"at": ""}, {"AICC_SID": ""}]
)
def test_a_form_that_carries_too_little_is_refused(http, pretend, spoilt) -> None:
    launch = pretend.note_launch(PASSWORDS.id, Opening.OPEN, ciid=pretend.ciid)
    carried = {
        "launch": launch.id,
        "opened": "1",
        "at": "0",
        "AICC_SID": "s",
        "AICC_URL": "http://127.0.0.1:9/hacp/1",
    }

    assert http.post("/lesson", data={**carried, **spoilt}).status_code == 400
    assert http.post("/lesson", data=carried).status_code == 502
