"""Mastery scores that an academy has set in place of what a course's files say.

Serves launches, which hand them out, and the pages and commands that set them. What is recorded is
not judged anew: a ticket holds the score of its launch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from catalog.model import AssignableUnit
from launcher.schema import UnitMastery


@dataclass(frozen=True, slots=True)
class SetMastery:
    """A mastery score of a unit that somebody set; None means that nothing is judged by a score.

    `set_by` is a person's name, empty where it was the operator.
    """

    score: Decimal | None
    set_by: str
    set_at: datetime


def mastery_set(
    connection: Connection, academy_id: int, *, course_id: int
) -> dict[str, SetMastery]:
    """Return what was set in a course, by unit."""
    rows = connection.execute(
        select(UnitMastery.au_id, UnitMastery.score, UnitMastery.set_by, UnitMastery.set_at).where(
            UnitMastery.academy_id == academy_id, UnitMastery.course_id == course_id
        )
    )
    return {
        row.au_id: SetMastery(
            Decimal(row.score) if row.score is not None else None, row.set_by, row.set_at
        )
        for row in rows
    }


def in_force(unit: AssignableUnit, known: Mapping[str, SetMastery]) -> Decimal | None:
    """Return the mastery score that a launch hands out now."""
    found = known.get(unit.system_id)
    return found.score if found is not None else unit.mastery_score


def set_mastery(
    connection: Connection, academy_id: int, *, course_id: int, au_id: str, mastery: SetMastery
) -> None:
    """Set a unit's mastery score in place of its course's own."""
    use_own(connection, academy_id, course_id=course_id, au_id=au_id)
    connection.execute(
        insert(UnitMastery).values(
            academy_id=academy_id,
            course_id=course_id,
            au_id=au_id,
            score=f"{mastery.score:f}" if mastery.score is not None else None,
            set_by=mastery.set_by,
            set_at=mastery.set_at,
        )
    )


def use_own(connection: Connection, academy_id: int, *, course_id: int, au_id: str) -> bool:
    """Go back to what the course's files say; return False where nothing was set."""
    gone = connection.execute(delete(UnitMastery).where(*_here(academy_id, course_id, au_id)))
    return gone.rowcount > 0


def _here(academy_id: int, course_id: int, au_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        UnitMastery.academy_id == academy_id,
        UnitMastery.course_id == course_id,
        UnitMastery.au_id == au_id,
    )
