"""What runs did with each course: the report, read back by run and by course.

Serves the sync, the pages of runs and of courses. Courses that a run found unchanged have no entry.
Takes a connection, never commits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from catalog.bulk import NewRows
from catalog.supply.model import Claim, Entry, Outcome
from catalog.supply.schema import EntryTable

_NEW_ENTRIES = NewRows(
    EntryTable.__table__,
    "academy_id",
    "run_id",
    "number",
    "outcome",
    "key",
    "title",
    "course_id",
    "kind",
    "matched_id",
    "reason",
    "differences",
)


def add(connection: Connection, claimed: Claim, entries: Sequence[Entry], *, first: int) -> None:
    """Keep what became of some courses; `first` is the number of the first of them in the run."""
    _NEW_ENTRIES.add(
        connection,
        (
            (
                claimed.academy_id,
                claimed.run_id,
                number,
                entry.outcome.value,
                entry.key,
                entry.title,
                entry.course_id,
                entry.kind,
                entry.matched_id,
                entry.reason,
                json.dumps(entry.differences) if entry.differences else "[]",
            )
            for number, entry in enumerate(entries, first)
        ),
    )


def entries(
    connection: Connection,
    academy_id: int,
    *,
    run_id: int,
    outcome: Outcome | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Entry]:
    """List what a run did, in its order: all of it, or of one outcome."""
    query = select(EntryTable).where(*_of_run(academy_id, run_id, outcome))
    query = query.order_by(EntryTable.number).limit(limit).offset(offset)
    return [_entry(found) for found in connection.execute(query)]


def count_entries(
    connection: Connection, academy_id: int, *, run_id: int, outcome: Outcome | None = None
) -> int:
    """Count what `entries` lists over all pages."""
    query = select(func.count()).select_from(EntryTable)
    return connection.execute(query.where(*_of_run(academy_id, run_id, outcome))).scalar_one()


def of_course(
    connection: Connection, academy_id: int, *, course_id: int, limit: int = 50
) -> list[tuple[int, Entry]]:
    """Return what runs did with a course, the newest first, each with the run's id."""
    query = (
        select(EntryTable)
        .where(EntryTable.academy_id == academy_id, EntryTable.course_id == course_id)
        .order_by(EntryTable.run_id.desc(), EntryTable.number)
        .limit(limit)
    )
    return [(found.run_id, _entry(found)) for found in connection.execute(query)]


def _of_run(academy_id: int, run_id: int, outcome: Outcome | None) -> list[ColumnElement[bool]]:
    conditions = [EntryTable.academy_id == academy_id, EntryTable.run_id == run_id]
    if outcome is not None:
        conditions.append(EntryTable.outcome == outcome.value)
    return conditions


def _entry(found: Row[Any]) -> Entry:
    return Entry(
        outcome=Outcome(found.outcome),
        key=found.key,
        title=found.title,
        course_id=found.course_id,
        kind=found.kind,
        matched_id=found.matched_id,
        reason=found.reason,
        differences=tuple((one[0], one[1], one[2]) for one in json.loads(found.differences)),
    )
