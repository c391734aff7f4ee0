"""What licences and clients say for themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from demo.opensesame.catalogue import COURSES
from demo.opensesame.model import UNLIMITED, Client, Entry, Licence

LAST = date(2025, 6, 2)


def test_a_licence_holds_on_its_last_day_and_not_on_the_next() -> None:
    licence = Licence("Seats", until=LAST)

    assert licence.is_active(LAST)
    assert not licence.is_active(date(2025, 6, 3))
    assert UNLIMITED.is_active(date.max)


def test_a_course_is_active_while_it_is_neither_retired_nor_without_a_licence() -> None:
    ended = COURSES[6]

    assert Entry(COURSES[0]).is_active(LAST)
    assert not Entry(COURSES[0], retired=True).is_active(LAST)
    assert not Entry(ended).is_active(LAST)
    assert Entry(ended).is_active(date(2024, 1, 1))


def test_a_course_is_launched_by_the_licence_it_was_sent_with_while_that_holds() -> None:
    ended, seats, plus = Licence("A", until=date(2025, 1, 1)), Licence("B", seats=5), Licence("C")
    course = replace(COURSES[0], licences=(ended, seats, plus))
    today = date(2025, 6, 2)

    assert Entry(course, sent_as="C").licence(today) == plus
    assert Entry(course, sent_as="A").licence(today) == seats
    assert Entry(course).licence(today) == seats
    assert Entry(replace(COURSES[0], licences=(ended,)), sent_as="A").licence(today) is None


def test_a_vendor_reads_every_customer_and_a_white_label_client_its_own() -> None:
    assert Client("vendor", "x").may_read("anybody")
    assert Client("own", "x", frozenset({"us"})).may_read("us")
    assert not Client("own", "x", frozenset({"us"})).may_read("them")
