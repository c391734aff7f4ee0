"""The transcript as lists show it: one row per learner and course, filtered, sorted and exported.

Serves the learner's and the admin's pages and the command line with the same rows. Reads only: the
rows themselves are kept by `launcher.records.progress`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import Connection, Select, and_, select

from catalog.schema import CourseTable
from launcher.records import listing
from launcher.records.listing import Filters, Order
from launcher.schema import Account, Membership, Progress

Rows = Select[*tuple[Any, ...]]

# Rows fetched at a time while a whole transcript is written out.
EXPORT_BATCH = 500
# So many characters of CSV are sent at a time.
CSV_PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """What is recorded of one learner in one course; `percent` is 0 to 100, or None.

    `by_hand` tells that an admin's word counts in it, for the course or for one of its units.
    `archived_at` is when the course was archived, None where it is not.
    """

    learner_id: int
    learner: str
    email: str
    student_id: str
    course_id: int
    aicc_course_id: str
    course: str
    status: str
    percent: float | None
    seconds: float
    attempts: int
    first_at: datetime | None
    last_at: datetime | None
    completed_at: datetime | None
    by_hand: bool
    archived_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Give the row as plain values for JSON and CSV; times are ISO 8601 in UTC."""
        values = {name: getattr(self, name) for name in CSV_COLUMNS}
        for name in ("first_at", "last_at", "completed_at", "archived_at"):
            values[name] = _iso(values[name])
        return values


CSV_COLUMNS = tuple(TranscriptRow.__dataclass_fields__)


def rows(
    connection: Connection,
    academy_id: int,
    *,
    sort: str = "last",
    limit: int | None = None,
    offset: int = 0,
    **filters: Any,
) -> list[TranscriptRow]:
    """Return the rows that fit, sorted by a name of `SORTS`, with "-" before it turned around.

    `filters` are those of `listing.Filters`. A sort that does not exist means "last".
    """
    if limit is None:
        ordered = _ordered(connection, academy_id, Filters(**filters), sort=sort)
        return list(_read(connection, ordered))[offset:]
    keys = listing.keys(
        connection, academy_id, Filters(**filters), sort=sort, limit=limit, offset=offset
    )
    if not keys:
        return []
    here = _every(academy_id).where(*listing.these(keys))
    found = {(row.learner_id, row.course_id): row for row in _read(connection, here)}
    return [found[key] for key in keys if key in found]


def each(
    connection: Connection, academy_id: int, *, sort: str = "last", **filters: Any
) -> Iterator[TranscriptRow]:
    """Yield the same as `rows` without holding all of it: for exports."""
    ordered = _ordered(connection, academy_id, Filters(**filters), sort=sort)
    yield from _read(connection, ordered.execution_options(yield_per=EXPORT_BATCH))


def count(
    connection: Connection, academy_id: int, *, most: int | None = None, **filters: Any
) -> int:
    """Count the rows that `rows` would return without a limit; counting stops at `most`."""
    return listing.count(connection, academy_id, Filters(**filters), most=most)


def write_csv(stream: TextIO, transcript: Iterable[TranscriptRow]) -> None:
    """Write the rows as CSV under a line of column names (RFC 4180: CRLF, quotes where needed).

    A spreadsheet runs a cell that begins like a formula; such text gets an apostrophe in front.
    """
    for lines in csv_pieces(transcript):
        stream.write(lines)


def csv_pieces(transcript: Iterable[TranscriptRow]) -> Iterator[str]:
    """Yield the same in pieces of some lines, as the rows come."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(CSV_COLUMNS)
    for row in transcript:
        writer.writerow(_harmless(value) for value in row.as_dict().values())
        if lines.tell() > CSV_PIECE:
            yield lines.getvalue()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue()


def _ordered(connection: Connection, academy_id: int, filters: Filters, *, sort: str) -> Rows:
    """Select all rows that fit, sorted by the database."""
    fit = listing.conditions(connection, academy_id, filters)
    return _every(academy_id).where(*fit).order_by(*Order.of(sort, filters).whole(Progress))


def _read(connection: Connection, wanted: Rows) -> Iterator[TranscriptRow]:
    for row in connection.execute(wanted):
        yield TranscriptRow(*row)


def _every(academy_id: int) -> Rows:
    """Select the rows of one academy, in the order of TranscriptRow's fields."""
    return (
        select(
            Progress.learner_id,
            Membership.name,
            Account.email,
            Membership.student_id,
            Progress.course_id,
            CourseTable.aicc_id,
            CourseTable.title,
            Progress.status,
            Progress.percent,
            Progress.seconds,
            Progress.attempts,
            Progress.first_at,
            Progress.last_at,
            Progress.completed_at,
            Progress.by_hand,
            CourseTable.archived_at,
        )
        .join_from(
            Progress,
            Membership,
            and_(
                Membership.id == Progress.learner_id, Membership.academy_id == Progress.academy_id
            ),
        )
        .join(Account, Account.id == Membership.account_id)
        .join(
            CourseTable,
            and_(
                CourseTable.id == Progress.course_id,
                CourseTable.academy_id == Progress.academy_id,
            ),
        )
        .where(Progress.academy_id == academy_id)
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _harmless(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA_STARTS):
        return "'" + value
    return value


# OWASP, CSV injection; tab and carriage return are stripped by some spreadsheets first.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
