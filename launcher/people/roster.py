"""The syntax of a roster: a CSV file of people and courses, read into lines and faults.

Serves `launcher.people.enrolments.import_csv`. Pure: knows no database and does not judge what the
values say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = ("email", "name", "student_id", "course")
# An import is one transaction, during which SQLite's other writers wait, content among them: this
# many people take a few seconds.
MAX_LINES = 2_000
# One cell, in characters; the widest column of the tables is 255.
MAX_CELL = 1024
# A wrong file is wrong in every line; nobody reads more than so many faults.
MAX_FAULTS = 200


@dataclass(frozen=True, slots=True)
class RosterFault:
    """One thing wrong with the file; `line` counts from 1, which is the header."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One line that says something. An empty cell and a missing column are both empty."""

    number: int
    email: str = ""
    name: str = ""
    student_id: str = ""
    course: str = ""


def parse_roster(text: str) -> tuple[list[RosterLine], list[RosterFault]]:
    """Read columns in any order, with commas or semicolons between, with or without a byte mark."""
    clean = text.lstrip("\ufeff")
    if "\0" in clean:
        return [], [RosterFault(1, "", "This is not a text file: it holds NUL characters.")]
    header_line = clean.partition("\n")[0]
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(io.StringIO(clean, newline=""), delimiter=delimiter, strict=True)
    lines: list[RosterLine] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        faults = list(_header_faults(header))
        if faults:
            return [], faults
        for cells in reader:
            if reader.line_num > MAX_LINES:
                message = f"A file may have {MAX_LINES} lines; cut it in two."
                return [], [RosterFault(reader.line_num, "", message)]
            line, fault = _line(header, cells, number=reader.line_num)
            lines += [line] if line else []
            faults += [fault] if fault else []
    except csv.Error as error:
        faults = [RosterFault(reader.line_num, "", f"This line is not CSV: {error}.")]
    return lines, faults


def decode_roster(content: bytes) -> str:
    """Return a file's text: UTF-8 with or without mark, else as spreadsheets on Windows save it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _header_faults(header: list[str]) -> Iterator[RosterFault]:
    known = ", ".join(COLUMNS)
    for name in dict.fromkeys(name for name in header if name):
        if name not in COLUMNS:
            shown = "".join(
                c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:64]
            )
            yield RosterFault(1, shown, f"Unknown column: expected {known}.")
        elif header.count(name) > 1:
            yield RosterFault(1, name, "This column is there twice.")
    if "email" not in header:
        yield RosterFault(
            1, "email", f"This column is missing. The first line names the columns: {known}."
        )


def _line(
    header: list[str], cells: list[str], *, number: int
) -> tuple[RosterLine | None, RosterFault | None]:
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    for name, cell in row.items():
        if len(cell) > MAX_CELL:
            return None, RosterFault(number, name, f"A cell may have {MAX_CELL} characters.")
    if any(cell.strip() for cell in cells[len(header) :]):
        return None, RosterFault(
            number, "", "This line has more cells than columns; quote a cell that holds a comma."
        )
    return (RosterLine(number, **row) if any(row.values()) else None), None
