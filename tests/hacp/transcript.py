"""HACP conversations as text: the transcripts of tests/conversations, read and put on the wire.

Serves test_conversations.py. The format is described in tests/conversations/README.md; this file
knows how each client puts its words on the wire, and judges nothing but what a transcript says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

from hacp.documents import dump_record
from hacp.fields import dump_score, dump_timespan
from hacp.model import Attempt, Credit, Mode, Score
from hacp.records import Record, StatusChange

# Signs that would not be seen are written as their pictures.
PICTURES = str.maketrans("␀␉␊␌␍␠", "\0\t\n\f\r ")
_REPEATED = re.compile(r"\{([^{}]+) × (\d+)\}")
_SESSION = re.compile(r"\{(%?)(sid|SID)(?: (\d+))?\}")
_SPAN = re.compile(r"(\d+):(\d\d):(\d\d)")
_GAP = re.compile(r"\s{2,}")
INDENT = "    "
STANDARD_TEXTS = {"0": "Successful", "1": "Invalid Command", "3": "Invalid Session ID"}
BOUNDARY = "----WebKitFormBoundaryq0bA7cEJ8mJzXw2d"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its word at the margin, what stands behind it, and the indented lines below."""

    line: int
    word: str
    rest: str
    below: tuple[str, ...]


def parse_transcript(text: str) -> list[Step]:
    """Split a transcript into its steps; comments and blank lines between them are dropped."""
    steps: list[Step] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line, start = lines[number], number + 1
        number += 1
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            raise ValueError(f"line {start} is indented, but nothing stands above it")
        below: list[str] = []
        while number < len(lines) and (not lines[number].strip() or lines[number].startswith(" ")):
            below.append(lines[number].removeprefix(INDENT))
            number += 1
        while below and not below[-1].strip():
            below.pop()
        word, _, rest = line.partition(" ")
        steps.append(Step(start, word.rstrip(":"), rest.strip(), tuple(below)))
    return steps


# How clients encode aicc_data


def escape(text: str) -> str:
    """Encode as JavaScript's `escape` does: UTF-16 units, those below 256 as one byte."""
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[place] << 8 | units[place + 1] for place in range(0, len(units), 2))
    return "".join(
        chr(unit)
        if unit < 128 and (chr(unit).isalnum() or chr(unit) in "@*_+-./")
        else f"%{unit:02X}"
        if unit < 256
        else f"%u{unit:04X}"
        for unit in pairs
    )


def encode_uri_component(text: str) -> str:
    """Encode as JavaScript's `encodeURIComponent` does."""
    return quote(text, safe="!'()*-._~")


def form(text: str) -> str:
    """Encode as a browser's form or URLSearchParams does."""
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def encode_values(text: str) -> str:
    """Encode what stands behind each `=` and nothing else (Halyard)."""
    return re.sub(
        r"=([^\r\n]*)",
        lambda value: "=" + re.sub("%..", lambda code: code[0].lower(), quote(value[1], safe="")),
        text,
    )


ENCODINGS: dict[str, Callable[[str], str]] = {
    "form": form,
    "utf-16": form,
    "escape": escape,
    "component": encode_uri_component,
    "double": lambda text: form(escape(text)),
    "values": encode_values,
    "raw": str,
    "multipart": str,
}
LINE_ENDS = {"crlf": "\r\n", "lf": "\n", "cr": "\r"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One HTTP request as it goes out."""

    method: str
    path: str
    body: bytes
    content_type: str


def compose(step: Step, *, path: str, session_ids: list[str]) -> Sent:
    """Turn a `>>>` step into the bytes that the client would send."""
    words, template = (*_GAP.split(step.rest, maxsplit=1), "")[:2]
    method, *ways = words.split()
    known = {*ENCODINGS, *LINE_ENDS}
    addresses = [way for way in ways if way.startswith("/")]
    unknown = [way for way in ways if way not in known and way not in addresses]
    if unknown:
        raise ValueError(f"line {step.line}: no such way of sending: {unknown}")
    path = spoken(addresses[0], session_ids) if addresses else path
    encoding = next((way for way in ways if way in ENCODINGS), "form")
    line_end = next((LINE_ENDS[way] for way in ways if way in LINE_ENDS), "\r\n")
    if step.below and "{data}" not in template:
        template += "{data}"
    data = spoken(line_end.join(step.below), session_ids)
    if encoding == "multipart":
        return _multipart(template, data, path=path, session_ids=session_ids)
    wire = spoken(template, session_ids).replace("{data}", ENCODINGS[encoding](data))
    if method == "GET":
        joint = "&" if "?" in path else "?"
        return Sent(method, f"{path}{joint}{wire}", b"", "")
    codec = "utf-16" if encoding == "utf-16" else "utf-8"
    return Sent(method, path, wire.encode(codec), "application/x-www-form-urlencoded")


def _multipart(template: str, data: str, *, path: str, session_ids: list[str]) -> Sent:
    parts = []
    for field in template.split("&"):
        name, _, value = field.partition("=")
        value = spoken(value, session_ids).replace("{data}", data)
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        )
    body = "".join([*parts, f"--{BOUNDARY}--\r\n"])
    return Sent("POST", path, body.encode(), f"multipart/form-data; boundary={BOUNDARY}")


def spoken(text: str, session_ids: list[str]) -> str:
    """Put session ids, repetitions and invisible signs in their places."""

    def session(match: re.Match[str]) -> str:
        percent, case, number = match.groups()
        session_id = session_ids[int(number) - 1 if number else -1]
        session_id = session_id.upper() if case == "SID" else session_id
        return "".join(f"%{ord(sign):02x}" for sign in session_id) if percent else session_id

    text = _REPEATED.sub(lambda match: match[1] * int(match[2]), text)
    return _SESSION.sub(session, text).translate(PICTURES)


# Facts at the margin


def parse_pairs(text: str) -> dict[str, str]:
    """Read `name=value` pairs that stand two blanks apart; a value may hold one blank."""
    pairs = [pair.partition("=") for pair in _GAP.split(text) if pair]
    return {name: value for name, _, value in pairs}


LAUNCH_FACTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "academy": ("academy_id", int),
    "learner": ("learner_id", int),
    "student": ("student_id", str),
    "name": ("student_name", str),
    "course": ("aicc_course_id", str),
    "au": ("au_id", str),
    "mode": ("mode", Mode),
    "credit": ("credit", Credit),
    "mastery": ("mastery_score", Decimal),
    "max time": ("max_time_allowed", str),
    "time limit action": ("time_limit_action", str),
    "vendor": ("vendor_data", str),
    "course number": ("course_id", int),
    "attempt": ("new_attempt", lambda word: word == "new"),
}


def launch_facts(text: str) -> dict[str, Any]:
    """Read the facts behind `launch` as keywords of a LaunchTicket."""
    said = parse_pairs(text).items()
    return {
        fact: read(value.translate(PICTURES))
        for name, value in said
        for fact, read in [LAUNCH_FACTS[name]]
    }


def parse_span(text: str) -> timedelta:
    """Read the `HHHH:MM:SS` behind `wait`."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time to wait: {text!r}")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def expected_lines(step: Step, session_ids: list[str]) -> list[str]:
    """Return the lines of the reply that a `<<<` step stands for."""
    if step.below:
        return [spoken(line, session_ids) for line in (step.rest, *step.below)]
    error, _, text = step.rest.partition(" ")
    text = text or STANDARD_TEXTS[error.removeprefix("error=")]
    return [error, f"error_text={text}", "version=4.0"]


def answers(reply: bytes, lines: list[str]) -> bool:
    """Tell whether a reply is these lines, CRLF behind each; `...` stands for any number."""
    pattern = "".join(
        r"(?:.*?\r\n)??" if line == "..." else re.escape(f"{line}\r\n") for line in lines
    )
    return re.fullmatch(pattern, reply.decode(), re.DOTALL) is not None


def expected_record(step: Step, session_ids: list[str]) -> dict[str, str]:
    """Return what a `record:` step asserts; lines below it are the suspend data."""
    wanted = {name: spoken(value, session_ids) for name, value in parse_pairs(step.rest).items()}
    if step.below:
        wanted["suspend data"] = spoken("\r\n".join(step.below), session_ids)
    return wanted


def recorded_facts(attempt: Attempt, steps: Sequence[StatusChange]) -> dict[str, str]:
    """Write what is recorded as the words of a `record:` line; `-` is nothing."""

    def score(value: Score | None) -> str:
        return dump_score(value, integer=False) if value is not None else "-"

    return {
        "status": str(attempt.status),
        "exit": str(attempt.exit) or "-",
        "score": score(attempt.score),
        "last score": score(attempt.last_score),
        "best score": score(attempt.best_score),
        "time": dump_timespan(attempt.seconds),
        "last heard": dump_timespan(Decimal((attempt.last_at - attempt.started_at).seconds)),
        "location": attempt.location or "-",
        "suspend data": attempt.suspend_data or "-",
        "attempt": str(attempt.number),
        "over time": "-" if attempt.over_time_at is None else "yes",
        "objectives": "; ".join(
            f"{one.objective_id} {score(one.score)} {one.status or '-'}"
            for one in attempt.objectives
        )
        or "-",
        # A star stands where mastery decided.
        "history": " > ".join(f"{step.status}{'*' if step.judged else ''}" for step in steps)
        or "-",
    }


def said_in(record: Record) -> dict[str, str]:
    """Write a record as the words of a `kept:` line."""
    return {name: str(value) for name, value in json.loads(dump_record(record)).items()}
