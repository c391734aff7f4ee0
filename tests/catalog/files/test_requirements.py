"""Rows of .pre and .cmp: which are rules, and what is said about the others."""

from __future__ import annotations

import pytest

from catalog.errors import Findings
from catalog.files import requirements
from catalog.files.layouts import CMP, PRE
from catalog.files.requirements import (
    Elements,
    read_completions,
    read_prerequisites,
    warn_of_closed,
)
from catalog.files.tables import Row, parse_table
from catalog.model import AssignableUnit, Block, Completion, Course, Fault

ELEMENTS = Elements({"A1", "A2", "A3", "B1"}, {"J1"})
LANGUAGE = "Join ids by & (and), | (or) and ~ (not), such as A1 & (A2 | A3=passed)."


def prerequisites(text: str) -> tuple[dict[str, str], Findings]:
    findings = Findings()
    rows = parse_table(text, PRE, file="c.pre", findings=findings)
    assert rows is not None
    return read_prerequisites(rows, ELEMENTS, text=text, file="c.pre", findings=findings), findings


def completions(text: str) -> tuple[tuple[Completion, ...], Findings]:
    findings = Findings()
    rows = parse_table(text, CMP, file="c.cmp", findings=findings)
    assert rows is not None
    return read_completions(rows, ELEMENTS, text=text, file="c.cmp", findings=findings), findings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"structure_element","prerequisite"\r\n"A2","A1"\r\n', {"A2": "A1"}),
        ("prerequisite,structure_element\n'A1 | J1=\"p\"',B1\n", {"B1": 'A1 | J1="p"'}),
        ("structure_element,prerequisite\nROOT,J1\nA3,\n", {"root": "J1"}),
        ('structure_element,prerequisite\nA2,"2*{A1,A3}"\n', {"A2": "2*{A1,A3}"}),
        # Twice the same is once.
        ("structure_element,prerequisite\nA2,A1\nA2,A1\nA2,\n", {"A2": "A1"}),
        ("structure_element\tx,prerequisite,structure_element\n,A1,A2\n", {"A2": "A1"}),
    ],
)
def test_a_script_is_kept_as_it_was_written(text: str, found: dict[str, str]) -> None:
    read, findings = prerequisites(text)
    assert read == found
    assert not findings.errors() + findings.warnings()


@pytest.mark.parametrize(
    ("row", "line", "column", "message"),
    [
        (
            "A2,A1 & & A3",
            2,
            9,
            'The prerequisite of "A2" cannot be read at character 6 of "A1 & & A3": '
            "`&` stands where an element's id belongs.",
        ),
        ('"A2","A1=""done"""', 2, 10, "`done` stands behind `=`; expected one of"),
        ("A2,'A1 ('", 2, 8, "`(` stands where `&` or `|` belongs."),
        ('A2,"A1\r\n&"', 3, 2, "at character 6 of"),
        ("a9,(A1", 2, 4, 'of "a9" cannot be read at character 1 of "(A1": `(` is never closed.'),
    ],
)
def test_a_script_that_does_not_parse_is_a_fault_where_it_breaks(
    row: str, line: int, column: int, message: str
) -> None:
    read, findings = prerequisites(f"structure_element,prerequisite\n{row}\n")
    fault = findings.errors()[-1]
    assert read == {}
    assert (fault.file, fault.line, fault.column) == ("c.pre", line, column)
    assert message in fault.message
    assert fault.remedy == LANGUAGE


@pytest.mark.parametrize("element", ["A9", "", "Roots"])
@pytest.mark.parametrize(
    ("read", "header", "rest"),
    [(prerequisites, "prerequisite", "A1"), (completions, "requirement,result", "A1,passed")],
)
def test_a_rule_about_no_element_of_the_course_is_a_fault(
    read, header: str, rest: str, element: str
) -> None:
    found, findings = read(f"structure_element,{header}\n{element},{rest}\n")
    (fault,) = findings.errors()
    assert not found
    assert (fault.line, fault.column) == (2, "structure_element")
    assert fault.message == f'"{element}" is no unit, block or objective of this course.'


def test_a_row_shorter_than_its_header_is_about_nothing() -> None:
    _read, findings = prerequisites("prerequisite,structure_element\nA1\n")
    assert [(fault.line, fault.column) for fault in findings.errors()] == [(2, "structure_element")]
    assert prerequisites("structure_element,prerequisite\nA1\n")[0] == {}


@pytest.mark.conforms(
    "Rules of a course",
    "Moodle",
    "An id that the course does not have is warned of, and counts as not attempted.",
    grade="D",
)
def test_an_id_that_the_course_does_not_have_is_a_warning() -> None:
    read, findings = prerequisites("structure_element,prerequisite\nA2,A1 & (A8 | A9) & A8\n")
    assert read == {"A2": "A1 & (A8 | A9) & A8"}
    assert not findings.errors()
    assert [(one.line, one.column) for one in findings.warnings()] == [(2, "prerequisite")] * 2
    assert findings.warnings()[0].message == (
        'The prerequisite of "A2" names "A8", which this course does not have; it counts as not '
        "attempted."
    )


def test_an_id_in_another_case_is_taken_for_the_one_it_looks_like() -> None:
    read, findings = prerequisites("structure_element,prerequisite\na2,a1 & Root\n")
    assert read == {"A2": "a1 & Root"}
    assert [one.message for one in findings.warnings()] == [
        '"a2" was taken for "A2".',
        '"a1" was taken for "A1".',
    ]


def test_two_prerequisites_of_one_element_are_a_fault() -> None:
    _read, findings = prerequisites("structure_element,prerequisite\nA2,A1\nA2,A3\n")
    (fault,) = findings.errors()
    assert (fault.line, fault.message) == (3, '"A2" has two prerequisites.')


def test_an_objective_waits_for_nothing() -> None:
    read, findings = prerequisites("structure_element,prerequisite\nJ1,A1\n")
    assert read == {}
    assert "is an objective" in findings.warnings()[0].message


def test_a_completion_rule_gives_a_whole_status_word() -> None:
    read, findings = completions(
        "structure_element,requirement,result,next,return\n"
        'b1,"A1|A2",P,,A1\nroot,J1,Completed\nJ1,A1=failed,f\nB1,,,A2,\nA1\n'
    )
    assert read == (
        Completion("B1", "A1|A2", "passed", "", "A1"),
        Completion("root", "J1", "completed"),
        Completion("J1", "A1=failed", "failed"),
        Completion("B1", "", "", "A2"),
        Completion("A1", "", ""),
    )
    assert not findings.errors()
    assert [one.message for one in findings.warnings()] == ['"b1" was taken for "B1".']


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, completion",
    "A rule's result is one of the standard's statuses.",
    grade="M",
)
@pytest.mark.parametrize(
    ("row", "came"), [("B1,A1,done", "done"), ("B1,A1,", ""), ("B1,,ready", "ready"), ("B1,A1", "")]
)
def test_a_result_that_is_no_status_is_a_fault(row: str, came: str) -> None:
    _read, findings = completions(f"structure_element,requirement,result\n{row}\n")
    (fault,) = findings.errors()
    assert (fault.line, fault.column) == (2, "result")
    assert fault.message == f'result is "{came}".'
    assert "passed" in fault.remedy


def test_a_result_without_any_requirement_is_a_warning() -> None:
    _read, findings = completions("structure_element,requirement,result\nB1,,passed\n")
    assert not findings.errors()
    (warning,) = findings.warnings()
    assert (warning.line, warning.column) == (2, "requirement")
    assert warning.message.startswith('"B1" would be passed without any requirement')


def test_a_requirement_that_does_not_parse_is_a_fault_where_it_breaks() -> None:
    _read, findings = completions('structure_element,requirement,result\nB1,"A1 A2 |",passed\n')
    (fault,) = findings.errors()
    assert (fault.file, fault.line, fault.column) == ("c.cmp", 2, 12)
    assert "ends where an element's id belongs" in fault.message


def test_scripts_that_are_too_long_altogether_are_one_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requirements, "MAX_SCRIPTS", 7)
    read, findings = prerequisites("structure_element,prerequisite\nA1,A2 & A3\nA2,A1\nA3,A1 &\n")
    (fault,) = findings.errors()
    assert read == {"A1": "A2 & A3"}
    assert (fault.line, fault.column) == (3, "prerequisite")
    assert fault.message == "The scripts of this file have more than 7 characters."


def closed(text: str, prerequisites: dict[str, str]) -> tuple[Fault, ...]:
    findings = Findings()
    rows: list[Row] = parse_table(text, PRE, file="c.pre", findings=findings) or []
    units = tuple(AssignableUnit(name, name, "x") for name in ("A1", "A2", "A3"))
    course = Course(
        "C",
        "T",
        units,
        ("A1", "A2", "B1"),
        (Block("B1", "Part", ("A3",)),),
        prerequisites=prerequisites,
    )
    warn_of_closed(course, rows, ELEMENTS, file="c.pre", findings=findings)
    assert not findings.errors()
    return findings.warnings()


def test_elements_that_wait_for_each_other_are_one_warning() -> None:
    text = "structure_element,prerequisite\nA1,\na2,A1\nA1,A2\n"
    (warning,) = closed(text, {"A2": "A1", "A1": "A2"})
    assert (warning.file, warning.line, warning.column) == ("c.pre", 3, "prerequisite")
    assert warning.message == '"A2" can never be opened: it waits for itself, A2 > A1 > A2.'


def test_an_element_that_waits_for_what_cannot_be_is_a_warning() -> None:
    (warning,) = closed("structure_element,prerequisite\nROOT,A9\n", {"root": "A9"})
    assert warning.line == 2
    assert warning.message == '"root" can never be opened: what it waits for cannot happen.'


def test_a_long_ring_is_cut_short() -> None:
    names = [f"A{number}" for number in range(1, 12)]
    ring = dict(zip(names, [*names[1:], names[0]], strict=True))
    units = tuple(AssignableUnit(name, name, "x") for name in names)
    findings = Findings()
    course = Course("C", "T", units, tuple(names), prerequisites=ring)
    warn_of_closed(course, [], Elements(set(names), set()), file="c.pre", findings=findings)
    (warning,) = findings.warnings()
    assert warning.message.endswith("A1 > A2 > A3 > A4 > A5 > A6 > A7 > A8 > ... > A1.")
