"""The admin's pages of what is recorded of everybody: the transcript, and its CSV.

Serves admins. Views only: rows come from `launcher.records.transcripts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, g, render_template, request
from sqlalchemy import Connection

from catalog import store as catalog_store
from catalog.model import ResultStatus
from catalog.store import CourseRow
from launcher import paging
from launcher.db import read, stream
from launcher.explaining import explanations
from launcher.records.listing import SORTS
from launcher.records.transcripts import count, csv_pieces, each, rows

# The courses among which the filter lets one choose.
OFFERED_COURSES = 500


def transcripts() -> str:
    """List what is recorded of everybody, filtered, sorted, by page."""
    filters = _filters()
    sort = _sort()

    def unit(connection: Connection) -> dict[str, Any]:
        most = paging.most()
        total = count(connection, g.academy.id, most=most, **filters)
        page = paging.page(total, counted=most)
        found = rows(
            connection, g.academy.id, sort=sort, limit=page.size, offset=page.offset, **filters
        )
        offered, more = _offered(connection, filters["course_id"])
        return {"page": page, "rows": found, "offered": offered, "more": more}

    facts = read(unit)
    return render_template(
        "admin/transcripts.html",
        hints=explanations.fresh_hints(
            g.academy.id, keys=[(row.learner_id, row.course_id) for row in facts["rows"]]
        ),
        filters=filters,
        filtered=any(value for value in filters.values()),
        sort=sort,
        sort_address=paging.sort_address,
        days=(_day_text("from"), _day_text("to")),
        csv_address=paging.query_of("admin.transcripts_csv"),
        statuses=[status.value for status in ResultStatus],
        **facts,
    )


def _offered(connection: Connection, chosen: int | None) -> tuple[list[CourseRow], int]:
    """Return the courses to filter by, that chosen among them, and how many, where not all are."""
    offered = catalog_store.courses(connection, g.academy.id, limit=OFFERED_COURSES + 1)
    more = OFFERED_COURSES if len(offered) > OFFERED_COURSES else 0
    offered = offered[:OFFERED_COURSES]
    if chosen and chosen not in {row.id for row in offered}:
        found = catalog_store.courses_by_ids(connection, g.academy.id, ids=[chosen])
        offered = [*found.values(), *offered]
    return offered, more


def transcripts_csv() -> Response:
    """Give what the list shows, all pages of it, as a CSV file, piece by piece."""
    academy_id, sort, filters = g.academy.id, _sort(), _filters()
    pieces = stream(
        lambda connection: csv_pieces(each(connection, academy_id, sort=sort, **filters))
    )
    # The first piece is read before anything is answered, so that a failure is still told as one.
    first = next(pieces)

    def body() -> Iterator[bytes]:
        # Without the mark at its start spreadsheets take UTF-8 for the local code page.
        yield first.encode("utf-8-sig")
        for piece in pieces:
            yield piece.encode()

    response = Response(body(), mimetype="text/csv")
    response.call_on_close(pieces.close)
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"transcripts-{g.academy.slug}.csv"
    )
    return response


def _filters() -> dict[str, Any]:
    """Return what the request filters by; what cannot be understood filters nothing."""
    since, until = _day("from"), _day("to")
    status = request.args.get("status", "")
    return {
        "search": paging.search(),
        "course_id": request.args.get("course", type=_id),
        "status": status if status in set(ResultStatus) else None,
        "since": since,
        # The last day counts to its end.
        "until": until + timedelta(days=1) if until else None,
    }


def _id(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError
    return number


def _day(name: str) -> datetime | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
        moment = datetime.combine(day, time(), tzinfo=UTC)
        return moment if moment.year < 9999 else None
    except ValueError:
        return None


def _day_text(name: str) -> str:
    """Return a day of the request as it was typed, where it is one."""
    return request.args[name] if _day(name) else ""


def _sort() -> str:
    asked = request.args.get("sort", "last")
    return asked if asked.removeprefix("-") in SORTS else "last"
