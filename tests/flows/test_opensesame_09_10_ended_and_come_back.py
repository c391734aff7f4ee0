"""A course that ends over there is archived and kept with its records, until it comes back."""

from __future__ import annotations

from playwright.sync_api import expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
TITLE = "HIPAA in Everyday Work"


def test_a_retired_course_is_archived_by_itself_and_comes_back_by_itself(
    connected, delivered, sign_in
):
    course_id = delivered(HIPAA)
    connected.enrol(course_id)
    # Another one stays, so that the listing is not empty.
    delivered("0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302")
    connected.provider.retire(HIPAA)

    connected.a_day_passes()

    page = sign_in(connected.admin)
    page.goto(connected.at(f"admin/courses/{course_id}"))
    expect(page.get_by_role("heading", name="This course is archived")).to_be_visible()
    sign_in(connected.learner)
    page.goto(connected.at(f"courses/{course_id}"))
    expect(page.get_by_role("button", name="Launch")).to_have_count(0)
    page.goto(connected.at("transcript"))
    expect(page.get_by_text(TITLE).first).to_be_visible()

    connected.provider.reactivate(HIPAA)
    connected.a_day_passes(days=2)

    page.goto(connected.at(f"courses/{course_id}"))
    expect(page.get_by_role("button", name="Launch")).to_be_visible()
    sign_in(connected.admin).goto(connected.at(f"admin/courses/{course_id}"))
    expect(page.get_by_role("heading", name="This course is archived")).to_have_count(0)
