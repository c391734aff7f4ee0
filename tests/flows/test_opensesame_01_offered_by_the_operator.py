"""An admin connects OpenSesame with a toggle, which is there only where the operator offered it."""

from __future__ import annotations

from playwright.sync_api import expect


def test_where_nobody_offered_it_the_page_says_whom_to_ask(site, sign_in):
    page = sign_in(site.admin)
    page.get_by_role("link", name="Settings").click()

    expect(page.get_by_role("heading", name="External content providers")).to_be_visible()
    expect(page.get_by_text("Ask the operator of this server: Service desk")).to_be_visible()
    page.goto(site.at("admin/settings/opensesame"))

    expect(page.get_by_text("Ask the operator of this server: Service desk")).to_be_visible()
    expect(page.get_by_label("Use OpenSesame")).to_have_count(0)


def test_an_admin_turns_it_on_and_off_where_it_is_offered(site, sign_in):
    site.offer_opensesame()
    page = sign_in(site.admin)
    page.get_by_role("link", name="Settings").click()
    tile = page.get_by_role("region", name="OpenSesame", exact=True)
    expect(tile).to_contain_text("Off")
    tile.get_by_role("link", name="Settings of OpenSesame").click()

    page.get_by_label("Use OpenSesame").check()
    page.get_by_label("Customer Integration ID").fill(site.provider.ciid)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    expect(page.get_by_role("region", name="OpenSesame", exact=True)).to_contain_text(
        "Not compared yet"
    )
    page.get_by_label("Use OpenSesame").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="OpenSesame", exact=True)).to_contain_text("Off")
    expect(page.get_by_label("Customer Integration ID")).to_have_value(site.provider.ciid)
