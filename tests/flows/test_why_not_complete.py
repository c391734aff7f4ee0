"""An admin asks why: from the list to the attempt, its finding, the exchange and the file."""

from __future__ import annotations

import http.client
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import catalog.store
from catalog.model import AssignableUnit, Course
from launcher import launches
from tests.flows.conftest import PASSWORD

UNIT = AssignableUnit("A1", "Ladders", "https://content.example.org/", mastery_score=Decimal(80))


@pytest.fixture
def failed_attempt(site):
    """Robin's attempt at a course whose content said more than one thing amiss."""
    course_id = site.transact(
        lambda connection: catalog.store.add_course(
            connection,
            site.academy_id,
            course=Course("LADDERS", "Ladders", units=(UNIT,), members=("A1",)),
            source="test.zip",
            fingerprint="ladders",
            content_key=None,
            folder="",
            now=datetime.now(UTC),
        )
    )
    site.enrol(course_id)
    launched = site.transact(
        lambda connection: launches.launch(
            connection,
            site.learner,
            course_id=course_id,
            au_id=None,
            settings=site.settings,
            now=datetime.now(UTC),
        )
    )
    for command, aicc_data in (
        ("GetParam", ""),
        ("PutParam", "[Core]\r\nLesson_Location=page-7\r\nLesson_Status=incomplete"),
        (
            "PutParam",
            "[Core]\r\nLesson_Location=quiz\r\nLesson_Status=Completed\r\nScore=60,100,0\r\n"
            f"Time=09:00:00\r\n[Core_Lesson]\r\n{'a-very-long-bookmark/' * 60}",
        ),
        ("LMSFinish", ""),
    ):
        post(site, launched.session_id, command, aicc_data)
    return launched


@pytest.fixture
def admin(site, page):
    """The page, with the academy's admin signed in."""
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("E-mail address").fill(site.admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(f"{site.url}/sign-in")
    return page


def post(site, session_id: str, command: str, aicc_data: str) -> None:
    """Let content on its own server post."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    form = {
        "command": command,
        "version": "4.0",
        "session_id": session_id,
        "aicc_data": aicc_data,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "https://content.example.org",
    }
    connection.request("POST", f"/hacp/{site.academy_id}", urlencode(form), headers)
    assert connection.getresponse().read().startswith(b"error=")
    connection.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_the_list_leads_to_the_cause_and_the_cause_to_its_line(site, admin, failed_attempt, width):
    page = admin
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.at("admin/transcripts"))
    page.get_by_role("link", name="Score below mastery").click()

    why = page.get_by_role("region", name="Why is it not complete?")
    expect(why.get_by_text("The score 60 is below the mastery score 80.")).to_be_visible()
    expect(why.get_by_text("The content used the command “LMSFinish”")).to_be_visible()
    expect(why.get_by_text("The content reported 09:00:00 of time")).to_be_visible()
    expect(why.get_by_text("Time=09:00:00")).to_be_visible()
    why.get_by_role("link", name="Exchange 3, PutParam").first.click()
    target = page.locator(":target")
    expect(target).to_have_text("PutParam")
    expect(target).to_be_in_viewport()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical")] == []


def test_the_case_is_handed_to_the_vendor_as_a_file(site, admin, failed_attempt):
    page = admin
    page.goto(site.at(f"admin/learners/{site.learner.id}"))
    expect(page.get_by_text("The score 60 is below the mastery score 80.")).to_be_visible()
    page.get_by_role("link", name="Show what is behind it").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Text file for the vendor").click()

    text = download.value.path().read_text("utf-8")

    assert download.value.suggested_filename.endswith(".txt")
    assert "What was found" in text
    assert "Score=60,100,0" in text
    assert site.learner.student_id in text
    for secret in ("Robin", "Lane", site.learner.email, failed_attempt.session_id):
        assert secret not in text
