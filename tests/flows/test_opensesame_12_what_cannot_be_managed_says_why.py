"""What cannot be managed, because the course was created elsewhere, is locked with its reason."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


@pytest.mark.parametrize(
    "fact", ["Title", "Description", "Publisher", "Languages", "Duration", "Categories"]
)
def test_what_opensesame_says_is_shown_and_cannot_be_typed_over(
    connected, delivered, sign_in, fact
):
    course_id = delivered(HIPAA)
    page = sign_in(connected.admin)
    page.goto(connected.at(f"admin/courses/{course_id}"))
    page.get_by_role("link", name="Details").click()

    field = page.get_by_label(fact, exact=True)

    expect(field).not_to_be_editable()
    expect(field).not_to_have_value("")
    expect(field).to_have_accessible_description(re.compile("come from OpenSesame"))
