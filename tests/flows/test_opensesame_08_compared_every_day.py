"""Beside deliveries, the server checks once a day for changes and additions."""

from __future__ import annotations

from playwright.sync_api import expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


def test_a_changed_and_a_new_course_are_found_the_next_day(connected, sign_in):
    connected.provider.send(HIPAA)
    connected.a_day_passes()
    connected.provider.change(HIPAA, title="HIPAA in Everyday Work, 2nd edition")
    connected.provider.send(PASSWORDS)

    connected.a_day_passes(days=2)

    page = sign_in(connected.admin)
    page.goto(connected.at("admin/courses"))
    expect(page.get_by_role("link", name="HIPAA in Everyday Work, 2nd edition")).to_be_visible()
    expect(page.get_by_role("link", name="Passwords & Passkeys")).to_be_visible()
    page.get_by_role("link", name="Sync runs").click()
    newest = page.get_by_role("row").filter(has_text="Daily comparison").first
    expect(newest).to_contain_text("New: 1")
    expect(newest).to_contain_text("Updated: 1")
    newest.get_by_role("link").click()
    changed = page.get_by_role("row").filter(has_text="2nd edition")
    expect(changed).to_contain_text("Title")
    expect(changed.locator("del")).to_have_text("before: HIPAA in Everyday Work")
    expect(changed.locator("ins")).to_have_text("now: HIPAA in Everyday Work, 2nd edition")


def test_an_admin_starts_one_by_hand_and_watches_it_without_reloading(connected, sign_in):
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/runs"))
    connected.provider.send(HIPAA)

    page.get_by_role("button", name="Sync now").click()

    # Nothing is clicked any more: the page looks again by itself.
    done = page.get_by_role("row").filter(has_text="Started by hand")
    expect(done).to_contain_text("Done")
    expect(done).to_contain_text("New: 1")
    expect(done).to_contain_text(connected.admin.name)
