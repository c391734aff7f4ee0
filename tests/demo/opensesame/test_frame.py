"""What all pages share: a customer that exists, forms of our own, headers."""

from __future__ import annotations

import pytest

from demo.opensesame.faults import Fault
from demo.opensesame.pretend import CIID

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PAGES = ("/", "/deliver", "/status", "/activity", "/integration", "/faults", f"/courses/{HIPAA}")
POSTS = (
    "/deliver",
    "/status/a-delivery",
    f"/courses/{HIPAA}",
    *(f"/courses/{HIPAA}/{what}" for what in ("retire", "reactivate", "remove", "launches")),
    "/integration",
    "/faults",
    "/faults/off",
    "/faults/many",
)


def test_the_way_in_leads_to_the_first_customer(http) -> None:
    answer = http.get("/")

    assert (answer.status_code, answer.location) == (302, f"/customers/{CIID}/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_a_customer_that_exists(http, path) -> None:
    assert http.get(f"/customers/nobody{path}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_run_only_what_is_its_own_and_stands_in_no_frame(desk, path) -> None:
    headers = desk.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", ["", "made up"])
def test_a_form_of_somebody_elses_changes_nothing(http, desk, path, token) -> None:
    before = desk.pretend.entries()

    answer = http.post(f"{desk.home}{path}", data={"csrf_token": token, "course": HIPAA})

    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert desk.pretend.entries() == before
    assert desk.pretend.deliveries() == ()


def test_every_post_of_the_pages_is_known_above(http) -> None:
    rules = http.application.url_map.iter_rules()
    posts = {
        rule.rule for rule in rules if "POST" in (rule.methods or ()) and "<ciid>" in rule.rule
    }

    assert len(posts) == len(POSTS)


def test_the_cookie_does_not_replace_another_servers(desk) -> None:
    cookie = desk.get("/integration").headers["Set-Cookie"]

    assert cookie.startswith("pretend_opensesame=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_customers_are_named_where_there_are_several(desk) -> None:
    assert "the-other-one" not in desk.get("/").text

    desk.pretend.add_customer("the-other-one")

    assert '<a href="/customers/the-other-one/">the-other-one</a>' in desk.get("/").text


def test_faults_that_are_on_are_told_on_every_page(desk) -> None:
    desk.pretend.faults.switch_on(Fault.EMPTY)

    assert all("Faults are switched on: 1." in desk.get(path).text for path in ("/", "/status"))
