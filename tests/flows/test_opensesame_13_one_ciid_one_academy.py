"""One CIID belongs to one academy: a second one is refused, or allowed with a lasting warning."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import expect

from launcher.opensesame import connecting
from launcher.people import academies
from tests.launcher.opensesame.supplied import Supplied


def test_a_second_academy_is_refused_until_the_operator_allows_it(site, sign_in):
    now = datetime.now(UTC)
    other = site.transact(
        lambda c: academies.add_academy(c, name="Day School", slug="day", now=now)
    )
    Supplied(site.transact, other.id, now).connect(ciid=site.provider.ciid)
    site.offer_opensesame()
    page = sign_in(site.admin)
    page.goto(site.at("admin/settings/opensesame"))
    page.get_by_label("Use OpenSesame").check()
    page.get_by_label("Customer Integration ID").fill(site.provider.ciid.upper())

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Another academy on this server uses this")).to_be_visible()
    expect(page.get_by_label("Use OpenSesame")).to_be_checked()

    site.transact(
        lambda c: connecting.share_ciid(c, site.academy_id, ciid=site.provider.ciid, now=now)
    )
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    warning = "This Customer Integration ID is also used by Day School."
    expect(page.get_by_text(warning)).to_be_visible()
    page.reload()
    expect(page.get_by_text(warning)).to_be_visible()
