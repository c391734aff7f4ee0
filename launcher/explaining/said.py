"""One exchange in compact form: what content said in it, and on which line.

Serves `explain` and what gathers its facts. Pure; the hacp wing's own parsers say what was
understood, this only keeps the words beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hacp.fields import parse_version
from hacp.groups import FREE_FORM, KEYWORDS, OUTER
from hacp.messages import parse_report, parse_request
from hacp.model import Command, Exchange, Report

# What reports; the other commands ask, leave, or bring tables that no status comes from.
PUTS = frozenset({Command.PUT_PARAM, Command.EXIT_PARAM})
KNOWN = frozenset(Command)

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ERROR_TEXT = re.compile(rb"^error_text=([^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the decoded aicc_data, counted from 1, and the value behind its `=`."""

    number: int
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """One exchange. `report` is None where nothing was reported; `number` counts from 1.

    `lines` holds the keywords of [core] by their lower-case names. `error_text` is our answer's,
    `notes` what the trace says of it.
    """

    id: int
    number: int
    at: datetime
    command: str
    error: int
    error_text: str = ""
    session_id: int | None = None
    origin: str = ""
    version: Decimal | None = None
    report: Report | None = None
    lines: Mapping[str, Line] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def puts(self) -> bool:
        """Whether it is a report, accepted or not."""
        return self.report is not None

    @property
    def accepted(self) -> bool:
        """Whether we answered that all is well."""
        return self.error == 0

    def value(self, keyword: str) -> str:
        """Return what stands behind a keyword of [core]; empty where nothing does."""
        line = self.lines.get(keyword)
        return line.value if line else ""


def said_of(exchange: Exchange, *, number: int) -> Said:
    """Read an exchange; one whose request was cut is read as far as it goes."""
    request = parse_request(
        exchange.request,
        query=exchange.query,
        content_type=exchange.content_type,
        method=exchange.method,
    )
    # An unknown command may carry what should have stood in a report.
    reports = exchange.command in PUTS or exchange.command not in KNOWN
    aicc_data = request.aicc_data or ""
    text = _ERROR_TEXT.search(exchange.reply)
    return Said(
        id=exchange.id,
        number=number,
        at=exchange.at,
        command=exchange.command,
        error=exchange.error,
        error_text=text[1].decode("utf-8", "replace") if text else "",
        session_id=exchange.session_id,
        origin=exchange.origin,
        version=parse_version(request.version),
        report=parse_report(aicc_data) if reports else None,
        lines=dict(_core_lines(aicc_data)) if reports else {},
        notes=exchange.tolerated,
    )


def _core_lines(aicc_data: str) -> Iterator[tuple[str, Line]]:
    """Yield the keywords of the first [core], from the last to the first: the first one counts."""
    found: list[tuple[str, Line]] = []
    group, seen = "core", False
    for number, match in enumerate(_LINE.finditer(aicc_data), start=1):
        line = match[0].strip(OUTER)
        header = _header(line)
        if header:
            group = "" if header == "core" and (seen or found) else header
            seen = seen or header == "core"
        elif group == "core" and not line.startswith(";"):
            keyword, equals, value = line.partition("=")
            if equals:
                name = keyword.strip(OUTER).lower()
                found.append((name, Line(number, line, value.strip(OUTER))))
    return reversed(found)


def _header(line: str) -> str:
    if not (line.startswith("[") and line.endswith("]")):
        return ""
    name = line[1:-1].strip().lower()
    return name if name in FREE_FORM or name in KEYWORDS else ""
