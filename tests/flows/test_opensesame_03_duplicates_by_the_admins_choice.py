"""The server finds duplicates by itself; the admin chooses what happens to delivered ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demo.opensesame.parcels import aicc_package

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
CHOICES = [
    ("Update the course that is here", 1, "Updated", True),
    ("Keep both", 2, "New", False),
    ("Skip the delivered course", 1, "Skipped", False),
    ("Ask me", 1, "Waits for a decision", False),
]


@pytest.fixture
def uploaded(connected, tmp_path) -> int:
    """The id of a course that was uploaded by hand, and is OpenSesame's HIPAA course."""
    connected.provider.send(HIPAA)
    path = tmp_path / "hipaa.zip"
    entry = connected.provider.entry(HIPAA)
    path.write_bytes(aicc_package(entry, connected.provider.ciid, base_url=connected.provider_url))
    return connected.import_course(path)


def choose(page: Page, site, words: str) -> None:
    page.goto(site.at("admin/settings/opensesame"))
    page.get_by_label("When a delivered course is here already").select_option(label=words)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()


@pytest.mark.parametrize(("words", "courses", "became", "linked"), CHOICES)
def test_a_delivered_duplicate_becomes_what_was_chosen(
    connected, uploaded, sign_in, words, courses, became, linked
):
    page = sign_in(connected.admin)
    choose(page, connected, words)

    page.goto(connected.at("admin/runs"))
    with connected.a_run():
        page.get_by_role("button", name="Sync now").click()

    page.goto(connected.at("admin/courses"))
    expect(page.get_by_role("link", name="HIPAA in Everyday Work")).to_have_count(courses)
    page.get_by_role("link", name="Sync runs").click()
    page.get_by_role("row").filter(has_text=became).last.get_by_role("link").click()
    row = page.get_by_role("row").filter(has_text="HIPAA in Everyday Work")
    expect(row).to_contain_text(became)
    # Why it was taken for the same is part of the answer.
    expect(row).to_contain_text(f"course {uploaded},")
    page.goto(connected.at(f"admin/courses/{uploaded}"))
    expect(page.get_by_text("From OpenSesame")).to_have_count(1 if linked else 0)


def test_who_wants_to_be_asked_decides_side_by_side_and_the_trail_says_why(
    connected, uploaded, sign_in
):
    page = sign_in(connected.admin)
    choose(page, connected, "Ask me")
    page.goto(connected.at("admin/runs"))
    with connected.a_run():
        page.get_by_role("button", name="Sync now").click()

    page.reload()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Duplicates 1").click()
    asked = page.get_by_role("region", name="HIPAA in Everyday Work")
    expect(asked).to_contain_text("from OpenSesame.")
    expect(asked.get_by_role("row").filter(has_text="Title")).to_contain_text("the same")
    expect(asked.get_by_role("row").filter(has_text="Publisher")).to_contain_text("differs")
    asked.get_by_role("button", name="Keep both").click()

    expect(page.get_by_text("Decided: 1.")).to_be_visible()
    expect(asked.get_by_role("button")).to_have_count(0)
    decided = page.get_by_role("region", name="Decided").get_by_role("row").last
    expect(decided).to_contain_text("Keep both")
    expect(decided).to_contain_text(connected.admin.name)
    expect(decided).to_contain_text(f"course {uploaded},")
    page.goto(connected.at("admin/courses"))
    expect(page.get_by_role("link", name="HIPAA in Everyday Work")).to_have_count(2)
    expect(page.get_by_text("Twin, number")).to_have_count(2)
