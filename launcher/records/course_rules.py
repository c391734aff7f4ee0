"""What an academy decides about the records of a course: retakes, and which attempt counts.

Serves launches, `reckoning`, pages and commands. Keeps the decisions; `recounts` brings the rows of
`progress` up to date with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from hacp.prepared import Prepared
from launcher.once import insert_once
from launcher.schema import Counts, CourseRule


@dataclass(frozen=True, slots=True)
class CourseRules:
    """Whether a unit that is over may be begun anew, and which of a unit's attempts counts."""

    retakes: bool = True
    counts: Counts = Counts.BEST


DEFAULT = CourseRules()

_RULES = Prepared(
    select(CourseRule.retakes, CourseRule.counts).where(
        CourseRule.academy_id == bindparam("academy"), CourseRule.course_id == bindparam("course")
    )
)


def rules_of(connection: Connection, academy_id: int, *, course_id: int) -> CourseRules:
    """Return the rules in force for a course."""
    rows = _RULES.rows(connection, {"academy": academy_id, "course": course_id})
    return CourseRules(rows[0].retakes, Counts(rows[0].counts)) if rows else DEFAULT


def change_rules(
    connection: Connection, academy_id: int, *, course_id: int, rules: CourseRules
) -> bool:
    """Keep new rules; return whether the course's rows of progress have to be counted anew."""
    key = {"academy_id": academy_id, "course_id": course_id}
    said: dict[str, object] = {"retakes": rules.retakes, "counts": rules.counts.value}
    known = select(CourseRule.counts).where(*_here(academy_id, course_id)).with_for_update()
    before = connection.execute(known).scalar_one_or_none()
    if before is None:
        insert_once(connection, insert(CourseRule).values(**key, retakes=True, counts=Counts.BEST))
        before = connection.execute(known).scalar_one()
    anew = Counts(before) is not rules.counts
    if anew:
        said["recount_after"] = 0
    connection.execute(update(CourseRule).where(*_here(academy_id, course_id)).values(said))
    return anew


def _here(academy_id: int, course_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CourseRule.academy_id == academy_id, CourseRule.course_id == course_id
