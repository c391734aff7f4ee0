"""Replies as bytes: whatever a server answers is read, and each departure from the form is named.

Serves `probe`. The counterpart of `messages.dump_response`, whose replies have no departure. Who
breaks by one is for `checks` to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from urllib.parse import unquote_plus

from hacp.fields import STATUS_LETTERS, parse_decimal, parse_score, parse_timespan
from hacp.groups import FREE_FORM, KEYWORDS, OUTER, parse_groups
from hacp.model import Credit, Entry, Mode, Score, Status

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# How much of a line is quoted.
EXCERPT = 80

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_ENCODED = re.compile(r"\s{0,64}error(?:%20|\+)*%3d", re.IGNORECASE)
_CORE_AND_MORE = re.compile(r"\s{0,64}\[core\][ \t]*(?=[^\s])", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")


class Oddity(StrEnum):
    """What a reply can do that `dump_response` never does."""

    EMPTY = "nothing came"
    HTML = "a page of HTML"
    ENCODED = "percent-encoded as a whole"
    BYTE_ORDER_MARK = "a byte order mark in front"
    NOT_UTF_8 = "not UTF-8"
    FIRST_LINE = "does not begin with error="
    LF = "LF as line end"
    CR = "CR as line end"
    UNENDED = "no line end behind the last line"
    INDENTED = "blanks before a name"
    BLANKS = "blanks around ="
    CAPITALS = "a name with capitals"
    NO_EQUALS = "a line without ="
    REPEATED = "a name that came before"
    NO_AICC_DATA = "groups without aicc_data= before them"
    CORE_BELOW = "[core] on a line of its own"
    CORE_NOT_FIRST = "[core] is not the first group"
    NOT_ALONE = "a group's name shares its line"


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where a reply departs from the form; lines count from 1, `text` stands there."""

    oddity: Oddity
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """A reply as understood; what is not there is None. Names are in lower case.

    `keywords` and `texts` are the groups of aicc_data, and `has_data` tells whether there were any.
    """

    error: int | None = None
    error_text: str | None = None
    version: str | None = None
    keywords: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    has_data: bool = False
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True, slots=True)
class Handed:
    """What GetParam handed out. `None`: not there, or written so that it cannot be read."""

    student_id: str | None
    student_name: str | None
    lesson_location: str | None
    credit: Credit | None
    status: Status | None
    entry: Entry | None
    score: Score | None
    seconds: Decimal | None
    mode: Mode | None
    suspend_data: str | None
    vendor_data: str | None
    course_id: str | None
    attempt_number: int | None
    mastery_score: Decimal | None
    max_time_allowed: str | None
    time_limit_action: str | None


def parse_response(body: bytes) -> Response:
    """Read a reply, whatever wrote it; see `messages.dump_response`. Never raises.

    The first of a name or a group counts, as it does for Rustici's driver.
    """
    text, departures = _text(body)
    if any(departure.oddity in {Oddity.HTML, Oddity.EMPTY} for departure in departures):
        return Response(departures=tuple(departures))
    head, data = _split(text)
    if opened := _CORE_AND_MORE.match(data or ""):
        data = f"[core]\r\n{(data or '')[opened.end() :]}"
    groups = parse_groups(data or "")
    keywords = dict(groups.keywords)
    if not any(_group(match[1]) == "core" for match in _LINE.finditer(data or "")):
        # Requests may leave the header out; of replies no client is known that reads such.
        keywords.pop("core", None)
    departures += _Layout(text).departures()
    error = head.get("error", "")
    return Response(
        error=int(error) if _NUMBER.fullmatch(error) else None,
        error_text=head.get("error_text"),
        version=head.get("version"),
        keywords=keywords,
        texts=groups.texts,
        has_data=data is not None,
        departures=tuple(departures),
    )


def parse_handed(response: Response) -> Handed:
    """Read the elements of a GetParam's reply."""
    core = response.keywords.get("core", {})
    student = response.keywords.get("student_data", {})
    word, _, flag = core.get("lesson_status", "").partition(",")
    number = student.get("attempt_number", "")
    return Handed(
        student_id=core.get("student_id"),
        student_name=core.get("student_name"),
        lesson_location=core.get("lesson_location"),
        credit=_by_letter(core.get("credit"), Credit),
        status=STATUS_LETTERS.get(word.strip(OUTER).lower()[:1]),
        entry=_entry(flag) if "lesson_status" in core else None,
        score=_read(core.get("score"), parse_score),
        seconds=_read(core.get("time"), parse_timespan),
        mode=_by_letter(core.get("lesson_mode"), Mode),
        suspend_data=response.texts.get("core_lesson"),
        vendor_data=response.texts.get("core_vendor"),
        course_id=response.keywords.get("evaluation", {}).get("course_id"),
        attempt_number=int(number) if _NUMBER.fullmatch(number) else None,
        mastery_score=_read(student.get("mastery_score"), parse_decimal),
        max_time_allowed=student.get("max_time_allowed"),
        time_limit_action=student.get("time_limit_action"),
    )


def _read(text: str | None, parse: Callable[[str], T | None]) -> T | None:
    return None if text is None else parse(text)


def _by_letter(text: str | None, words: type[E]) -> E | None:
    """Find a word of a closed set; "only the first character is significant" (CMI001 section 6)."""
    letter = (text or "").lower()[:1]
    return next((word for word in words if letter and word.startswith(letter)), None)


def _entry(flag: str) -> Entry | None:
    return _by_letter(flag.strip(OUTER), Entry) if flag.strip(OUTER) else Entry.NONE


def _text(body: bytes) -> tuple[str, list[Departure]]:
    """Turn bytes into text, and name what is wrong with them as a whole."""
    departures: list[Departure] = []

    def depart(oddity: Oddity) -> None:
        departures.append(Departure(oddity, 1, text[:EXCERPT].strip()))

    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
        depart(Oddity.NOT_UTF_8)
    if text.startswith("\ufeff"):
        depart(Oddity.BYTE_ORDER_MARK)
        text = text[1:]
    if _ENCODED.match(text):
        depart(Oddity.ENCODED)
        text = unquote_plus(text)
    if not text.strip():
        depart(Oddity.EMPTY)
    elif text.lstrip().startswith("<"):
        depart(Oddity.HTML)
    return text, departures


def _split(text: str) -> tuple[dict[str, str], str | None]:
    """Split a reply into the names of its head and aicc_data; None where there is none."""
    head: dict[str, str] = {}
    for match in _LINE.finditer(text):
        name, equals, value = match[1].partition("=")
        name = name.strip(OUTER).lower()
        if name == "aicc_data" and equals:
            return head, text[match.start() + match[1].index("=") + 1 :]
        if _group(match[1]):
            return head, text[match.start() :]
        if equals:
            head.setdefault(name, value.strip(OUTER))
    return head, None


def _group(line: str) -> str:
    """Return the name of the known group whose header this line is, or nothing."""
    name = line.strip(OUTER).lower()
    name = name[1:-1].strip() if name.startswith("[") and name.endswith("]") else ""
    return name if name in FREE_FORM or name in KEYWORDS else ""


class _Layout:
    """The strict pass over the lines of one reply; bodies of free-form groups are passed over."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.group: str | None = None
        """None in the head, `""` right behind an empty `aicc_data=`, then the group's name."""
        self.names: set[str] = set()

    def departures(self) -> Iterator[Departure]:
        """Yield every departure, line by line."""
        lines = (match.groups() for match in _LINE.finditer(self.text) if match[0])
        for number, (line, end) in enumerate(lines, start=1):
            if number == 1 and not line.strip(OUTER).lower().startswith("error"):
                yield Departure(Oddity.FIRST_LINE, number, line[:EXCERPT])
            for oddity in [*self._line(line), *self._end(end)]:
                yield Departure(oddity, number, line[:EXCERPT])

    def _line(self, line: str) -> Iterator[Oddity]:
        found = _group(line)
        if found:
            yield from self._header(line, found)
            self.group = found
        elif self.group not in FREE_FORM and line.strip(OUTER) and not line.startswith(";"):
            yield from self._pair(line)

    def _header(self, line: str, name: str) -> Iterator[Oddity]:
        if self.group is None:
            yield Oddity.NO_AICC_DATA
        elif not self.group and name == "core":
            yield Oddity.CORE_BELOW
        if not self.group and name != "core":
            yield Oddity.CORE_NOT_FIRST
        yield from _spelling(line, line.strip(OUTER))

    def _pair(self, line: str) -> Iterator[Oddity]:
        name, equals, value = line.partition("=")
        bare = name.strip(OUTER)
        if not equals:
            yield Oddity.NO_EQUALS
            return
        yield from _spelling(line, bare)
        if name != name.rstrip(OUTER) or value != value.lstrip(OUTER):
            yield Oddity.BLANKS
        if bare.lower() in self.names:
            yield Oddity.REPEATED
        self.names.add(bare.lower())
        if self.group is None and bare.lower() == "aicc_data":
            yield from self._data(value.strip(OUTER))

    def _data(self, first: str) -> Iterator[Oddity]:
        self.group = _group(first)
        opened = _CORE_AND_MORE.match(first)
        if opened:
            yield Oddity.NOT_ALONE
            self.group = "core"
        elif first and self.group != "core":
            yield Oddity.CORE_NOT_FIRST
        if opened or self.group:
            yield from _spelling(first, first[: first.index("]") + 1])

    def _end(self, end: str) -> Iterator[Oddity]:
        if not end:
            yield Oddity.UNENDED
        elif self.group not in FREE_FORM and end != "\r\n":
            yield Oddity.LF if end == "\n" else Oddity.CR


def _spelling(line: str, name: str) -> Iterator[Oddity]:
    """Name what is wrong with a name: it stands at the margin, in lower case."""
    if line[:1] in {" ", "\t"}:
        yield Oddity.INDENTED
    if name != name.lower():
        yield Oddity.CAPITALS
