"""The admin enters CIID and branding, with a client of their own if it is custom, and tests it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demo.opensesame.model import Client

OWN = Client("white-label", "a secret of their own")


@pytest.fixture
def settings_page(site, sign_in) -> Page:
    site.offer_opensesame()
    page = sign_in(site.admin)
    page.goto(site.at("admin/settings/opensesame"))
    return page


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def try_it(page: Page) -> None:
    page.get_by_role("button", name="Test connection").click()


def test_default_branding_needs_the_ciid_alone(site, settings_page):
    page = settings_page
    site.provider.send()
    page.get_by_label("Use OpenSesame").check()
    save(page)
    expect(page.get_by_text("Enter the Customer Integration ID")).to_be_visible()

    page.get_by_label("Customer Integration ID").fill("somebody-else")
    save(page)
    try_it(page)
    expect(page.get_by_text("OpenSesame does not know the Customer Integration ID")).to_be_visible()

    page.get_by_label("Customer Integration ID").fill(site.provider.ciid)
    save(page)
    try_it(page)
    expect(page.get_by_text("The connection works. OpenSesame lists")).to_be_visible()


def test_custom_branding_needs_a_client_of_their_own(site, settings_page):
    page = settings_page
    expect(page.get_by_label("Client ID")).to_be_hidden()
    page.get_by_label("Use OpenSesame").check()
    page.get_by_label("Customer Integration ID").fill(site.provider.ciid)
    page.get_by_label("Custom: our own logo").check()
    page.get_by_label("Client ID").fill(OWN.id)
    save(page)
    expect(page.get_by_text("Enter the Client Secret that belongs to it.")).to_be_visible()

    page.get_by_label("Client Secret").fill("not it")
    save(page)
    try_it(page)
    expect(page.get_by_text("does not accept the Client ID or Client Secret")).to_be_visible()
    expect(page.get_by_label("Client Secret")).to_have_value("")

    site.provider.add_client(OWN)
    page.get_by_label("Client Secret").fill(OWN.secret)
    save(page)
    try_it(page)
    expect(page.get_by_text("The connection works.")).to_be_visible()
    assert OWN.secret not in page.content()
