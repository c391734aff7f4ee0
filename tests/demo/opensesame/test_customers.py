"""A customer's List: what can be sent, what is listed, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from demo.opensesame.catalogue import COURSES
from demo.opensesame.customers import CannotSend, Customer, NoSuchCourse, Raw
from demo.opensesame.growing import Growth
from demo.opensesame.model import Entry

TODAY = date(2025, 6, 2)
HIPAA, PASSWORDS, LOCKOUT, FOOD, FEEDBACK, MEETINGS, FORKLIFT = (c.id for c in COURSES[:7])


@pytest.fixture
def customer() -> Customer:
    customer = Customer("ciid")
    customer.add(COURSES)
    return customer


def titles(customer: Customer, start: int = 0, stop: int = 1000) -> list[object]:
    return [
        one.course.title if isinstance(one, Entry) else one.value
        for one in customer.listed(start, stop)
    ]


def test_a_course_with_one_active_licence_is_sent_with_it(customer: Customer) -> None:
    sent = customer.send([HIPAA, MEETINGS], licences={}, today=TODAY)

    assert [entry.sent_as for entry in sent] == ["Unlimited", "Plus subscription"]
    assert customer.count() == 2


@pytest.mark.parametrize(
    ("course", "licences", "why"),
    [
        (FORKLIFT, {}, "no licence for it is active"),
        (FEEDBACK, {}, "choose one of its licences: Seats, Plus subscription"),
        (FEEDBACK, {FEEDBACK: "Gold"}, "there is no active licence 'Gold'"),
        (MEETINGS, {MEETINGS: "Seats"}, "there is no active licence 'Seats'"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_of_the_rest_is_sent(
    customer: Customer, course: str, licences: dict[str, str], why: str
) -> None:
    with pytest.raises(CannotSend, match=why):
        customer.send([HIPAA, course], licences=licences, today=TODAY)

    assert customer.count() == 0


def test_a_retired_course_cannot_be_sent(customer: Customer) -> None:
    customer.keep(replace(customer.entry(HIPAA), retired=True))

    with pytest.raises(CannotSend, match="has retired it"):
        customer.send([HIPAA], licences={}, today=TODAY)


def test_the_licence_that_was_chosen_is_remembered_whatever_the_case_of_the_id(
    customer: Customer,
) -> None:
    chosen = {FEEDBACK.upper(): "Plus subscription"}
    customer.send([FEEDBACK], licences=chosen, today=TODAY)

    assert customer.entry(FEEDBACK).sent_as == "Plus subscription"


def test_a_licence_that_ends_makes_a_sent_course_inactive(customer: Customer) -> None:
    customer.send([HIPAA], licences={}, today=TODAY)
    ended = tuple(replace(one, until=date(2025, 6, 1)) for one in COURSES[0].licences)

    customer.change(HIPAA, licences=ended)

    assert not customer.entry(HIPAA).is_active(TODAY)
    assert customer.entry(HIPAA).is_active(date(2025, 6, 1))
    assert customer.count() == 1


def test_the_id_of_a_course_never_changes(customer: Customer) -> None:
    with pytest.raises(ValueError, match="never changes"):
        customer.change(HIPAA, id=PASSWORDS)

    assert customer.entry(HIPAA).course == COURSES[0]


@pytest.mark.parametrize("course", ["", "nothing", "00000001-0000-4000-8000-000000000000"])
def test_an_unknown_course_is_told(customer: Customer, course: str) -> None:
    with pytest.raises(NoSuchCourse):
        customer.entry(course)
    with pytest.raises(NoSuchCourse):
        customer.keep(Entry(replace(COURSES[0], id=course)))


def test_sent_courses_come_first_then_made_up_ones_then_what_is_listed_as_it_is(
    customer: Customer,
) -> None:
    customer.send([HIPAA], licences={}, today=TODAY)
    customer.grow(Growth(2))
    customer.raw = [Raw(None), Raw(7)]

    listed = titles(customer)

    assert listed == [
        COURSES[0].title,
        Growth(2).course(0).title,
        Growth(2).course(1).title,
        None,
        7,
    ]
    assert titles(customer, 1, 4) == listed[1:4]
    assert customer.count() == 5


def test_a_turned_listing_begins_with_what_was_second(customer: Customer) -> None:
    customer.grow(Growth(3))
    first, second, third = titles(customer)

    customer.turned = 1

    assert titles(customer) == [second, third, first]


def test_a_made_up_course_can_be_changed_and_removed_like_any_other(customer: Customer) -> None:
    growth = Growth(3)
    customer.grow(growth)

    customer.change(growth.id_of(1), title="By hand")
    customer.keep(replace(customer.entry(growth.id_of(0)), sent_as=None))

    assert titles(customer) == ["By hand", growth.course(2).title]
    assert customer.count() == 2
    customer.grow(growth)
    assert customer.count() == 3
