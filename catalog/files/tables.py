"""The comma separated tables of a course (.au, .des, .cst, .ort, .pre, .cmp), read by their header.

Serves `course`. A reader of our own, because Python's csv module tells no columns and hides stray
quotes. It looks at every character a fixed number of times. Knows no meaning of any column.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.errors import Findings, quote_value
from catalog.model import Fault, Severity

# A course of ten thousand units has some 120,000 cells. The limit bounds memory, not courses.
MAX_CELLS = 500_000

_BARE = re.compile(r"[^,\r\n]*")
_BLANKS = re.compile(r"[ \t]*")
# What nearly every value is: quoted, on one line, and without a quote inside.
_PLAIN = re.compile(r'[ \t]*+"([^"\r\n]*+)"[ \t]*+(?=[,\r\n]|\Z)')
_LINE_END = re.compile(r"\r\n|\r|\n")
_UNQUOTED = {'"': re.compile('[^"]*'), "'": re.compile("[^']*")}


class Cell(NamedTuple):
    """One value without its quotes and outer blanks. `line` and `column` count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of table has: the columns it must have and may have.

    `aliases` maps other spellings to a column. `repeats` names the column that may come any number
    of times and takes what stands beyond the header. `overflow` says how bad it is when something
    stands there in a table without such a column.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    repeats: str | None = None
    quotes: str = '"'
    overflow: Severity = Severity.WARNING

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, as a written header has them."""
        return (*self.required, *self.optional, *([self.repeats] if self.repeats else ()))


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. `cells` holds the known columns; `members` the repeated ones."""

    line: int
    cells: Mapping[str, Cell]
    members: tuple[Cell, ...] = ()

    def text(self, column: str) -> str:
        """Return a column's text, empty when the row or the header has none."""
        cell = self.cells.get(column)
        return "" if cell is None else cell.text


def parse_table(text: str, layout: Layout, *, file: str, findings: Findings) -> list[Row] | None:
    """Read a table by its header; `dump_table` writes it. None when it cannot be read at all.

    Columns come in any order and case, rows may be shorter or longer than the header, blank lines
    count for nothing.
    """
    rows = read_rows(text, file=file, findings=findings, quotes=layout.quotes)
    header = next(rows, None)
    if header is None:
        findings.error(
            "The file is empty.",
            f"Its first line must name the columns, at least {_listed(layout.required)}.",
            file=file,
        )
        return None
    columns = _columns(header, layout, file=file, findings=findings)
    if columns is None:
        return None
    return [
        _row(cells, columns, len(header), layout=layout, file=file, findings=findings)
        for cells in rows
    ]


def dump_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table with every value quoted and CRLF; `parse_table` reads it."""
    return "".join(
        ",".join('"' + value.replace('"', '""') + '"' for value in row) + "\r\n"
        for row in (columns, *rows)
    )


def read_rows(
    text: str, *, file: str, findings: Findings, quotes: str = '"'
) -> Iterator[tuple[Cell, ...]]:
    """Split a text into rows of cells and leave out rows in which nothing stands.

    A quoted value ends at a quote with a comma, a line's end or the text's end behind it. A quote
    that stands elsewhere inside is kept and warned of; one that never ends is an error.
    """
    reader = _Reader(text, quotes)
    while reader.at < len(text):
        cells = reader.row()
        for fault in reader.taken_faults(file):
            findings.add(fault)
        if reader.cells > MAX_CELLS:
            findings.error(
                f"The table has more than {MAX_CELLS} values.",
                "Split the course into several.",
                file=file,
                line=reader.line,
            )
            return
        if any(cell.text for cell in cells):
            yield cells


class Places:
    """Where the characters of a table's values stand in its text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []

    def of(self, cell: Cell, index: int, *, quotes: str = '"') -> tuple[int, int]:
        """Return line and column, from 1, of a character of a cell's text, counted from 0.

        Goes through the value as the reader did: a quote written twice is one character of it.
        """
        text = self._text
        # Made for the first fault only; most tables have none.
        if not self._starts:
            self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
        at = self._starts[cell.line - 1] + cell.column - 1
        quote = text[at] if text[at : at + 1] in quotes and at < len(text) else ""
        at += len(quote)
        while text[at : at + 1].isspace():
            at += 1
        for _ in range(index):
            at += 2 if quote and text.startswith(quote * 2, at) else 1
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1


class _Reader:
    """Where the reader stands in the text: `at` an offset, `line`, and the offset it began at."""

    def __init__(self, text: str, quotes: str) -> None:
        self.text = text
        self.quotes = quotes
        self.at = 0
        self.line = 1
        self.line_start = 0
        self.cells = 0
        self._faults: list[Fault] = []

    def taken_faults(self, file: str) -> list[Fault]:
        """Hand out what was found since the last time."""
        faults, self._faults = self._faults, []
        return [Fault(file, f.message, f.remedy, f.line, f.column, f.severity) for f in faults]

    def row(self) -> tuple[Cell, ...]:
        """Read one row and its line's end. Stops early where the text has too many cells."""
        cells = [self._cell()]
        while self.text.startswith(",", self.at) and self.cells <= MAX_CELLS:
            self.at += 1
            cells.append(self._cell())
        self._count_lines(self.at, self.at + 2, limit=1)
        return tuple(cells)

    def _cell(self) -> Cell:
        self.cells += 1
        plain = _PLAIN.match(self.text, self.at)
        if plain is not None:
            self.at = plain.end()
            return Cell(plain[1].strip(), self.line, plain.start(1) - self.line_start)
        start = self._after_blanks(self.at)
        line, column = self.line, start - self.line_start + 1
        if self.text[start : start + 1] in self.quotes and start < len(self.text):
            value = self._quoted(start, column)
        else:
            bare = self._matched(_BARE, start)
            value, self.at = bare, start + len(bare)
        return Cell(value.strip(), line, column)

    def _quoted(self, start: int, column: int) -> str:
        text, quote = self.text, self.text[start]
        line, at, parts, stray = self.line, start + 1, [""], False
        while True:
            part = self._matched(_UNQUOTED[quote], at)
            parts.append(part)
            at += len(part)
            if at == len(text):
                self._note("A quoted value never ends.", line, column, Severity.ERROR)
                break
            if text.startswith(quote, at + 1):
                parts.append(quote)
                at += 2
                continue
            behind = self._after_blanks(at + 1)
            if behind == len(text) or text[behind] in ",\r\n":
                at = behind
                break
            parts.append(quote)
            at, stray = at + 1, True
        if stray:
            self._note("A quote stands inside of a quoted value.", line, column, Severity.WARNING)
        self._count_lines(start, at)
        self.at = max(self.at, at)
        return "".join(parts)

    def _after_blanks(self, at: int) -> int:
        return at + len(self._matched(_BLANKS, at))

    def _matched(self, pattern: re.Pattern[str], at: int) -> str:
        match = pattern.match(self.text, at)
        return match.group() if match else ""

    def _count_lines(self, start: int, stop: int, *, limit: int = 0) -> None:
        """Move past the line ends in a stretch, at most `limit` of them where one is given."""
        for count, end in enumerate(_LINE_END.finditer(self.text, start, stop), start=1):
            self.line += 1
            self.line_start = self.at = end.end()
            if count == limit:
                return

    def _note(self, message: str, line: int, column: int, severity: Severity) -> None:
        remedy = (
            "Close it with a quote; write quotes inside twice."
            if severity is Severity.ERROR
            else "Write quotes inside of a value twice."
        )
        self._faults.append(Fault("", message, remedy, line, column, severity))


def _columns(
    header: tuple[Cell, ...], layout: Layout, *, file: str, findings: Findings
) -> dict[int, str] | None:
    """Map the header's positions to known columns; None when a required one is missing."""
    known = {*layout.required, *layout.optional}
    columns: dict[int, str] = {}
    for index, cell in enumerate(header):
        name = "_".join(cell.text.lower().replace("_", " ").replace("-", " ").split())
        name = layout.aliases.get(name, name)
        if name not in known:
            continue
        if name in columns.values():
            findings.warn(
                f"The column {name} comes twice; the first counts.",
                "Take one of the two out.",
                file=file,
                line=cell.line,
                column=cell.column,
            )
            continue
        columns[index] = name
    missing = [name for name in layout.required if name not in columns.values()]
    for name in missing:
        findings.error(
            f"The header has no column {name}; it begins {quote_value(_shown(header))}.",
            f"The first line must name the columns, at least {_listed(layout.required)}, "
            "separated by commas.",
            file=file,
            line=header[0].line,
            column=name,
        )
    return None if missing else columns


def _row(
    cells: tuple[Cell, ...],
    columns: Mapping[int, str],
    width: int,
    *,
    layout: Layout,
    file: str,
    findings: Findings,
) -> Row:
    line = cells[0].line
    named = {name: cells[index] for index, name in columns.items() if index < len(cells)}
    if layout.repeats is not None:
        rest = (cell for index, cell in enumerate(cells) if index not in columns)
        return Row(line, named, tuple(cell for cell in rest if cell.text))
    beyond = next((cell for cell in cells[width:] if cell.text), None)
    if beyond is not None:
        findings.add(
            Fault(
                file,
                f"The row is longer than its header; {quote_value(beyond.text)} was left out.",
                "Put values that hold a comma between quotes.",
                beyond.line,
                beyond.column,
                layout.overflow,
            )
        )
    return Row(line, named)


def _shown(header: tuple[Cell, ...]) -> str:
    return ",".join(cell.text for cell in header[:10])


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)
