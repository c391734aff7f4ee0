"""The tables of PutComments, PutObjectives, PutInteractions, PutPath and PutPerformance, read.

Serves `rules`. Rows are found by their header, since columns come in any order and some never; what
a record means is not for here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from hacp.fields import parse_decimal, parse_score, parse_status, parse_timespan
from hacp.model import Command
from hacp.records import (
    Achievement,
    Comment,
    Interaction,
    Performance,
    Question,
    Record,
    Verdict,
    Visit,
)

W = TypeVar("W", Question, Verdict)

# A course with more questions than this posts them in several tables; the raw exchange has all.
MOST_ROWS = 1000
# A header of vendors' columns; AICC's own tables have 13.
MOST_COLUMNS = 100
# Where reading ends: a mebibyte of commas would otherwise hold the database for a second.
MOST_CELLS = MOST_ROWS * MOST_COLUMNS

_BLANKS = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BARE = re.compile(r"[^,\r\n]*")
# A quote closes its field where a separator follows. Any other stands for itself: Rustici takes
# only the first stray quote out of an answer.
_CLOSING = re.compile(r'"[ \t]*(?=[,\r\n]|\Z)')
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")

# Names seen in place of the standard's.
_SYNONYMS = {
    "interaction_type": "type_interaction",
    "type": "type_interaction",
    "content": "comment",
    "comments": "comment",
    "id": "interaction_id",
    "location": "element_location",
}
# Which column a row cannot be without, by command; PutPerformance has what its vendor likes.
_KEY = {
    Command.PUT_COMMENTS: "comment",
    Command.PUT_OBJECTIVES: "objective_id",
    Command.PUT_INTERACTIONS: "interaction_id",
    Command.PUT_PATH: "element_location",
}
_QUESTIONS = {question[0]: question for question in Question}
_VERDICTS = {verdict[0]: verdict for verdict in Verdict}

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filed:
    """What a table says, as records, and what was passed over."""

    records: tuple[Record, ...] = ()
    tolerated: tuple[str, ...] = ()


def parse_table(command: Command, text: str) -> Filed:
    """Read the table of one of the five commands. Never raises; needs a time linear in the text."""
    notes: list[str] = []
    rows = _rows(text.lstrip("\ufeff"), notes=notes)
    header = [_NOT_IN_A_NAME.sub("_", cell.lower()).strip("_") for cell in next(rows, [])]
    header = header[:MOST_COLUMNS]
    if command is not Command.PUT_PERFORMANCE:
        header = [_SYNONYMS.get(name, name) for name in header]
    if not header:
        return Filed()
    key = _KEY.get(command)
    if key is not None and key not in header:
        return Filed(tolerated=(f"the table has no column `{key}`: its rows are kept raw alone",))
    records: list[Record] = []
    passed_over = 0
    for cells in rows:
        # Of two columns with one name the first counts, as everywhere.
        row = dict(reversed(list(zip(header, cells, strict=False))))
        if len(records) == MOST_ROWS or (key is not None and not row.get(key)):
            passed_over += 1
            continue
        records.append(_READERS[command](row))
    if passed_over:
        what = f"rows of the table without `{key}` or above {MOST_ROWS}"
        notes.append(f"{what} were passed over: {passed_over}")
    return Filed(tuple(records), tuple(notes))


def _rows(text: str, *, notes: list[str]) -> Iterator[list[str]]:
    """Split into rows of cells; rows without any sign in them are none."""
    place, row = 0, list[str]()
    # Found once: a search from every quote that is never closed would take quadratic time.
    last_closing = max((match.start() for match in _CLOSING.finditer(text)), default=-1)
    count = 0
    while place < len(text):
        if count == MOST_CELLS:
            notes.append(f"only the first {MOST_CELLS} cells of the table were read")
            return
        count += 1
        cell, place = _cell(text, place, last_closing=last_closing)
        row.append(cell)
        if place < len(text) and text[place] == ",":
            place += 1
            if place < len(text):
                continue
            row.append("")
        elif end := _LINE_END.match(text, place):
            place = end.end()
        if any(row):
            yield row
        row = []


def _cell(text: str, start: int, *, last_closing: int) -> tuple[str, int]:
    """Return the cell that begins at `start` and the place of the separator behind it."""
    start = _past(_BLANKS, text, start)
    quoted = text.startswith('"', start)
    if quoted and last_closing > start and (closing := _CLOSING.search(text, start + 1)):
        return text[start + 1 : closing.start()].replace('""', '"').strip(), closing.end()
    # A quote that is never closed ends with its cell, so that the rows below are not swallowed.
    end = _past(_BARE, text, start)
    return text[start + quoted : end].strip(), end


def _past(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Return the end of a pattern that matches the empty text too."""
    match = pattern.match(text, start)
    return match.end() if match is not None else start


def _comment(row: Row) -> Record:
    return Comment(row["comment"], row.get("element_location", ""), at=_moment(row))


def _achievement(row: Row) -> Record:
    return Achievement(
        row["objective_id"],
        score=parse_score(row.get("score", "")),
        status=parse_status(row.get("status", "")).status,
        mastery_time=row.get("mastery_time", ""),
        at=_moment(row),
    )


def _interaction(row: Row) -> Record:
    result = row.get("result", "")
    return Interaction(
        row["interaction_id"],
        objective_id=row.get("objective_id", ""),
        question=_word(row.get("type_interaction", ""), _QUESTIONS),
        correct_response=row.get("correct_response", ""),
        student_response=row.get("student_response", ""),
        verdict=_word(result, _VERDICTS),
        points=parse_decimal(result),
        weighting=parse_decimal(row.get("weighting", "")),
        latency=parse_timespan(row.get("latency", "")),
        at=_moment(row),
    )


def _visit(row: Row) -> Record:
    return Visit(
        row["element_location"],
        status=parse_status(row.get("status", "")).status,
        why_left=row.get("why_left", ""),
        seconds=parse_timespan(row.get("time_in_element", "")),
        at=_moment(row),
    )


def _performance(row: Row) -> Record:
    return Performance(tuple(sorted(row.items())), at=_moment(row))


_READERS: dict[Command, Callable[[Row], Record]] = {
    Command.PUT_COMMENTS: _comment,
    Command.PUT_OBJECTIVES: _achievement,
    Command.PUT_INTERACTIONS: _interaction,
    Command.PUT_PATH: _visit,
    Command.PUT_PERFORMANCE: _performance,
}


def _word(text: str, words: Mapping[str, W]) -> W | None:
    """Return the word that a text's first letter means (CMI001 section 6)."""
    return words.get(text[:1].lower())


def _moment(row: Row) -> datetime | None:
    """Return the content's own date and time, `YYYY/MM/DD` and `HH:MM:SS`; it names no zone."""
    try:
        return datetime.strptime(
            f"{row.get('date', '')} {row.get('time', '')}", "%Y/%m/%d %H:%M:%S"
        )
    except ValueError:
        return None
