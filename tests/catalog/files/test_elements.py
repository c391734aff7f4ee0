"""Rows of .au, .des and .ort become units, descriptions and objectives."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.errors import Findings
from catalog.files.elements import Described, read_descriptions, read_objectives, read_units
from catalog.files.layouts import AU, DES, ORT
from catalog.files.tables import Layout, Row, parse_table
from catalog.files.tree import Ids
from catalog.model import AssignableUnit, Objective


def rows_of(text: str, layout: Layout) -> list[Row]:
    rows = parse_table(text, layout, file="c", findings=Findings())
    assert rows is not None
    return rows


def units_of(text: str) -> tuple[dict[str, AssignableUnit], Findings]:
    findings = Findings()
    return read_units(rows_of(text, AU), {}, file="c.au", findings=findings), findings


@pytest.mark.conforms(
    "Course files",
    "CMI001 v3.5",
    "The .au file gives mastery, limit, action and vendor data.",
    grade="B",
)
def test_a_unit_has_its_scores_times_and_vendor_data() -> None:
    units, findings = units_of(
        "system_id,file_name,mastery_score,max_time_allowed,time_limit_action,core_vendor\n"
        'A1,a.html,80,00:30:00,"E,M",a<CR>b\nA2,b.html,,9999:59:59,,\n'
    )
    assert not findings.errors()
    assert units["A1"].mastery_score == Decimal(80)
    assert units["A1"].max_time_allowed == "0000:30:00"
    assert units["A1"].time_limit_action == "exit,message"
    assert units["A1"].core_vendor == "a\r\nb"
    assert units["A2"] == AssignableUnit("A2", "", "b.html")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",a.html,,", "system_id"),
        ("A1,a.html,,", "system_id"),
        ("Root,a.html,,", "system_id"),
        (f"{'x' * 256},a.html,,", "system_id"),
        ("A2,a.html,high,", "mastery_score"),
        ("A2,a.html,,soon", "max_time_allowed"),
    ],
)
def test_a_bad_value_is_a_fault_in_its_row_and_column(row: str, column: str) -> None:
    header = "system_id,file_name,mastery_score,max_time_allowed"
    _units, findings = units_of(f"{header}\nA1,a.html,,\n{row}")
    (fault,) = findings.errors()
    assert (fault.file, fault.line, fault.column) == ("c.au", 3, column)


def test_a_table_without_units_is_a_fault() -> None:
    _units, findings = units_of("system_id,file_name\n")
    assert "no assignable unit" in findings.errors()[0].message


def described(text: str, *elements: str) -> tuple[dict[str, Described], Findings]:
    findings = Findings()
    rows = rows_of(text, DES)
    return read_descriptions(rows, elements, file="c.des", findings=findings), findings


def test_a_description_is_found_by_id_and_its_title_is_one_line() -> None:
    found, _findings = described('title,system_id\n"One\n two",A1\nJ,J1', "A1")
    assert found["A1"] == Described("One two", line=2, element=True)
    assert found["J1"] == Described("J", line=4)


def test_a_description_in_another_case_is_taken_with_a_warning() -> None:
    found, findings = described("system_id,title\na1,One", "A1")
    assert found["A1"].title == "One"
    assert findings.warnings()[0].line == 2


def test_a_row_of_its_own_goes_before_one_that_only_looks_like_it() -> None:
    found, findings = described("system_id,title\na1,Objective\nA1,Unit", "A1")
    assert found["A1"].title == "Unit"
    assert not found["a1"].element
    assert not findings.warnings()


def test_an_id_described_twice_is_a_fault() -> None:
    _found, findings = described("system_id,title\nA1,One\nA1,Two", "A1")
    assert findings.errors()[0].line == 3


DESCRIBED = {
    "A1": Described("Unit", element=True),
    "J1": Described("First", "Learn it", "dev"),
    "J2": Described(),
    "root": Described("The course"),
}


def objectives_of(
    text: str,
) -> tuple[tuple[Objective, ...], dict[str, tuple[str, ...]], Findings]:
    findings = Findings()
    rows = rows_of(text, ORT)
    found = read_objectives(rows, DESCRIBED, Ids(["A1", "B1"]), file="c.ort", findings=findings)
    return *found, findings


def test_what_is_described_and_is_no_element_is_an_objective() -> None:
    found, related, findings = objectives_of("course_element,member\n")
    assert found == (Objective("J1", "First", "Learn it", "dev"), Objective("J2", "J2"))
    assert related == {}
    assert not findings.warnings()


@pytest.mark.conforms(
    "Course files", "Moodle", "The .ort file gives an element its objectives.", grade="M"
)
def test_elements_have_objectives_over_several_rows() -> None:
    _found, related, findings = objectives_of(
        "course_element,member\nA1,J1\nA1,J2,J1\nroot,J1\nJ2,J1\n"
    )
    assert related == {"A1": ("J1", "J2"), "root": ("J1",), "J2": ("J1",)}
    assert not findings.errors() + findings.warnings()


@pytest.mark.parametrize(
    ("row", "members", "part"),
    [
        ("A1,j1", ("J1",), "was taken for"),
        ("a1,J1", ("J1",), "was taken for"),
        ("A1,B1", (), "not an objective"),
        ("A1,J9", ("J9",), "no row in .des"),
    ],
)
def test_what_is_tolerated_is_warned_of(row: str, members: tuple[str, ...], part: str) -> None:
    _found, related, findings = objectives_of(f"course_element,member\n{row}")
    assert related["A1"] == members
    assert part in findings.warnings()[0].message
    assert not findings.refused


def test_an_objective_without_a_description_may_be_named_again() -> None:
    found, related, findings = objectives_of("course_element,member\nA1,J9\nB1,J9\n")
    assert found[-1] == Objective("J9", "J9")
    assert related == {"A1": ("J9",), "B1": ("J9",)}
    assert len(findings.warnings()) == 1


@pytest.mark.parametrize("row", ["A9,J1", ",J1", f"A1,{'x' * 256}"])
def test_unknown_and_impossible_ids_are_faults(row: str) -> None:
    _found, _related, findings = objectives_of(f"course_element,member\n{row}")
    assert findings.errors()[0].line == 2
