"""The admin's page of one attempt: what is recorded, why, and every exchange, live while it runs.

Serves admins. Views only: conversations come from hacp, their words from `launcher.explaining`. No
page holds more than beginnings of what content said; the whole is a download away.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, g, render_template, request, send_file
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection
from werkzeug.routing import IntegerConverter, Map

from hacp import archive, trace
from hacp import store as hacp_store
from hacp.documents import KINDS
from hacp.life import phase_at
from hacp.messages import parse_request
from hacp.model import Attempt, Exchange, Phase, Session
from hacp.records import Kept, Record
from hacp.trace import Glimpse
from launcher import config, paging
from launcher.admin.archiving import held_work
from launcher.db import read
from launcher.explaining import cases, explanations, handover
from launcher.explaining.explanations import Explained
from launcher.explaining.reading import Reading, read_exchange
from launcher.numbers import parse_wide_id
from launcher.people import accounts
from launcher.previews import is_preview
from launcher.records.versions import course_for

# A conversation of a long course; more of it is asked for by the last id.
EXCHANGES_PER_PAGE = 50
# What of a request and a reply a page shows, in bytes; on a page of its own more of it.
GLIMPSE = 2000
WHOLE_GLIMPSE = 64 * 1024
# What is longer than this stands behind a line to click, so that the page can be read as a whole.
LONG_TEXT = 600
# So many comments, answers and the like stand on the attempt's page; the rest is a page away.
PEEK = 10
RECORDS_PER_PAGE = 50
# Records of the hacp wing are numbered with 63 bits (`hacp.ids`).
LARGEST_RECORD = 2**63 - 1
# Where a session may still be heard.
OPEN = frozenset({Phase.LAUNCHED, Phase.TALKING, Phase.EXITED, Phase.OVERTAKEN})


class RecordConverter(IntegerConverter):
    """`<record:...>` in an address: the number of an attempt."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_RECORD)


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange as a page shows it: in plain words, and the bytes as far as they are shown.

    `number` counts the attempt's exchanges from 1. `left_out` is the exchange whose suspend data
    belongs into the reply.
    """

    number: int
    exchange: Exchange
    reading: Reading
    request: str
    reply: str
    cut: bool = False
    left_out: int | None = None

    @property
    def long(self) -> bool:
        """Whether it stands behind a line to click."""
        fields = len(self.reading.asked) + len(self.reading.answered)
        return max(len(self.request), len(self.reply), 20 * fields) > LONG_TEXT


@dataclass(frozen=True, slots=True)
class Beside:
    """What was said beside the result, of one kind: how much, and the first of it."""

    kind: str
    count: int
    records: Sequence[Kept[Record]]


def add_record_converter(state: BlueprintSetupState) -> None:
    """Teach the application the addresses of records."""
    state.app.url_map.converters["record"] = RecordConverter


def attempt(attempt_id: int) -> str:
    """Show one attempt: what is recorded, every session, every exchange."""
    facts = read(lambda connection: _facts(connection, attempt_id, after=_after()))
    return render_template("admin/attempt.html", **facts)


def trace_of(attempt_id: int) -> tuple[str, int]:
    """Give what is new behind an exchange, as a piece of the page; nothing while there is none."""

    def unit(connection: Connection) -> dict[str, Any] | None:
        found = _found(connection, attempt_id)
        newest = trace.newest_id(connection, g.academy.id, attempt_id=attempt_id)
        sessions = hacp_store.sessions_of(connection, g.academy.id, attempt_id=attempt_id)
        if newest <= _after() and _live(found, sessions):
            return None
        return _facts(connection, attempt_id, after=_after())

    facts = read(unit)
    return (render_template("admin/attempt_news.html", **facts), 200) if facts else ("", 204)


def exchange(attempt_id: int, exchange_id: int) -> str:
    """Show one exchange on a page of its own, with much more of it."""

    def unit(connection: Connection) -> dict[str, Any]:
        found = _found(connection, attempt_id)
        glimpses = trace.glimpses_of(
            connection,
            g.academy.id,
            attempt_id=attempt_id,
            after=exchange_id - 1,
            limit=1,
            most=WHOLE_GLIMPSE,
        )
        if not glimpses or glimpses[0].exchange.id != exchange_id:
            abort(404)
        number = cases.count_until(
            connection, g.academy.id, attempt_id=attempt_id, exchange_id=exchange_id
        )
        sessions = hacp_store.sessions_of(connection, g.academy.id, attempt_id=attempt_id)
        return {
            "attempt": found,
            "shown": _shown(glimpses[0], number=number),
            "glimpse": glimpses[0],
            "numbers": _numbers(sessions),
            **_around(connection, found),
        }

    return render_template("admin/exchange.html", **read(unit))


def exchange_part(attempt_id: int, exchange_id: int, part: str) -> Response:
    """Give one part of an exchange whole, byte for byte, as a file."""

    def unit(connection: Connection) -> bytes:
        _found(connection, attempt_id)
        found = trace.whole_of(
            connection, g.academy.id, attempt_id=attempt_id, exchange_id=exchange_id
        )
        if found is None:
            abort(404)
        return _part(found, part)

    return _download(read(unit), name=f"exchange-{exchange_id}-{part}.txt")


def suspend_data(attempt_id: int) -> Response:
    """Give an attempt's suspend data, as the next launch would get it, as a file."""
    found = read(lambda connection: _found(connection, attempt_id))
    return _download(found.suspend_data.encode(), name=f"attempt-{attempt_id}-suspend-data.txt")


def records(attempt_id: int, kind: str) -> str:
    """List what was said beside the result, of one kind, by page."""

    def unit(connection: Connection) -> dict[str, Any]:
        found = _found(connection, attempt_id)
        counts = trace.count_records(connection, g.academy.id, attempt_id=attempt_id)
        page = paging.page(counts.get(kind, 0), size=RECORDS_PER_PAGE)
        listed = _records(connection, attempt_id, kind, limit=page.size, offset=page.offset)
        return {
            "attempt": found,
            "page": page,
            "beside": Beside(kind, page.total, listed),
            **_around(connection, found),
        }

    return render_template("admin/attempt_records.html", **read(unit))


def explanation(attempt_id: int) -> Response:
    """Give what was found in an attempt, with every exchange, as a text file for the vendor."""
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="utf-8")

    def unit(connection: Connection) -> None:
        found = _found(connection, attempt_id)
        handover.write(
            text,
            connection,
            g.academy.id,
            attempt=found,
            explained=_explained(connection, found),
            now=datetime.now(UTC),
        )

    read(unit)
    text.detach()
    return _download(file.getvalue(), name=f"attempt-{attempt_id}.txt")


def _facts(connection: Connection, attempt_id: int, *, after: int) -> dict[str, Any]:
    """Gather all that the page shows, with the exchanges behind an id."""
    found = _found(connection, attempt_id)
    here = {"academy_id": g.academy.id, "attempt_id": attempt_id}
    if request.args.get("newest"):
        after = trace.before_newest(connection, **here, count=EXCHANGES_PER_PAGE)
    glimpses = trace.glimpses_of(
        connection, **here, after=after, limit=EXCHANGES_PER_PAGE + 1, most=GLIMPSE
    )
    shown, more = glimpses[:EXCHANGES_PER_PAGE], len(glimpses) > EXCHANGES_PER_PAGE
    first = shown[0].exchange.id if shown else 0
    first_number = cases.count_until(connection, **here, exchange_id=first)
    sessions = hacp_store.sessions_of(connection, **here)
    last = shown[-1].exchange.id if shown else after
    return {
        "attempt": found,
        "explained": _explained(connection, found),
        "held": held_work(connection, found),
        "sessions": sessions,
        "phases": _phases(found, sessions),
        "numbers": _numbers(sessions),
        "steps": hacp_store.statuses_of(connection, **here),
        "beside": _beside(connection, attempt_id),
        "preferences": archive.preferences_of(
            connection, g.academy.id, learner_id=found.learner_id
        ),
        "exchanges": [
            _shown(glimpse, number=number)
            for number, glimpse in enumerate(shown, start=first_number)
        ],
        "in_sight": {glimpse.exchange.id for glimpse in shown},
        "after": after,
        "last": last,
        "more": last if more else None,
        "live": not more and _live(found, sessions),
        **_around(connection, found),
    }


def _found(connection: Connection, attempt_id: int) -> Attempt:
    found = hacp_store.attempt(connection, g.academy.id, attempt_id=attempt_id)
    if found is None:
        abort(404)
    return found


def _around(connection: Connection, found: Attempt) -> dict[str, Any]:
    """Return whose attempt it is, and at what."""
    stored = course_for(
        connection, g.academy.id, learner_id=found.learner_id, course_id=found.course_id
    )
    objectives = stored.course.objectives if stored else ()
    return {
        "preview": is_preview(found.learner_id),
        "person": accounts.member(connection, g.academy.id, learner_id=found.learner_id),
        "stored": stored,
        "au": stored.course.unit(found.au_id) if stored else None,
        "objective_titles": {one.system_id.casefold(): one.title for one in objectives},
    }


def _explained(connection: Connection, found: Attempt) -> Explained:
    return explanations.of_attempt(
        connection, g.academy.id, attempt=found, content_url=config.current().content_url
    )


def _beside(connection: Connection, attempt_id: int) -> list[Beside]:
    """Return the first of each kind that there is, in the order of the standard's chapters."""
    counts = trace.count_records(connection, g.academy.id, attempt_id=attempt_id)
    return [
        Beside(kind, counts[kind], _records(connection, attempt_id, kind, limit=PEEK, offset=0))
        for kind in KINDS
        if kind in counts
    ]


def _records(
    connection: Connection, attempt_id: int, kind: str, *, limit: int, offset: int
) -> list[Kept[Record]]:
    return trace.records_of(
        connection, g.academy.id, attempt_id=attempt_id, kind=kind, limit=limit, offset=offset
    )


def _phases(found: Attempt, sessions: Sequence[Session]) -> Mapping[int, Phase]:
    """Return where each session stands now."""
    now, policy = datetime.now(UTC), config.current().session_policy
    return {one.id: phase_at(one, now, attempt=found, policy=policy) for one in sessions}


def _live(found: Attempt, sessions: Sequence[Session]) -> bool:
    """Tell whether anything may still come."""
    return any(phase in OPEN for phase in _phases(found, sessions).values())


def _shown(glimpse: Glimpse, *, number: int) -> Shown:
    said = glimpse.exchange
    raw = said.request or said.query
    return Shown(
        number,
        said,
        reading=read_exchange(said, cut=glimpse.cut),
        request=raw.decode("utf-8", "backslashreplace"),
        reply=said.reply.decode("utf-8", "backslashreplace"),
        cut=glimpse.cut,
        left_out=glimpse.left_out,
    )


def _part(found: Exchange, part: str) -> bytes:
    if part == "request":
        return found.request or found.query
    if part == "reply":
        return found.reply
    understood = parse_request(
        found.request, query=found.query, content_type=found.content_type, method=found.method
    )
    return (understood.aicc_data or "").encode("utf-8", "replace")


def _download(whole: bytes, *, name: str) -> Response:
    """Send bytes that content wrote so that no browser takes them for a page."""
    return send_file(
        io.BytesIO(whole),
        mimetype="text/plain; charset=utf-8",
        as_attachment=True,
        download_name=name,
    )


def _numbers(sessions: Sequence[Session]) -> dict[int, int]:
    """Number the sessions from 1, for people: by their ids."""
    return {session.id: number for number, session in enumerate(sessions, start=1)}


def _after() -> int:
    """Return the exchange behind which the request wants to see."""
    after = request.args.get("after", default=0, type=parse_wide_id)
    return min(max(0, after), LARGEST_RECORD)
