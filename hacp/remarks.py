"""The groups of PutParam that say more than a result: comments, objectives, tries, preferences.

Serves `rules` and, for what goes back in GetParam, `messages`. Pure; `messages.parse_report` reads
the groups that every report has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from hacp.fields import dump_score, parse_decimal, parse_score, parse_status, parse_timespan
from hacp.groups import OUTER, Groups
from hacp.model import Objective
from hacp.records import Achievement, Comment, Try

# `<1>text<1.e>` and `<1>text<e.1>` both stand in the standard's own sample (CMI001 section 6).
_TAG = re.compile(r"<(?:(\d{1,4})|(\d{1,4})\.[eE]|[eE]\.(\d{1,4}))>", re.ASCII)
_PLACE = re.compile(r"\s{0,64}<[lL]\.([^<>\r\n]{1,255})>")
_NUMBERED = re.compile(r"([a-z_]{1,32})\.(\d{1,4})", re.ASCII)

# What one report may bring; the raw exchange has all.
MOST = 1000
# How far its comments are read: a beginning and an end for each, and as much again besides.
MOST_TAGS = 4 * MOST

# CMI001, student preferences: numbers within these bounds...
_BOUNDS = {"audio": (-1, 100), "speed": (-100, 100), "text": (-1, 1)}
# ...and words, of at most 255 signs (CMIString255).
_WORDS = {
    *("language", "lesson_type", "text_color", "text_location", "text_size", "video"),
}
_WINDOW = re.compile(r"window\.\d{1,2}", re.ASCII)
_LONGEST_WORD = 255
_MOST_WINDOWS = 20


@dataclass(frozen=True, slots=True)
class Remarks:
    """What one PutParam says beside its report; preferences are those it could read."""

    comments: tuple[Comment, ...] = ()
    achievements: tuple[Achievement, ...] = ()
    tries: tuple[Try, ...] = ()
    preferences: tuple[tuple[str, str], ...] = ()
    tolerated: tuple[str, ...] = ()


_KEYWORDS = {"objectives_status", "student_data", "student_preferences"}
_NOTHING = Remarks()


def parse_remarks(groups: Groups) -> Remarks:
    """Read the groups that are there; most reports have none of them, or empty ones."""
    if not (groups.keywords.keys() & _KEYWORDS) and "comments" not in groups.texts:
        return _NOTHING
    notes: list[str] = []
    keywords = groups.keywords
    return Remarks(
        comments=tuple(_comments(groups.texts.get("comments", ""))),
        achievements=tuple(_achievements(keywords.get("objectives_status", {}), notes=notes)),
        tries=tuple(_tries(keywords.get("student_data", {}))),
        preferences=tuple(_preferences(keywords.get("student_preferences", {}), notes=notes)),
        tolerated=tuple(notes),
    )


def dump_objectives(objectives: Iterable[Objective], *, integer: bool) -> dict[str, str]:
    """Write [objectives_status] for GetParam, numbered from 1; what is not known leaves its name
    out.
    """
    lines: dict[str, str] = {}
    for number, objective in enumerate(objectives, start=1):
        lines[f"j_id.{number}"] = objective.objective_id
        if objective.score is not None:
            lines[f"j_score.{number}"] = dump_score(objective.score, integer=integer)
        if objective.status is not None:
            lines[f"j_status.{number}"] = str(objective.status)
    return lines


def _comments(text: str) -> Iterator[Comment]:
    """Read `<1>text<e.1>`; text without any tag is one comment.

    A number inside an open comment is text where that comment's end still comes.
    """
    tags = list(islice(_TAG.finditer(text), MOST_TAGS))
    ends = {int(tag[2] or tag[3]): tag.start() for tag in tags if not tag[1]}
    if not tags:
        yield from _comment(text, None)
    number, start, count = 0, -1, 0
    for tag in tags:
        begins = tag[1] is not None
        if start >= 0 and begins and ends.get(number, -1) > tag.start():
            continue
        if start >= 0 and (begins or int(tag[2] or tag[3]) == number):
            yield from _comment(text[start : tag.start()], number)
            start, count = -1, count + 1
        if begins:
            number, start = int(tag[1]), tag.end()
        if count == MOST:
            return
    if start >= 0 and len(tags) < MOST_TAGS:
        yield from _comment(text[start:], number)


def _comment(text: str, number: int | None) -> Iterator[Comment]:
    place = _PLACE.match(text)
    said = (text[place.end() :] if place else text).strip(OUTER)
    if said:
        yield Comment(said, place[1].strip() if place else "", number)


def _achievements(pairs: Mapping[str, str], *, notes: list[str]) -> Iterator[Achievement]:
    """Read J_ID.n, J_Score.n and J_Status.n; only changed objectives are sent.

    A score may hold several, the newest first, apart by `;` (Rustici).
    """
    numbered = _by_number(pairs)
    nameless = 0
    for row in numbered.values():
        if not row.get("j_id"):
            nameless += "j_score" in row or "j_status" in row
            continue
        yield Achievement(
            row["j_id"],
            score=parse_score(row.get("j_score", "").partition(";")[0]),
            status=parse_status(row.get("j_status", "")).status,
        )
    if nameless:
        notes.append(f"objectives without a J_ID were passed over: {nameless}")


def _tries(pairs: Mapping[str, str]) -> Iterator[Try]:
    count = parse_decimal(pairs.get("tries_during_lesson", ""))
    if count is not None:
        yield Try(count=int(count))
    for number, row in _by_number(pairs).items():
        read = Try(
            number,
            score=parse_score(row.get("try_score", "")),
            status=parse_status(row.get("try_status", "")).status,
            seconds=parse_timespan(row.get("try_time", "")),
        )
        if read != Try(number):
            yield read


def _by_number(pairs: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Gather `name.n=value` by n, in the order in which the numbers came."""
    gathered: dict[int, dict[str, str]] = {}
    for keyword, value in pairs.items():
        match = _NUMBERED.fullmatch(keyword)
        if match is not None and (int(match[2]) in gathered or len(gathered) < MOST):
            gathered.setdefault(int(match[2]), {}).setdefault(match[1], value)
    return gathered


def _preferences(pairs: Mapping[str, str], *, notes: list[str]) -> Iterator[tuple[str, str]]:
    """Read what the learner prefers. An empty one says nothing: Storyline sends `Language=` always,
    which must not wipe out what another course was told.
    """
    windows = 0
    for name, value in pairs.items():
        windows += (window := _WINDOW.fullmatch(name) is not None)
        known = name in _BOUNDS or name in _WORDS or (window and windows <= _MOST_WINDOWS)
        if not known or not value:
            continue
        if _is_legal(name, value):
            yield name, value
        else:
            notes.append(f"`{name}={value[:64]}` is no such preference and was passed over")


def _is_legal(name: str, value: str) -> bool:
    if name not in _BOUNDS:
        return len(value) <= _LONGEST_WORD
    number, (lowest, highest) = parse_decimal(value), _BOUNDS[name]
    return number is not None and lowest <= number <= highest and number == int(number)
