"""OpenSesame's courses stand in the course list and are managed like any other course."""

from __future__ import annotations

from playwright.sync_api import expect

PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


def test_an_admin_enrols_a_learner_tags_the_course_and_sets_a_mastery_score(
    connected, delivered, sign_in
):
    course_id = delivered(PASSWORDS)
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/courses"))
    page.get_by_role("link", name="Passwords & Passkeys").click()

    page.get_by_label("E-mail address or student id").fill(connected.learner.email)
    page.get_by_role("button", name="Enrol").click()
    page.get_by_role("link", name="Details").click()
    page.get_by_label("Tags").fill("security, must")
    page.get_by_label("Note").fill("For everybody with an account.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The notes are saved.")).to_be_visible()
    page.goto(connected.at(f"admin/courses/{course_id}/rules"))
    page.get_by_label("Mastery score of").select_option("other")
    page.get_by_label("Another score of").fill("90")
    page.get_by_role("button", name="Save").click()

    page.goto(connected.at(f"admin/courses/{course_id}"))
    expect(page.get_by_role("row").filter(has_text=connected.learner.name)).to_be_visible()
    expect(page.get_by_text("Mastery 90")).to_be_visible()
    connected.a_day_passes()
    page.goto(connected.at(f"admin/courses/{course_id}/details"))
    expect(page.get_by_label("Tags")).to_have_value("must, security")
    expect(page.get_by_label("Note")).to_have_value("For everybody with an account.")
