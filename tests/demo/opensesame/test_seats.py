"""Seats: taken by learners and not by launches, and by nobody who was refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.opensesame.model import Launch, Licence, Opening
from demo.opensesame.seats import seats

AT = datetime(2025, 6, 2, tzinfo=UTC)


def launch(student_id: str | None, course: str = "c", opening: Opening = Opening.OPEN) -> Launch:
    return Launch(f"{student_id}", "ciid", course, AT, opening, student_id)


LAUNCHES = [
    launch("jo"),
    launch("jo"),
    launch(None),
    launch("lee", opening=Opening.NO_SEAT),
    launch("kim", course="another"),
    launch("max"),
]


def test_a_seat_is_a_learners_however_often_they_launch() -> None:
    counted = seats(Licence("Seats", seats=3), LAUNCHES, "c")

    assert (counted.total, counted.takers) == (3, ("jo", "max"))
    assert [counted.holds(one) for one in ("jo", "max", "lee", None)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("licence", "full"),
    [
        (Licence("Seats", seats=3), False),
        (Licence("Seats", seats=2), True),
        (Licence("Seats", seats=1), True),
        (Licence("Unlimited"), False),
        (None, False),
    ],
)
def test_it_is_full_when_as_many_learners_came_as_there_are_seats(licence, full) -> None:
    assert seats(licence, LAUNCHES, "c").is_full is full
