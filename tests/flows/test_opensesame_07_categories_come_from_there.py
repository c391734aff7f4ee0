"""Categories come from OpenSesame by themselves, and nobody here can change them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


def test_the_tree_follows_what_is_changed_there(connected, delivered, sign_in):
    course_id = delivered(HIPAA)
    connected.enrol(course_id)
    page = sign_in(connected.learner)
    page.goto(connected.at("catalog"))
    category = page.get_by_label("Category")
    before = category.locator("option").all_inner_texts()
    connected.provider.change(HIPAA, categories=["|Privacy|Health, and more"])

    connected.a_day_passes()

    page.reload()
    after = category.locator("option").all_inner_texts()
    assert len(before) > 1
    assert after == ["Any", "Privacy", "Privacy › Health, and more"]
    category.select_option(label="Privacy")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="HIPAA in Everyday Work")).to_be_visible()


def test_an_admin_sees_them_and_why_they_cannot_be_changed(connected, delivered, sign_in):
    course_id = delivered(HIPAA)
    page = sign_in(connected.admin)

    page.goto(connected.at(f"admin/courses/{course_id}/details"))

    categories = page.get_by_label("Categories")
    expect(categories).not_to_be_editable()
    expect(categories).to_have_accessible_description(re.compile("come from OpenSesame"))
