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


def test_who_finds_no_free_seat_is_not_counted_there_and_explained_here(
    connected, delivered, sign_in
):
    course_id = delivered(HIPAA)
    connected.enrol(course_id)
    late = connected.add("late@example.org", "Comer, Lee")
    connected.enrol(course_id, late)
    connected.provider.set_seats(HIPAA, 1)
    take(sign_in(connected.learner), "HIPAA in Everyday Work")

    # Another browser: whoever signs in here comes without the cookies of the one before.
    page = sign_in(late)
    page.get_by_role("link", name="HIPAA in Everyday Work", exact=True).first.click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Launch").click()
    expect(opened.value.get_by_role("heading", name="There is no free seat")).to_be_visible()

    page = sign_in(connected.admin)
    page.goto(f"{connected.provider_url}/customers/{connected.provider.ciid}/activity")
    row = page.get_by_role("row").filter(has_text="HIPAA in Everyday Work")
    expect(row).to_contain_text(connected.learner.student_id)
    expect(row).not_to_contain_text(late.student_id)
    # Launches, learners, completed, refused.
    expect(row.get_by_role("cell")).to_contain_text(["", "2", "1", "1", "1"])
    page.goto(connected.at(f"admin/learners/{late.id}"))
    page.get_by_role("link", name="Attempt 1").click()
    expect(page.get_by_text("the vendor had no free seat")).to_be_visible()
