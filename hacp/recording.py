"""Recorded sessions as text: read, put on the wire again, and compared with what is answered now.

Serves `hacp replay`. The format is that of tests/conversations; docs/tools.md describes what of it
an export uses. `exports` writes one; nothing here opens a connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import unified_diff
from urllib.parse import urljoin

from hacp.calls import FORM_TYPE, Call
from hacp.dialects import BOUNDARY, DIALECTS, LINE_ENDS, dump_multipart
from hacp.signs import parse_signs, to_bytes, to_text

INDENT = "    "
ANY_LINES = "..."
UNTYPED = "untyped"
STANDARD_TEXTS = {"0": "Successful", "1": "Invalid Command", "3": "Invalid Session ID"}
VERSION = "4.0"
_GAP = re.compile(r"[ \t]{2,}")
_METHOD = re.compile(r"[A-Z]{1,16}")
_SPAN = re.compile(r"(\d{1,4}):(\d\d):(\d\d)")


class RecordingRefused(ValueError):
    """A line of a recording cannot be read; the text names it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Launch:
    """A session was opened; `facts` is what stands behind the word."""

    line: int
    facts: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Time went by."""

    line: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, with its signs still in it.

    `data` is aicc_data line by line, or None where it stands in `template` as it was.
    `address` and `query` are None where nothing was said of them, as is `content_type`.
    """

    line: int
    method: str
    template: str
    data: tuple[str, ...] | None = None
    dialect: str = "form"
    line_end: str = "crlf"
    address: str | None = None
    query: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The lines of the reply, with their signs; `...` stands for any number of lines."""

    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """What only the server itself could do or confirm; its words are `ASIDES`."""

    line: int
    word: str
    text: str


Step = Launch | Pause | Sent | Answered | Aside


def parse_recording(text: str) -> list[Step]:
    """Read the steps of a recording; see `exports.dump_recording`. Raises RecordingRefused."""
    steps: list[Step] = []
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    place = 0
    while place < len(lines):
        line, start = lines[place], place + 1
        place += 1
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            raise RecordingRefused(start, "it is indented, but nothing stands above it")
        below = _below(lines, place)
        place += len(below)
        steps.append(_step(start, line, _trimmed(below)))
    return steps


def _below(lines: Sequence[str], place: int) -> list[str]:
    """Return the lines that belong to a step: indented ones, and empty ones among them."""
    end = place
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" ")):
        end += 1
    return list(lines[place:end])


def _trimmed(below: Sequence[str]) -> tuple[str, ...]:
    bare = [line.removeprefix(INDENT) for line in below]
    while bare and not bare[-1].strip():
        bare.pop()
    return tuple(bare)


def _step(number: int, line: str, below: tuple[str, ...]) -> Step:
    word, _, rest = line.partition(" ")
    known = _WORDS.get(word.rstrip(":"))
    if known is None:
        raise RecordingRefused(number, f"no such step: {word!r}")
    return known(number, rest.strip(), below)


def _launch(number: int, rest: str, _below: tuple[str, ...]) -> Step:
    return Launch(number, rest)


def _pause(number: int, rest: str, _below: tuple[str, ...]) -> Step:
    match = _SPAN.fullmatch(rest)
    if match is None:
        raise RecordingRefused(number, f"not a time to wait: {rest!r}")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return Pause(number, timedelta(hours=hours, minutes=minutes, seconds=seconds))


def _sent(number: int, rest: str, below: tuple[str, ...]) -> Step:
    words, template = (*_GAP.split(rest, maxsplit=1), "")[:2]
    method, *ways = words.split() or [""]
    if not _METHOD.fullmatch(method):
        raise RecordingRefused(number, f"no such method: {method!r}")
    facts: dict[str, str] = {}
    for way in ways:
        kind = _kind(way)
        if not kind:
            raise RecordingRefused(number, f"no such way of sending: {way!r}")
        facts[kind] = "" if way == UNTYPED else way.removeprefix("?") if kind == "query" else way
    return Sent(number, method, template, below or None, **facts)


def _kind(way: str) -> str:
    """Tell which fact of a `Sent` a word behind the method is."""
    if way in DIALECTS:
        return "dialect"
    if way in LINE_ENDS:
        return "line_end"
    if way.startswith("/"):
        return "address"
    if way.startswith("?"):
        return "query"
    return "content_type" if "/" in way or way == UNTYPED else ""


def _answered(number: int, rest: str, below: tuple[str, ...]) -> Step:
    if below:
        return Answered(number, (rest, *below))
    error, _, text = rest.partition(" ")
    text = text.strip() or STANDARD_TEXTS.get(error.removeprefix("error="), "")
    return Answered(number, (error, f"error_text={text}", f"version={VERSION}"))


def _aside(word: str) -> Callable[[int, str, tuple[str, ...]], Step]:
    return lambda number, rest, below: Aside(number, word, "\n".join([rest, *below]))


ASIDES = ("record", "kept", "sweep", "noted", "archive", "held", "reactivate")
_WORDS: dict[str, Callable[[int, str, tuple[str, ...]], Step]] = {
    "launch": _launch,
    "wait": _pause,
    ">>>": _sent,
    "<<<": _answered,
    **{word: _aside(word) for word in ASIDES},
}


def sessions_of(steps: Sequence[Step]) -> int:
    """Count the sessions that a replay needs: one for each launch, and one without any."""
    return max(1, sum(isinstance(step, Launch) for step in steps))


def compose(sent: Sent, *, address: str, session_ids: Sequence[str]) -> Call:
    """Turn a request into the bytes that the content sent. Raises RecordingRefused."""
    try:
        return _composed(sent, address, session_ids)
    except ValueError as error:
        raise RecordingRefused(sent.line, str(error)) from error


def _composed(sent: Sent, address: str, session_ids: Sequence[str]) -> Call:
    template = sent.template
    if sent.data is not None and "{data}" not in template:
        template += "{data}"
    data = parse_signs(LINE_ENDS[sent.line_end].join(sent.data or ()), session_ids)
    url = address
    if sent.address is not None:
        url = urljoin(address, parse_signs(sent.address, session_ids))
    if sent.query is not None:
        url = _joined(url, parse_signs(sent.query, session_ids))
    if sent.dialect == "multipart":
        fields = [
            (name, parse_signs(value, session_ids).replace("{data}", data))
            for name, _, value in (field.partition("=") for field in template.split("&"))
        ]
        body = to_bytes(dump_multipart(fields))
        return Call(sent.method, url, body, f"multipart/form-data; boundary={BOUNDARY}")
    wire = parse_signs(template, session_ids)
    wire = wire.replace("{data}", DIALECTS[sent.dialect].dump(data))
    if sent.method == "GET" and sent.query is None:
        return Call("GET", _joined(url, wire))
    body = to_bytes(wire).decode().encode("utf-16") if sent.dialect == "utf-16" else to_bytes(wire)
    kind = FORM_TYPE if sent.content_type is None else sent.content_type.replace(";", "; ")
    return Call(sent.method, url, body, kind if body else "")


def _joined(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def differences(
    answered: Answered, body: bytes, *, session_ids: Sequence[str], ignore: Sequence[str] = ()
) -> list[str]:
    """Compare a reply with the recorded one: the lines of a unified diff, none where they agree.

    Lines of the names in `ignore` do not count. Raises RecordingRefused.
    """
    try:
        wanted = [line for line in _wanted(answered, session_ids) if not _ignored(line, ignore)]
    except ValueError as error:
        raise RecordingRefused(answered.line, str(error)) from error
    came, remarks = _lines(to_text(body))
    came = [line for line in came if not _ignored(line, ignore)]
    if _agree(wanted, came) and not remarks:
        return []
    shown = unified_diff(_filled(wanted, came), came, "recorded", "now", lineterm="", n=1)
    return [*remarks, *(to_bytes(line).decode("utf-8", "replace") for line in shown)]


def _wanted(answered: Answered, session_ids: Sequence[str]) -> Iterator[str | None]:
    """Yield the recorded lines as they must come, None for any number of them."""
    for line in answered.lines:
        if line == ANY_LINES:
            yield None
        else:
            yield from parse_signs(line, session_ids).split("\r\n")


def _ignored(line: str | None, ignore: Sequence[str]) -> bool:
    if line is None:
        return False
    name, equals, _ = line.partition("=")
    return bool(equals) and name.strip().lower() in ignore


def _lines(text: str) -> tuple[list[str], list[str]]:
    """Split a reply at CRLF, or at what it has in its place, which is a difference of its own."""
    remarks = []
    if "\r\n" not in text and ("\n" in text or "\r" in text):
        end = "\n" if "\n" in text else "\r"
        remarks.append(f"its lines end in {'LF' if end == chr(10) else 'CR'}, not in CRLF")
        lines = text.split(end)
    else:
        lines = text.split("\r\n")
    if lines[-1]:
        remarks.append("it has no line end behind its last line")
        return lines, remarks
    return lines[:-1], remarks


def _agree(wanted: Sequence[str | None], came: Sequence[str]) -> bool:
    """Match lines where `...` stands for any number of them, in linear time for each of those."""
    runs = _runs(wanted)
    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return list(came) == first
    end = len(came) - len(last)
    if list(came[: len(first)]) != first or end < len(first) or list(came[end:]) != last:
        return False
    place = len(first)
    for run in runs[1:-1]:
        found = _find(run, came[:end], place)
        if found is None:
            return False
        place = found + len(run)
    return True


def _runs(wanted: Sequence[str | None]) -> list[list[str]]:
    """Split at each `...`."""
    runs: list[list[str]] = [[]]
    for line in wanted:
        if line is None:
            runs.append([])
        else:
            runs[-1].append(line)
    return runs


def _find(run: Sequence[str], came: Sequence[str], start: int) -> int | None:
    places = range(start, len(came) - len(run) + 1)
    return next((place for place in places if list(came[place : place + len(run)]) == run), None)


def _filled(wanted: Sequence[str | None], came: Sequence[str]) -> list[str]:
    """Put what came in the place of each `...`, as far as the next line of the recording."""
    filled: list[str] = []
    place = 0
    for number, line in enumerate(wanted):
        if line is not None:
            filled.append(line)
            found = _place(line, came, place)
            place = place if found is None else found + 1
            continue
        following = wanted[number + 1] if number + 1 < len(wanted) else None
        end = len(came) if following is None else _place(following, came, place)
        if end is not None:
            filled.extend(came[place:end])
            place = end
    return filled


def _place(line: str, came: Sequence[str], start: int) -> int | None:
    """Find a line, or else one of the same name, which another value stands behind."""
    name, equals, _ = line.partition("=")
    alike = None
    for place in range(start, len(came)):
        if came[place] == line:
            return place
        if alike is None and equals and came[place].partition("=")[0] == name:
            alike = place
    return alike
