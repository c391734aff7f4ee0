"""The inbox: a delivery is noted once, pulled by one run, and says what became of each course."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.errors import NothingToDecide
from catalog.store import Transact
from catalog.supply import deliveries
from catalog.supply.model import Delivered, Delivery, DeliveryState, Outcome

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
COURSES = [Delivered("key-1", "Annual"), Delivered("key-2")]


def receive(
    transact: Transact,
    delivery_id: str = "d-1",
    courses: list[Delivered] = COURSES,
    academy_id: int = 1,
) -> int | None:
    return transact(
        lambda connection: deliveries.receive(
            connection, academy_id, delivery_id=delivery_id, courses=courses, now=NOW
        )
    )


def received(transact: Transact, **more: object) -> int:
    number = receive(transact)
    assert number is not None
    return number


def ask(transact: Transact, number: int) -> Delivery:
    found = transact(lambda connection: deliveries.delivery(connection, 1, delivery=number))
    assert found is not None
    return found


def named(transact: Transact, number: int) -> list[Delivered]:
    return transact(lambda connection: deliveries.delivered(connection, 1, delivery=number))


def test_a_delivery_is_noted_with_its_courses(transact: Transact) -> None:
    number = received(transact)
    noted = ask(transact, number)
    assert (noted.delivery_id, noted.state, noted.course_count) == (
        "d-1",
        DeliveryState.RECEIVED,
        2,
    )
    assert named(transact, number) == COURSES


def test_a_repeated_delivery_is_not_noted_again(transact: Transact) -> None:
    number = received(transact)
    assert receive(transact, courses=[Delivered("key-3")]) is None
    assert named(transact, number) == COURSES
    assert transact(lambda connection: deliveries.count_deliveries(connection, 1)) == 1


def test_the_same_delivery_id_may_come_to_another_academy(transact: Transact) -> None:
    received(transact)
    other = receive(transact, academy_id=2)
    assert other is not None
    assert transact(lambda connection: deliveries.delivery(connection, 1, delivery=other)) is None


def test_a_course_named_twice_is_one_course(transact: Transact) -> None:
    number = receive(transact, courses=[Delivered("key-1"), Delivered("key-1", "Seats")])
    assert number is not None
    assert named(transact, number) == [Delivered("key-1", "Seats")]


def test_a_run_takes_up_what_was_received_and_reports_on_it(transact: Transact) -> None:
    assert not transact(lambda c: deliveries.is_waiting(c, 1))
    number = received(transact)
    assert transact(lambda c: deliveries.is_waiting(c, 1))
    assert not transact(lambda c: deliveries.is_waiting(c, 2))
    assert transact(lambda c: deliveries.take_up(c, 1, run_id=7)) == [number]
    assert not transact(lambda c: deliveries.is_waiting(c, 1))
    assert transact(lambda c: deliveries.keys_of(c, 1, run_id=7)) == {"key-1", "key-2"}
    became = Delivered("key-1", outcome=Outcome.NEW, course_id=5, title="Five", reason="It is new.")
    transact(lambda c: deliveries.report(c, 1, run_id=7, became={"key-1": became}))
    counted = transact(lambda c: deliveries.count_outcomes(c, 1, deliveries=[number, 99]))
    assert counted == {number: {Outcome.NEW: 1, None: 1}}
    chosen = transact(lambda c: deliveries.delivered(c, 1, delivery=number, outcome=Outcome.NEW))
    assert [course.key for course in chosen] == ["key-1"]
    transact(lambda c: deliveries.finish(c, 1, run_id=7, now=NOW + timedelta(seconds=3)))
    assert ask(transact, number).state is DeliveryState.DONE
    reported = {course.key: course for course in named(transact, number)}
    assert reported["key-1"].course_id == 5
    # What the push said of the licence stays beside what came of it.
    assert reported["key-1"].licence_type == "Annual"


def test_what_comes_while_a_run_reads_waits_for_the_next(transact: Transact) -> None:
    received(transact)
    transact(lambda c: deliveries.take_up(c, 1, run_id=7))
    second = receive(transact, "d-2")
    transact(lambda c: deliveries.finish(c, 1, run_id=7, now=NOW))
    assert second is not None
    assert ask(transact, second).state is DeliveryState.RECEIVED
    assert transact(lambda c: deliveries.take_up(c, 1, run_id=8)) == [second]


def test_a_failed_delivery_says_why_and_can_be_tried_again(transact: Transact) -> None:
    number = received(transact)
    transact(lambda c: deliveries.take_up(c, 1, run_id=7))
    transact(lambda c: deliveries.finish(c, 1, run_id=7, failure="Nobody answered.", now=NOW))
    failed = ask(transact, number)
    assert (failed.state, failed.sentence) == (DeliveryState.FAILED, "Nobody answered.")
    transact(lambda c: deliveries.retry(c, 1, delivery=number))
    assert ask(transact, number).state is DeliveryState.RECEIVED
    assert transact(lambda c: deliveries.take_up(c, 1, run_id=8)) == [number]


def test_a_delivery_on_its_way_is_not_tried_twice(transact: Transact) -> None:
    number = received(transact)
    with pytest.raises(NothingToDecide):
        transact(lambda c: deliveries.retry(c, 1, delivery=number))
    with pytest.raises(NothingToDecide):
        transact(lambda c: deliveries.retry(c, 2, delivery=number))


def test_deliveries_are_listed_the_newest_first(transact: Transact) -> None:
    numbers = [receive(transact, f"d-{n}", []) for n in range(3)]
    page = transact(lambda c: deliveries.deliveries(c, 1, limit=2, offset=1))
    assert [one.id for one in page] == [numbers[1], numbers[0]]
