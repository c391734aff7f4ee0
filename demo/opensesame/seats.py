"""Seats of a licence: who has taken them, and whether one more launch finds its own or a free one.

Serves `launching` and `editing`. Pure: launches in, an answer out. A seat is taken by the id that
the learning server gives a learner, for good and by whoever launched first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from demo.opensesame.model import Launch, Licence, Opening


@dataclass(frozen=True, slots=True)
class Seats:
    """What a licence grants for one course: `total` None is any number, `takers` are learners."""

    total: int | None
    takers: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """Tell whether nobody else may begin."""
        return self.total is not None and len(self.takers) >= self.total

    def holds(self, student_id: str | None) -> bool:
        """Tell whether this learner has a seat already."""
        return student_id is not None and student_id in self.takers


def seats(licence: Licence | None, launches: Iterable[Launch], course_id: str) -> Seats:
    """Count the seats of a course by its launches that were let in, the first learner first."""
    takers = dict.fromkeys(
        one.student_id
        for one in launches
        if one.course_id == course_id and one.opening is Opening.OPEN and one.student_id
    )
    return Seats(licence.seats if licence else None, tuple(takers))
