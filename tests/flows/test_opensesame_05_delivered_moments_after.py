"""What is sent with *Send to Integration* is here moments after, told course by course."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from launcher.opensesame import connecting

FORKLIFT = "Forklift Basics"
HIPAA = "HIPAA in Everyday Work"
FEEDBACK = "Giving Feedback that Helps"


@pytest.fixture
def pushing(connected):
    """The installation, whose push secret was entered at OpenSesame."""
    secret = connected.transact(
        lambda c: connecting.new_push_secret(c, connected.academy_id, now=datetime.now(UTC))
    )
    connected.provider.connect(f"{connected.url}/deliveries/opensesame", secret)
    return connected


def send(page: Page, site) -> None:
    """Deliver two courses there; who has several licences for one is asked which."""
    page.goto(f"{site.provider_url}/customers/{site.provider.ciid}/")
    expect(page.get_by_label(FORKLIFT)).to_be_disabled()
    page.get_by_label(HIPAA, exact=True).check()
    page.get_by_label(FEEDBACK, exact=True).check()
    page.get_by_role("button", name="Deliver Courses").click()
    page.get_by_label("Plus subscription").check()
    page.get_by_role("button", name="Send to Integration").click()
    expect(page.get_by_role("status")).to_contain_text("answered 202. It was accepted.")


def test_a_small_first_delivery_arrives_and_tells_what_became_of_each_course(pushing, sign_in):
    page = sign_in(pushing.admin)
    send(page, pushing)

    page.goto(pushing.at("admin/deliveries"))
    # Nothing is clicked: the page looks again by itself until the delivery is done.
    row = page.get_by_role("row").filter(has_text="Done")
    expect(row).to_contain_text("New: 2")
    row.get_by_role("link").click()

    for title, licence in ((HIPAA, "Unlimited"), (FEEDBACK, "Plus subscription")):
        course = page.get_by_role("row").filter(has_text=title)
        expect(course).to_contain_text("New")
        expect(course).to_contain_text(licence)
    page.get_by_role("link", name=HIPAA).click()
    expect(page.get_by_role("heading", name=HIPAA)).to_be_visible()


def test_a_delivery_that_is_sent_again_is_one_delivery(pushing, sign_in):
    page = sign_in(pushing.admin)
    send(page, pushing)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("answered 200. It knew this delivery already.").last).to_be_visible()

    page.goto(pushing.at("admin/deliveries"))
    expect(page.locator("tbody tr")).to_have_count(1)
