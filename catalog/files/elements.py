"""Rows to elements: the units of .au, the descriptions of .des, the objectives of .ort.

Serves `course`, which brings them together. Checks ids, scores and times; knows no tree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from catalog.errors import Findings, quote_value
from catalog.files.decoding import single_line
from catalog.files.tables import Cell, Row
from catalog.files.tree import ROOT, Ids, warn_of_case
from catalog.files.values import (
    MAX_IDENTIFIER,
    is_identifier,
    parse_score,
    parse_time_limit,
    parse_time_limit_action,
    parse_vendor_data,
)
from catalog.model import AssignableUnit, Objective

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Described:
    """One row of .des. `element` says that it describes a unit or a block."""

    title: str = ""
    description: str = ""
    developer_id: str = ""
    line: int | None = None
    element: bool = False


def read_units(
    rows: list[Row], places: dict[str, Row], *, file: str, findings: Findings
) -> dict[str, AssignableUnit]:
    """Read the units by id, still without titles and with File_Name as written.

    Puts into `places` which row each came from.
    """
    units: dict[str, AssignableUnit] = {}
    for row in rows:
        name = _identifier(row, places, file=file, findings=findings)
        unit = _unit(name, row, file=file, findings=findings)
        if name:
            units[name] = unit
            places[name] = row
    if not units:
        findings.error(
            "There is no assignable unit that could be launched.",
            "Add a row for each unit.",
            file=file,
        )
    return units


def read_descriptions(
    rows: list[Row], elements: Collection[str], *, file: str, findings: Findings
) -> dict[str, Described]:
    """Read .des by the ids that units and blocks have; other rows keep their own id."""
    places: dict[str, Row] = {}
    for row in rows:
        name = _identifier(row, places, file=file, findings=findings, reserved=False)
        if name:
            places[name] = row
    known = frozenset(elements)
    # What an element's own row describes is not up for a row that only looks like it.
    open_ids = Ids(known.difference(places))
    described: dict[str, Described] = {}
    for name, row in places.items():
        element = name if name in known else open_ids.find(name)
        if element is not None and element != name:
            warn_of_case(row.cells["system_id"], element, file=file, findings=findings)
        described[element or name] = Described(
            single_line(row.text("title")),
            row.text("description"),
            row.text("developer_id"),
            row.line,
            element is not None,
        )
    return described


def read_objectives(
    rows: list[Row],
    described: Mapping[str, Described],
    named: Ids,
    *,
    file: str,
    findings: Findings,
) -> tuple[tuple[Objective, ...], dict[str, tuple[str, ...]]]:
    """Return the objectives, and by element or objective what .ort relates to it.

    What .des describes and is no unit, no block and not the root is an objective; so is what .ort
    names as one.
    """
    objectives = {
        name: Objective(name, row.title or name, row.description, row.developer_id)
        for name, row in described.items()
        if not row.element and name.casefold() != ROOT
    }
    known = Ids(objectives)
    related: dict[str, tuple[str, ...]] = {}
    for row in rows:
        element = _related_element(row, named, known, file=file, findings=findings)
        members = [
            _objective(cell, named, known, objectives, file=file, findings=findings)
            for cell in row.members
        ]
        if element is not None:
            new = tuple(member for member in members if member)
            related[element] = tuple(dict.fromkeys((*related.get(element, ()), *new)))
    return tuple(objectives.values()), related


def _identifier(
    row: Row,
    places: Mapping[str, Row],
    *,
    file: str,
    findings: Findings,
    reserved: bool = True,
) -> str:
    """Return the row's system_id; empty, with a fault, when it cannot be one."""
    name = row.text("system_id")
    if not name:
        message, remedy = "system_id is empty.", "Give the row an id."
    elif not is_identifier(name):
        message = f"system_id {quote_value(name)} is too long or holds a control character."
        remedy = f"Use at most {MAX_IDENTIFIER} letters and digits."
    elif name in places:
        message = f"system_id {quote_value(name)} stands in line {places[name].line} already."
        remedy = "Give every row an id of its own."
    elif reserved and name.casefold() == ROOT:
        message = f"system_id {quote_value(name)} is the name of the course's root."
        remedy = "Give the unit another id."
    else:
        return name
    findings.error(message, remedy, file=file, line=row.line, column="system_id")
    return ""


def _unit(name: str, row: Row, *, file: str, findings: Findings) -> AssignableUnit:
    def value(column: str, parse: Callable[[str], T]) -> T | None:
        return _value(row, column, parse, file=file, findings=findings)

    return AssignableUnit(
        system_id=name,
        title="",
        file_name=row.text("file_name"),
        type=row.text("type"),
        command_line=row.text("command_line"),
        max_score=value("max_score", parse_score),
        mastery_score=value("mastery_score", parse_score),
        max_time_allowed=value("max_time_allowed", parse_time_limit),
        time_limit_action=value("time_limit_action", parse_time_limit_action),
        system_vendor=row.text("system_vendor"),
        core_vendor=parse_vendor_data(row.text("core_vendor")),
        web_launch=row.text("web_launch"),
        au_password=row.text("au_password"),
    )


def _value(
    row: Row, column: str, parse: Callable[[str], T], *, file: str, findings: Findings
) -> T | None:
    text = row.text(column)
    try:
        return parse(text)
    except ValueError as expected:
        findings.error(
            f"{column} is {quote_value(text)}. {expected}",
            "Mend it, or leave it empty.",
            file=file,
            line=row.cells[column].line,
            column=column,
        )
        return None


def _related_element(
    row: Row, named: Ids, known: Ids, *, file: str, findings: Findings
) -> str | None:
    """Find what a row of .ort is about: a unit, a block, the root, or a complex objective."""
    cell = row.cells.get("course_element", Cell("", row.line, 0))
    if cell.text.casefold() == ROOT:
        return ROOT
    element = named.find(cell.text) or known.find(cell.text)
    if element is None:
        findings.error(
            f"{quote_value(cell.text)} is neither a unit nor a block nor an objective.",
            "Write an id that stands in .au, .cst or .des.",
            file=file,
            line=cell.line,
            column="course_element",
        )
    elif element != cell.text:
        warn_of_case(cell, element, file=file, findings=findings)
    return element


def _objective(
    cell: Cell,
    named: Ids,
    known: Ids,
    objectives: dict[str, Objective],
    *,
    file: str,
    findings: Findings,
) -> str | None:
    """Find the objective a member names. Some tools list units here; those are left out."""
    found = cell.text if cell.text in objectives else known.find(cell.text)
    if found is not None:
        if found != cell.text:
            warn_of_case(cell, found, file=file, findings=findings)
        return found
    if not is_identifier(cell.text):
        findings.error(
            f"The id {quote_value(cell.text)} is too long or holds a control character.",
            f"Use at most {MAX_IDENTIFIER} letters and digits.",
            file=file,
            line=cell.line,
            column=cell.column,
        )
        return None
    if named.find(cell.text) is not None:
        findings.warn(
            f"{quote_value(cell.text)} is a unit or block, not an objective, and was left out.",
            "Name objectives only.",
            file=file,
            line=cell.line,
            column=cell.column,
        )
        return None
    findings.warn(
        f"The objective {quote_value(cell.text)} has no row in .des.",
        "Add a row with its title.",
        file=file,
        line=cell.line,
        column=cell.column,
    )
    objectives[cell.text] = Objective(cell.text, cell.text)
    return cell.text
