"""Rows to rules: the prerequisites of .pre and the completion requirements of .cmp.

Serves `course`. Sees that each script parses and which ids it names; keeps it as it was written.
Applies none: that is for `prerequisites` and `structure`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalog.errors import Findings, quote_value
from catalog.files.layouts import CMP, PRE
from catalog.files.tables import Cell, Layout, Places, Row
from catalog.files.tree import ROOT, Ids, warn_of_case
from catalog.model import Completion, Course, ResultStatus
from catalog.openings import closed_elements
from catalog.script import ScriptFault, parse_script, parse_status

# Scripts are read anew for every launch and page. Ten thousand units of which each waits for a few
# others have some 200,000 characters.
MAX_SCRIPTS = 1_000_000

# How many elements of a ring are spelled out.
_RING_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Elements:
    """The ids of a course that a rule may be about, or name."""

    structure: Collection[str]
    objectives: Collection[str]


def read_prerequisites(
    rows: list[Row], elements: Elements, *, text: str, file: str, findings: Findings
) -> dict[str, str]:
    """Return the scripts of .pre by the element that they lock; `text` is the file they stand in.

    What is about no element of the course is an error: the rule was meant for something. What is
    about an objective is left out with a warning, since nobody opens an objective.
    """
    reader = _Reader(elements, PRE, text=text, file=file, findings=findings)
    found: dict[str, str] = {}
    for row in rows:
        element = reader.element(row)
        script = reader.script(row, "prerequisite")
        if element is None or not script:
            continue
        if element in elements.objectives:
            findings.warn(
                f"{quote_value(element)} is an objective and needs no prerequisite.",
                "Give it to the unit or block that should wait.",
                file=file,
                line=row.line,
                column="structure_element",
            )
        elif found.setdefault(element, script) != script:
            findings.error(
                f"{quote_value(element)} has two prerequisites.",
                "Write them in one row, joined by &.",
                file=file,
                line=row.line,
                column="structure_element",
            )
    return found


def read_completions(
    rows: list[Row], elements: Elements, *, text: str, file: str, findings: Findings
) -> tuple[Completion, ...]:
    """Return the rules of .cmp in order, each `result` as a whole status word."""
    reader = _Reader(elements, CMP, text=text, file=file, findings=findings)
    found = []
    for row in rows:
        element = reader.element(row)
        requirement = reader.script(row, "requirement")
        result = reader.result(row)
        if element is not None:
            found.append(
                Completion(element, requirement, result, row.text("next"), row.text("return"))
            )
    return tuple(found)


def warn_of_closed(
    course: Course, rows: Iterable[Row], elements: Elements, *, file: str, findings: Findings
) -> None:
    """Warn of elements that nobody can ever open; each ring of them is one warning.

    The course is taken all the same: the rest of it works, and an error in a newer edition must not
    keep learners from it.
    """
    ids = Ids([*elements.structure, ROOT])
    lines: dict[str, int] = {}
    for row in rows:
        if row.text("prerequisite"):
            lines.setdefault(ids.find(row.text("structure_element")) or "", row.line)
    for closed in closed_elements(course):
        ring = [*closed.ring[:_RING_SHOWN], *(["..."] if len(closed.ring) > _RING_SHOWN else [])]
        if ring:
            message = f"it waits for itself, {' > '.join([*ring, closed.element])}."
            remedy = "Change one of these prerequisites."
        else:
            message = "what it waits for cannot happen."
            remedy = "Change its prerequisite, or what keeps the elements in it from being done."
        findings.warn(
            f"{quote_value(closed.element)} can never be opened: {message}",
            remedy,
            file=file,
            line=lines.get(closed.element),
            column="prerequisite",
        )


class _Reader:
    """What reading .pre and reading .cmp have in common."""

    def __init__(
        self, elements: Elements, layout: Layout, *, text: str, file: str, findings: Findings
    ) -> None:
        self._elements = elements
        self._ids = Ids([*elements.structure, *elements.objectives, ROOT])
        self._layout = layout
        self._places = Places(text)
        self._file = file
        self._findings = findings
        self._characters = 0

    def element(self, row: Row) -> str | None:
        """Return the element that a row is about; None, with an error, where it is about none."""
        cell = row.cells.get("structure_element", Cell("", row.line, 0))
        element = self._find(cell)
        if element is None:
            self._error(
                f"{quote_value(cell.text)} is no unit, block or objective of this course.",
                "Write an id that stands in .au, .cst or .des.",
                line=cell.line,
                column="structure_element",
            )
        return element

    def script(self, row: Row, column: str) -> str:
        """Return a row's script, seen to parse; empty, with an error, where it does not."""
        cell = row.cells.get(column)
        if cell is None or self._is_too_much(cell, column):
            return ""
        try:
            script = parse_script(cell.text)
        except ScriptFault as fault:
            line, place = self._places.of(cell, fault.column - 1, quotes=self._layout.quotes)
            self._error(
                f"The {column} of {quote_value(row.text('structure_element'))} cannot be read at "
                f"character {fault.column} of {quote_value(cell.text)}: {fault.message}.",
                "Join ids by & (and), | (or) and ~ (not), such as A1 & (A2 | A3=passed).",
                line=line,
                column=place,
            )
            return ""
        for name in script.elements:
            if self._find(Cell(name, cell.line, cell.column)) is None:
                self._findings.warn(
                    f"The {column} of {quote_value(row.text('structure_element'))} names "
                    f"{quote_value(name)}, which this course does not have; it counts as not "
                    "attempted.",
                    "Write an id that stands in .au, .cst or .des.",
                    file=self._file,
                    line=cell.line,
                    column=column,
                )
        return cell.text

    def result(self, row: Row) -> str:
        """Return the status that a rule gives, as a whole word; what asks for nothing may be empty.

        A row without requirement says where to go on (`next`, `return`), which learners choose
        themselves here.
        """
        cell = row.cells.get("result", Cell("", row.line, 0))
        status = parse_status(cell.text)
        if status is None and (cell.text or row.text("requirement")):
            self._error(
                f"result is {quote_value(cell.text)}.",
                f"Write one of {', '.join(ResultStatus)}.",
                line=cell.line,
                column="result",
            )
        elif status is not None and not row.text("requirement"):
            self._findings.warn(
                f"{quote_value(row.text('structure_element'))} would be {status} without any "
                "requirement; the row was not applied.",
                "Write down what is required for it.",
                file=self._file,
                line=cell.line,
                column="requirement",
            )
        return str(status or "")

    def _is_too_much(self, cell: Cell, column: str) -> bool:
        """Tell whether the scripts of the file are too long by now; the first is told."""
        before, self._characters = self._characters, self._characters + len(cell.text)
        if before <= MAX_SCRIPTS < self._characters:
            self._error(
                f"The scripts of this file have more than {MAX_SCRIPTS} characters.",
                "Put units into blocks, and let those wait.",
                line=cell.line,
                column=column,
            )
        return self._characters > MAX_SCRIPTS

    def _find(self, cell: Cell) -> str | None:
        found = self._ids.find(cell.text)
        if found is not None and found not in {cell.text, ROOT}:
            warn_of_case(cell, found, file=self._file, findings=self._findings)
        return found

    def _error(self, message: str, remedy: str, *, line: int, column: str | int) -> None:
        self._findings.error(message, remedy, file=self._file, line=line, column=column)
