"""A case as a text file for the content's vendor: the finding, the facts, every exchange.

Serves the attempt page and `hacp explain --export`. Says who the learner is by student id alone;
session ids are stand-ins already where exchanges are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO
from urllib.parse import quote

from sqlalchemy import Connection

import catalog.store
import hacp.store
from hacp.fields import dump_score, dump_timespan
from hacp.messages import parse_request
from hacp.model import Attempt, Exchange, Score, Session
from launcher.explaining.explanations import Explained
from launcher.explaining.findings import BY_HAND, Finding
from launcher.people import accounts

# Exchanges read at a time.
BATCH = 200
RULE = "=" * 78
# What stands where a name stood.
NAME = "(learner)"
# Shorter words are in too many others to be taken for somebody's name.
SHORTEST_NAME = 3
# What may stand between the parts of a name: blanks and commas, encoded once or twice.
_BETWEEN = r"(?:[\s,+]|%(?:25)?(?:20|2c|09)){1,8}"
# A session id of ours that content wrote somewhere into its data.
_SESSION_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", re.IGNORECASE)


def write(
    stream: TextIO,
    connection: Connection,
    academy_id: int,
    *,
    attempt: Attempt,
    explained: Explained,
    now: datetime,
) -> None:
    """Write the whole case of an attempt to a stream."""
    person = accounts.member(connection, academy_id, learner_id=attempt.learner_id)
    sessions = explained.case.sessions
    names = {session.ticket.student_name for session in sessions}
    if person is not None:
        names |= {person.name, person.email}
    blacked = Blackout(names)
    stored = catalog.store.course(connection, academy_id, course_id=attempt.course_id)
    title = stored.title if stored else ""
    for line in _head(attempt, explained, title=title, now=now):
        stream.write(f"{blacked(line)}\n")
    for number, exchange in enumerate(_exchanges(connection, academy_id, attempt.id), start=1):
        for line in _exchange(number, exchange, sessions):
            stream.write(f"{blacked(line)}\n")


class Blackout:
    """Takes names out of texts, whichever part comes first and however they are encoded."""

    def __init__(self, names: Iterable[str]) -> None:
        patterns = {pattern for name in names for pattern in _patterns(name)}
        # Longest first: a name may be part of another.
        found = "|".join(sorted(patterns, key=len, reverse=True))
        self._names = re.compile(found, re.IGNORECASE) if found else None

    def __call__(self, text: str) -> str:
        """Return the text without names and session ids."""
        text = _SESSION_ID.sub("(session id)", text)
        return self._names.sub(NAME, text) if self._names else text


def _patterns(name: str) -> Iterator[str]:
    """Yield a pattern for each order of a name's parts that begins with another of them."""
    parts = [part for part in re.split(r"[,\s]+", name) if part]
    if len("".join(parts)) < SHORTEST_NAME:
        return
    spelt = [f"(?:{'|'.join(sorted(_spellings(part)))})" for part in parts]
    for first in range(len(spelt)):
        yield _BETWEEN.join(spelt[first:] + spelt[:first])


def _spellings(part: str) -> set[str]:
    """Return a part of a name as it is, and as requests and this file encode it."""
    encoded = quote(part, safe="")
    # JavaScript's escape(), and bytes that are no UTF-8 as they are written here.
    latin = quote(part, safe="", encoding="latin-1", errors="ignore")
    written = part.encode("unicode_escape").decode()
    return {re.escape(one) for one in (part, encoded, quote(encoded), latin, written)}


def _head(attempt: Attempt, explained: Explained, *, title: str, now: datetime) -> Iterator[str]:
    sessions = explained.case.sessions
    ticket = sessions[-1].ticket
    yield "Why is it not complete?"
    yield f"Written {_moment(now)} for the vendor of the content."
    yield from _section("What was found")
    for finding in explained.findings:
        # What an admin decided, and why, is none of the vendor's business.
        if finding.cause not in BY_HAND:
            yield from _finding(finding)
    yield from _section("Facts")
    yield from (
        f"Course:              {title} ({ticket.aicc_course_id})",
        f"Unit:                {explained.case.unit} ({attempt.au_id})",
        f"Student id:          {ticket.student_id}",
        f"Attempt:             {attempt.number}, begun {_moment(attempt.started_at)}",
        f"Status recorded:     {attempt.status}",
        f"Status said last:    {attempt.said or '-'}",
        f"Score that counts:   {_score(attempt.score)}",
        f"Score said last:     {_score(attempt.last_score)}",
        f"Mastery score:       {'-' if ticket.mastery_score is None else ticket.mastery_score}",
        f"Time:                {dump_timespan(attempt.seconds)}",
        f"Bookmark:            {len(attempt.location)} characters",
        f"Suspend data:        {len(attempt.suspend_data)} characters",
    )
    yield from _section("Sessions")
    for number, session in enumerate(sessions, start=1):
        left = f"left {_moment(session.exited_at)}" if session.exited_at else "not left"
        yield (
            f"Session {number}: opened {_moment(session.opened_at)}, last heard of "
            f"{_moment(session.last_at)}, {left}; mode {session.ticket.mode}, "
            f"{session.ticket.credit}"
        )
    yield from _section("Exchanges")
    yield "Raw as they came over the wire; bytes that are no UTF-8 are written \\xNN."


def _section(title: str) -> Iterator[str]:
    yield from ("", RULE, title, RULE)


def _finding(finding: Finding) -> Iterator[str]:
    yield f"* {finding.sentence}"
    for one in finding.evidence:
        where = f"exchange {one.number} ({one.command}, {_moment(one.at)})"
        line = f", line {one.line} of its aicc_data: {one.text}" if one.line else ""
        yield f"  See {where}{line}"
    yield f"  {finding.what_to_do}"


def _exchanges(connection: Connection, academy_id: int, attempt_id: int) -> Iterator[Exchange]:
    after = 0
    while batch := hacp.store.exchanges_of(
        connection, academy_id, attempt_id=attempt_id, limit=BATCH, after=after
    ):
        yield from batch
        after = batch[-1].id


def _exchange(number: int, exchange: Exchange, sessions: tuple[Session, ...]) -> Iterator[str]:
    numbers = {session.id: place for place, session in enumerate(sessions, start=1)}
    yield ""
    yield (
        f"--- Exchange {number}: {exchange.command or '(not understood)'}, "
        f"{_moment(exchange.at)}, session {numbers.get(exchange.session_id or 0, '-')}, "
        f"error={exchange.error}"
    )
    yield f"{exchange.method} {exchange.content_type or '(no content type)'}"
    yield f"Origin: {exchange.origin or '-'}"
    for note in exchange.tolerated:
        yield f"Noted: {note}"
    if exchange.query:
        yield from ("-- query, raw", _text(exchange.query))
    yield from ("-- request, raw", _text(exchange.request) or "(empty)")
    request = parse_request(
        exchange.request,
        query=exchange.query,
        content_type=exchange.content_type,
        method=exchange.method,
    )
    if request.aicc_data:
        yield from ("-- aicc_data, decoded", _lines(request.aicc_data))
    yield from ("-- reply, raw", _text(exchange.reply))


def _text(raw: bytes) -> str:
    return _lines(raw.decode("utf-8", "backslashreplace")).rstrip("\n")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _score(score: Score | None) -> str:
    return "-" if score is None else dump_score(score, integer=False)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
