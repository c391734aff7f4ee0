"""The pages of deliveries: each course, what became of it and why, for one and for 40,000."""

from __future__ import annotations

import pytest

from catalog.supply.model import Delivered, Outcome, RunKind
from launcher import tasks
from launcher.db import transact
from tests.launcher.opensesame.supplied import KEYS, Supplied


@pytest.fixture
def supplied(app, people, now):
    def within(unit):
        with app.app_context():
            return transact(unit)

    supplied = Supplied(within, people.academy_id, now)
    supplied.connect()
    return supplied


def test_an_empty_list_says_how_to_fill_it(admin, supplied):
    assert "Nothing was delivered yet" in admin.open("deliveries").text
    assert "Deliveries" in admin.open("courses").text


def test_without_the_provider_the_courses_have_no_such_tab(admin):
    assert "Deliveries" not in admin.open("courses").text


def test_what_became_of_each_course_is_told_with_the_reason(admin, supplied, add_course):
    course_id, twin_id = add_course("Ladders"), add_course("Ladders, second edition")
    number = supplied.receive(*KEYS[:4], licence="Annual")
    claim = supplied.begin(RunKind.DELIVERY)
    supplied.report(
        claim,
        Delivered(KEYS[0], outcome=Outcome.NEW, course_id=course_id, title="Ladders"),
        Delivered(
            KEYS[1],
            outcome=Outcome.WAITING,
            title="Ladders 2",
            matched_id=twin_id,
            reason="Equal title, publisher and language.",
        ),
        Delivered(KEYS[2], outcome=Outcome.FAILED, title="Broken", reason="No launch address."),
    )

    page = admin.open(f"deliveries/{number}").text

    assert f'<a href="/a/night/admin/courses/{course_id}">Ladders</a>' in page
    assert f"/a/night/admin/courses/{twin_id}" in page
    for text in ("New", "Waits for a decision", "Equal title, publisher and language."):
        assert text in page
    assert "No launch address." in page
    assert "Not looked at yet" in page
    assert page.count("Annual") == 4
    listed = admin.open("deliveries").text
    assert "New: <span" in listed
    assert f"/a/night/admin/deliveries/{number}" in listed


def test_one_outcome_alone_can_be_looked_at(admin, supplied):
    number = supplied.receive(*KEYS[:2])
    claim = supplied.begin(RunKind.DELIVERY)
    supplied.report(
        claim,
        Delivered(KEYS[0], outcome=Outcome.NEW, title="Ladders"),
        Delivered(KEYS[1], outcome=Outcome.FAILED, title="Broken"),
    )

    page = admin.open(f"deliveries/{number}?outcome=failed").text

    assert "Broken" in page
    assert "Ladders" not in page
    assert "Ladders" in admin.open(f"deliveries/{number}?outcome=nonsense").text


def test_a_delivery_on_its_way_shows_how_far_it_is(admin, supplied):
    supplied.ran(unchanged=0)
    number = supplied.receive(KEYS[0])
    assert "waits for its turn" in admin.open(f"deliveries/{number}").text
    claim = supplied.begin(RunKind.DELIVERY)
    supplied.take_up(claim)
    supplied.renew(claim, pages=2, items=100)

    page = admin.open(f"deliveries/{number}").text

    assert "data-live" in page
    assert "<progress" in page
    assert "100 courses compared so far" in page
    supplied.report(claim)
    assert "data-live" not in admin.open(f"deliveries/{number}").text


def test_a_failed_delivery_says_why(admin, supplied):
    number = supplied.receive(KEYS[0])
    supplied.report(supplied.begin(RunKind.DELIVERY), failure="OpenSesame did not answer.")

    assert "OpenSesame did not answer." in admin.open(f"deliveries/{number}").text
    assert "OpenSesame did not answer." in admin.open("deliveries").text


def test_a_delivery_that_names_nothing_points_to_its_run(admin, supplied):
    number = supplied.receive()
    claim = supplied.begin(RunKind.DELIVERY)
    supplied.report(claim)

    page = admin.open(f"deliveries/{number}").text

    assert "This delivery names no courses" in page
    assert f"/a/night/admin/runs/{claim.run_id}" in page


def test_a_foreign_delivery_is_not_there(admin, supplied, people):
    other = Supplied(supplied.transact, people.other_academy_id, supplied.now)
    other.connect(ciid="C-2")
    number = other.receive(KEYS[0])

    assert admin.open(f"deliveries/{number}").status_code == 404
    assert admin.open("deliveries/1").status_code == 404


def test_lists_come_in_pages(admin, supplied):
    for number in range(60):
        supplied.receive(KEYS[number], delivery_id=f"D-{number}")

    page = admin.open("deliveries").text

    assert "1 to 50 of 60" in page
    assert "51 to 60 of 60" in admin.open("deliveries?page=2").text


def test_a_delivery_is_tried_again(admin, supplied, app, people):
    number = supplied.receive(KEYS[0])
    supplied.report(supplied.begin(RunKind.DELIVERY), failure="OpenSesame did not answer.")
    assert "Try again" in admin.open(f"deliveries/{number}").text

    answer = admin.send(f"deliveries/{number}/retry")

    page = admin.client.get(answer.location).text
    assert "The delivery is tried again." in page
    assert "waits for its turn" in page
    (task,) = tasks.of(app).queue.pending()
    assert task.args[:2] == [people.academy_id, "delivery"]
    again = admin.send(f"deliveries/{number}/retry")
    assert "on its way already" in admin.client.get(again.location).text


def test_a_foreign_delivery_is_not_tried_again(admin, supplied, people):
    other = Supplied(supplied.transact, people.other_academy_id, supplied.now)
    other.connect(ciid="C-2")

    assert admin.send(f"deliveries/{other.receive(KEYS[0])}/retry").status_code == 404


def test_a_delivery_of_which_nothing_is_left_is_not_offered_again(admin, supplied):
    number = supplied.receive(KEYS[0], KEYS[1])
    claim = supplied.begin(RunKind.DELIVERY)
    new = Delivered(KEYS[0], outcome=Outcome.NEW, title="Ladders")
    supplied.report(claim, new, Delivered(KEYS[1], outcome=Outcome.UNLISTED))
    assert "Try again" in admin.open(f"deliveries/{number}").text

    supplied.report(claim, new, Delivered(KEYS[1], outcome=Outcome.SKIPPED))

    assert "Try again" not in admin.open(f"deliveries/{number}").text
