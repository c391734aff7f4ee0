"""Content that updates have replaced: which of it nobody needs any more.

Serves `versions`, which notes it in the transaction of the update, and the sweep, which takes it
off the shelf. Knows no shelf: only what was noted is ever swept, never what is on its way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, exists, insert, select
from sqlalchemy.orm import aliased

from catalog.schema import CourseTable, ReplacedTable, StructureTable

# A version without a folder of its own has the content of its course's row.
_NAMED: Any = case(
    (StructureTable.folder.is_(None), CourseTable.content_key), else_=StructureTable.content_key
)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Content that a course had. It is `free` where nothing names or may still use it."""

    content_key: str
    course_id: int
    free: bool


def note(connection: Connection, versions: Iterable[tuple[int, int]], *, now: datetime) -> None:
    """Note the content of versions, as pairs of course and version, that are about to get other."""
    for course_id, version in versions:
        key = connection.execute(
            select(_NAMED)
            .select_from(StructureTable)
            .join(CourseTable, CourseTable.id == StructureTable.course_id)
            .where(StructureTable.course_id == course_id, StructureTable.version == version)
        ).scalar_one_or_none()
        if key is None:
            continue
        of_key = (ReplacedTable.content_key == key, ReplacedTable.course_id == course_id)
        connection.execute(delete(ReplacedTable).where(*of_key))
        connection.execute(
            insert(ReplacedTable).values(content_key=key, course_id=course_id, replaced_at=now)
        )


def due(connection: Connection, *, before: datetime, limit: int = 100) -> list[Replaced]:
    """Return what was replaced before a time, of any academy, the oldest first.

    Courses of one package share their content: it is free when the last of them has other, also
    since before that time. Nothing ever names content again that nothing names.
    """
    other = aliased(ReplacedTable)
    named = exists().where(
        CourseTable.id == StructureTable.course_id, ReplacedTable.content_key == _NAMED
    )
    lately = exists().where(
        other.content_key == ReplacedTable.content_key, other.replaced_at >= before
    )
    query = (
        select(ReplacedTable.content_key, ReplacedTable.course_id, (~named & ~lately).label("free"))
        .where(ReplacedTable.replaced_at < before)
        .order_by(ReplacedTable.replaced_at, ReplacedTable.content_key, ReplacedTable.course_id)
        .limit(limit)
    )
    return [
        Replaced(found.content_key, found.course_id, bool(found.free))
        for found in connection.execute(query)
    ]


def forget(connection: Connection, seen: Replaced) -> None:
    """Note that it was seen to: taken off the shelf, or left for another course's row to say so."""
    connection.execute(
        delete(ReplacedTable).where(
            ReplacedTable.content_key == seen.content_key,
            ReplacedTable.course_id == seen.course_id,
        )
    )
