"""What learners do is reported here, and over there by one stable id for each learner."""

from __future__ import annotations

from playwright.sync_api import Page, expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
LOCKOUT = "c7e1a9d0-3b52-4e8f-a3d4-18f06b2e7303"


def take(page: Page, title: str) -> None:
    """Launch a course, read it to its end, and finish."""
    page.get_by_role("link", name="My courses").first.click()
    page.get_by_role("link", name=title, exact=True).first.click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Launch").click()
    content = opened.value
    for _ in range(10):
        if content.get_by_role("button", name="Finish").is_visible():
            break
        content.get_by_role("button", name="Next").click()
        content.wait_for_timeout(150)
    with content.expect_event("close"):
        content.get_by_role("button", name="Finish").click()


def test_a_learner_is_counted_once_by_the_same_id_in_every_course(connected, delivered, sign_in):
    for key in (HIPAA, LOCKOUT):
        connected.enrol(delivered(key))
    page = sign_in(connected.learner)

    take(page, "HIPAA in Everyday Work")
    take(page, "Lockout and Tagout")

    launches = connected.provider.launches()
    assert {launch.student_id for launch in launches} == {connected.learner.student_id}
    assert all(launch.completed for launch in launches)
    page.goto(f"{connected.provider_url}/customers/{connected.provider.ciid}/activity")
    row = page.get_by_role("row").filter(has_text="HIPAA in Everyday Work")
    expect(row).to_contain_text(connected.learner.student_id)
    sign_in(connected.admin).goto(connected.at("admin/transcripts"))
    completed = page.get_by_role("row").filter(has_text="Lane, Robin").filter(has_text="Completed")
    expect(completed).to_have_count(2)
