"""Archiving a course and taking it back: the state itself, kept in the course's row.

Serves pages, commands and the sync. Takes a connection, never commits, and tells whoever listens in
the same transaction; what becomes of running sessions is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from catalog.model import Archived, ArchiveReason
from catalog.schema import CourseTable
from catalog.signals import course_archived, course_reactivated
from catalog.store import MAX_ID, archived_of
from catalog.supply.schema import ItemTable
from catalog.sync.plan import MISSES_UNTIL_REMOVED


def archive(
    connection: Connection,
    academy_id: int,
    *,
    course_id: int,
    reason: ArchiveReason,
    by: int | None,
    now: datetime,
) -> bool:
    """Archive a course of the academy; False where there is none or it is archived already.

    An archived course keeps its first reason: one that an admin archived does not become the
    provider's to reactivate.
    """
    values = {"archived_at": now, "archive_reason": reason.value, "archived_by": by}
    if not _change(connection, academy_id, course_id, CourseTable.archived_at.is_(None), values):
        return False
    told: dict[str, Any] = {"academy_id": academy_id, "course_id": course_id, "by": by, "now": now}
    course_archived.send(connection.dialect, connection=connection, **told)
    return True


def reactivate(
    connection: Connection, academy_id: int, *, course_id: int, by: int | None, now: datetime
) -> bool:
    """Take an archived course back; False where there is none or it is not archived."""
    values = {"archived_at": None, "archive_reason": None, "archived_by": None}
    archived = CourseTable.archived_at.is_not(None)
    if not _change(connection, academy_id, course_id, archived, values):
        return False
    _remember_overruling(connection, academy_id, course_id)
    told: dict[str, Any] = {"academy_id": academy_id, "course_id": course_id, "by": by, "now": now}
    course_reactivated.send(connection.dialect, connection=connection, **told)
    return True


def archived(connection: Connection, academy_id: int, *, course_id: int) -> Archived | None:
    """Return why a course is archived, as it stands now; None where it is not, or is none."""
    query = select(
        CourseTable.archive_reason, CourseTable.archived_at, CourseTable.archived_by
    ).where(*_key(academy_id, course_id))
    found = connection.execute(query).one_or_none()
    return None if found is None else archived_of(found)


def archived_among(
    connection: Connection, academy_id: int, course_ids: Iterable[int | None]
) -> set[int]:
    """Return those of some courses that are archived; None, for a course not known, is none."""
    query = select(CourseTable.id).where(
        CourseTable.academy_id == academy_id,
        CourseTable.id.in_({one for one in course_ids if one is not None}),
        CourseTable.archived_at.is_not(None),
    )
    return set(connection.execute(query).scalars())


def _remember_overruling(connection: Connection, academy_id: int, course_id: int) -> None:
    """Note that the course is open against its provider's word, as `plan.overrules` has it.

    Else the next sync would archive it again at once. The sync, which stores the provider's new
    word before it reactivates, overrules nobody.
    """
    silent = ItemTable.missed >= MISSES_UNTIL_REMOVED
    connection.execute(
        update(ItemTable)
        .where(
            ItemTable.academy_id == academy_id,
            ItemTable.course_id == course_id,
            or_(~ItemTable.active, silent),
        )
        .values(overruled=True)
    )


def _change(
    connection: Connection,
    academy_id: int,
    course_id: int,
    before: ColumnElement[bool],
    values: Mapping[str, object],
) -> bool:
    """Write the row where it is as expected. It stays locked, so who comes second sees it done."""
    if not 0 < course_id <= MAX_ID:
        return False
    statement = update(CourseTable).where(*_key(academy_id, course_id), before).values(values)
    return connection.execute(statement).rowcount == 1


def _key(academy_id: int, course_id: int) -> tuple[ColumnElement[bool], ...]:
    return CourseTable.academy_id == academy_id, CourseTable.id == course_id
