"""Versions of a course's structure: what changes in place, and what makes a new one.

Serves `provided_courses` and `intake`. A new set of units is a new version, so that learners in the
middle of the course keep theirs (`launcher.records.versions`). Takes a connection, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from catalog import replaced as replaced_content
from catalog.document import dump_document, parse_document
from catalog.model import Course
from catalog.schema import CourseTable, StructureTable
from catalog.store import course_values


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a course that is in force, and which version that is."""

    course_id: int
    version: int
    course: Course


def structures(
    connection: Connection, academy_id: int, *, course_ids: Sequence[int]
) -> dict[int, Structure]:
    """Return the structures in force of some courses of the academy, by course."""
    newest = (
        select(StructureTable.course_id, func.max(StructureTable.version).label("version"))
        .where(StructureTable.course_id.in_(course_ids))
        .group_by(StructureTable.course_id)
        .subquery()
    )
    query = (
        select(StructureTable.course_id, StructureTable.version, StructureTable.document)
        .join(
            newest,
            (newest.c.course_id == StructureTable.course_id)
            & (newest.c.version == StructureTable.version),
        )
        .join(CourseTable, CourseTable.id == StructureTable.course_id)
        .where(CourseTable.academy_id == academy_id)
    )
    return {
        found.course_id: Structure(found.course_id, found.version, parse_document(found.document))
        for found in connection.execute(query)
    }


def change(
    connection: Connection,
    academy_id: int,
    courses: Mapping[int, Course],
    *,
    content: tuple[str | None, str] | None = None,
    now: datetime,
) -> list[int]:
    """Give courses other structures; return those that got a new version by it.

    Where the units' ids are the same, running attempts still fit and the version in force is
    replaced; else a new one is made. `content` is the key on the
    shelf and the folder of what is launched from here; None leaves the content as it is.
    """
    before = structures(connection, academy_id, course_ids=list(courses))
    replaced: list[dict[str, Any]] = []
    renewed: list[dict[str, Any]] = []
    for course_id, course in courses.items():
        known = before.get(course_id)
        if known is None or (known.course == course and content is None):
            continue
        row: dict[str, Any] = {
            "course_id": course_id,
            "version": known.version,
            "document": dump_document(course),
        }
        if content is not None:
            row |= {"content_key": content[0], "folder": content[1]}
        if unit_ids(known.course) == unit_ids(course):
            replaced.append(row)
        else:
            new = {"content_key": None, "folder": None, **row, "version": known.version + 1}
            renewed.append(new)
    if content is not None:
        named = [(row["course_id"], row["version"]) for row in replaced]
        replaced_content.note(connection, named, now=now)
    _replace(connection, replaced, with_content=content is not None)
    if renewed:
        connection.execute(insert(StructureTable), renewed)
    _follow(connection, academy_id, {number: courses[number] for number in before}, now=now)
    return [row["course_id"] for row in renewed]


def unit_ids(course: Course) -> frozenset[str]:
    """Return what attempts refer to: the ids of the units."""
    return frozenset(unit.system_id for unit in course.units)


def _replace(
    connection: Connection, rows: Sequence[Mapping[str, object]], *, with_content: bool
) -> None:
    if not rows:
        return
    columns = ["document", *(["content_key", "folder"] if with_content else [])]
    statement = (
        update(StructureTable)
        .where(
            StructureTable.course_id == bindparam("of_course"),
            StructureTable.version == bindparam("of_version"),
        )
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    connection.execute(
        statement,
        [
            {
                "of_course": row["course_id"],
                "of_version": row["version"],
                **{f"new_{name}": row[name] for name in columns},
            }
            for row in rows
        ],
    )


def _follow(
    connection: Connection, academy_id: int, courses: Mapping[int, Course], *, now: datetime
) -> None:
    """Let the courses' own rows say what their structures say."""
    rows = [
        {"of_course": number, "new_updated_at": now}
        | {f"new_{name}": value for name, value in course_values(course).items()}
        for number, course in courses.items()
    ]
    if not rows:
        return
    names = [name.removeprefix("new_") for name in rows[0] if name != "of_course"]
    connection.execute(
        update(CourseTable)
        .where(CourseTable.academy_id == academy_id, CourseTable.id == bindparam("of_course"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        rows,
    )
