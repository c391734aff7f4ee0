"""The content is remote: what OpenSesame changes in it is live at once, without a sync."""

from __future__ import annotations

from playwright.sync_api import expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


def test_a_changed_page_is_there_at_the_next_launch(connected, delivered, sign_in):
    connected.enrol(delivered(HIPAA))
    page = sign_in(connected.learner)
    page.get_by_role("link", name="HIPAA in Everyday Work", exact=True).first.click()
    connected.provider.change(HIPAA, points=("Shred what you print.",))
    before = len(connected.provider.calls())

    with page.expect_popup() as opened:
        page.get_by_role("button", name="Launch").click()
    content = opened.value
    content.get_by_role("button", name="Next").click()

    expect(content.get_by_text("Shred what you print.")).to_be_visible()
    asked = [call.place.value for call in connected.provider.calls()[before:]]
    assert "content" not in asked
