"""The admin's pages of what is recorded: everybody's transcript, its CSV, and one attempt whole.

Serves admins. Views only: rows come from `launcher.records.transcripts`, conversations from hacp.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, abort, g, render_template, request, send_file
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection
from werkzeug.routing import IntegerConverter, Map

from catalog import store as catalog_store
from catalog.model import ResultStatus
from hacp import store as hacp_store
from hacp.messages import parse_request
from hacp.model import Attempt, Exchange, Session
from launcher import config, paging
from launcher.db import read
from launcher.explaining import cases, explanations, handover
from launcher.explaining.explanations import Explained
from launcher.people import accounts
from launcher.records.transcripts import SORTS, count, each, rows, write_csv

# A conversation of a long course; more of it is asked for by the last id.
EXCHANGES_PER_PAGE = 200
# What is longer than this stands behind a line to click, so that the page can be read as a whole.
LONG_TEXT = 600
# The courses among which the filter lets one choose.
OFFERED_COURSES = 500
# Records of the hacp wing are numbered with 63 bits (`hacp.ids`).
LARGEST_RECORD = 2**63 - 1


class RecordConverter(IntegerConverter):
    """`<record:...>` in an address: the number of an attempt."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_RECORD)


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange as the page shows it: raw, and the request as it was understood.

    `number` counts the attempt's exchanges from 1.
    """

    number: int
    exchange: Exchange
    request: str
    decoded: str
    reply: str

    @property
    def long(self) -> bool:
        """Whether it stands behind a line to click."""
        return max(len(self.request), len(self.decoded), len(self.reply)) > LONG_TEXT


def add_record_converter(state: BlueprintSetupState) -> None:
    """Teach the application the addresses of records."""
    state.app.url_map.converters["record"] = RecordConverter


def transcripts() -> str:
    """List what is recorded of everybody, filtered, sorted, by page."""
    filters = _filters()
    sort = _sort()

    def unit(connection: Connection) -> dict[str, Any]:
        page = paging.page(count(connection, g.academy.id, **filters))
        found = rows(
            connection, g.academy.id, sort=sort, limit=page.size, offset=page.offset, **filters
        )
        offered = catalog_store.courses(connection, g.academy.id, limit=OFFERED_COURSES)
        return {"page": page, "rows": found, "offered": offered}

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


def transcripts_csv() -> Response:
    """Give what the list shows, all pages of it, as a CSV file."""
    file = io.BytesIO()
    # Without the mark at its start spreadsheets take UTF-8 for the local code page.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")

    def unit(connection: Connection) -> None:
        write_csv(text, each(connection, g.academy.id, sort=_sort(), **_filters()))

    read(unit)
    text.detach()
    file.seek(0)
    return send_file(
        file,
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"transcripts-{g.academy.slug}.csv",
    )


def attempt(attempt_id: int) -> str:
    """Show one attempt: what is recorded, every session, every exchange."""
    after = max(0, request.args.get("after", default=0, type=int))

    def unit(connection: Connection) -> dict[str, Any]:
        found = hacp_store.attempt(connection, g.academy.id, attempt_id=attempt_id)
        if found is None:
            abort(404)
        exchanges = hacp_store.exchanges_of(
            connection,
            g.academy.id,
            attempt_id=attempt_id,
            limit=EXCHANGES_PER_PAGE + 1,
            after=min(after, LARGEST_RECORD),
        )
        stored = catalog_store.course(connection, g.academy.id, course_id=found.course_id)
        first = exchanges[0].id if exchanges else 0
        return {
            "attempt": found,
            "explained": _explained(connection, found),
            "first_number": cases.count_until(
                connection, g.academy.id, attempt_id=attempt_id, exchange_id=first
            ),
            "sessions": hacp_store.sessions_of(connection, g.academy.id, attempt_id=attempt_id),
            "exchanges": exchanges,
            "person": accounts.member(connection, g.academy.id, learner_id=found.learner_id),
            "stored": stored,
            "au": stored.course.unit(found.au_id) if stored is not None else None,
        }

    facts = read(unit)
    exchanges: list[Exchange] = facts.pop("exchanges")
    shown = exchanges[:EXCHANGES_PER_PAGE]
    first_number: int = facts.pop("first_number")
    return render_template(
        "admin/attempt.html",
        exchanges=[
            _shown(exchange, number=number)
            for number, exchange in enumerate(shown, start=first_number)
        ],
        in_sight={exchange.id for exchange in shown},
        numbers=_numbers(facts["sessions"]),
        after=after,
        more=shown[-1].id if len(exchanges) > EXCHANGES_PER_PAGE else None,
        **facts,
    )


def explanation(attempt_id: int) -> Response:
    """Give what was found in an attempt, with every exchange, as a text file for the vendor."""
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="utf-8")

    def unit(connection: Connection) -> Attempt:
        found = hacp_store.attempt(connection, g.academy.id, attempt_id=attempt_id)
        if found is None:
            abort(404)
        handover.write(
            text,
            connection,
            g.academy.id,
            attempt=found,
            explained=_explained(connection, found),
            now=datetime.now(UTC),
        )
        return found

    read(unit)
    text.detach()
    file.seek(0)
    return send_file(
        file,
        mimetype="text/plain; charset=utf-8",
        as_attachment=True,
        download_name=f"attempt-{attempt_id}.txt",
    )


def _explained(connection: Connection, found: Attempt) -> Explained:
    return explanations.of_attempt(
        connection, g.academy.id, attempt=found, content_url=config.current().content_url
    )


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


def _shown(exchange: Exchange, *, number: int) -> Shown:
    understood = parse_request(
        exchange.request,
        query=exchange.query,
        content_type=exchange.content_type,
        method=exchange.method,
    )
    raw = exchange.request or exchange.query
    return Shown(
        number,
        exchange,
        request=raw.decode("utf-8", "backslashreplace"),
        decoded=understood.aicc_data or "",
        reply=exchange.reply.decode("utf-8", "backslashreplace"),
    )


def _numbers(sessions: list[Session]) -> dict[int, int]:
    """Number the sessions from 1, for people: by their ids."""
    return {session.id: number for number, session in enumerate(sessions, start=1)}
