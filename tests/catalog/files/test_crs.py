"""The .crs file in all the shapes that were seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import Findings
from catalog.files.crs import CrsFile, dump_crs, parse_crs

WHOLE = CrsFile("C-1", "Title", "Maker", "Tool", "1", "4.0", 99, "One line.")


def parse(text: str) -> tuple[CrsFile, Findings]:
    findings = Findings()
    return parse_crs(text, file="course.crs", findings=findings), findings


def test_what_is_written_is_read_back() -> None:
    crs, findings = parse(dump_crs(WHOLE))
    assert crs == WHOLE
    assert not findings.errors() + findings.warnings()


REALISTIC: list[tuple[str, CrsFile | None]] = [
    ("[Course]\nCourse_ID=C\nCourse_Title=T\n", CrsFile("C", "T")),
    (
        "[Course]\r\nCourse_ID=C\r\nCourse_Title=T\r\n[Course_Behavior]\r\nMax_Normal=1",
        CrsFile("C", "T", max_normal=1),
    ),
    (
        "[COURSE]\nCOURSE_ID=C\ncourse_title=T = U\n[course_description]\na\n\n[sic]\n b=c\n\n",
        CrsFile("C", "T = U", description="a\n\n[sic]\n b=c"),
    ),
    (
        "[Course]\nTotal_AUs=999\nTotal_Blocks=0\nMax_Fields_CST=x\nCourse_ID=C\nCourse_Title=T",
        CrsFile("C", "T"),
    ),
]
SLOPPY: list[tuple[str, CrsFile | None]] = [
    ("\r\n\r\n  [Course]  \r\n\tCourse_ID = C \r\n  Course_Title =  T\t\r\n", CrsFile("C", "T")),
    ("[Course]\rCourse_ID=C\rCourse_Title=T\n[Course Behavior]\r\nMax Normal = 7\r", None),
    ('[ course ]\nCourse ID=C\nCOURSE_title="T"\n;Course_ID=D\n', CrsFile("C", "T")),
    ('[Course]\nCourse_ID=C\nCourse_Title="A" and "B"', CrsFile("C", '"A" and "B"')),
    ("[Course]\nCourse_ID=C\nCourse_Title=T\nCourse_ID=C", CrsFile("C", "T")),
    ("[Course]\nCourse_ID=C\n[Vendor]\nx=1\n[Course]\nCourse_Title=T", CrsFile("C", "T")),
    (
        "[Course_Description]\nFree\n[Course]\nCourse_ID=C\nCourse_Title=T\n[Course_Behaviour]",
        CrsFile("C", "T", description="Free"),
    ),
    ("[Course]\nCourse_ID=C\nCourse_Title=T\n[Course_Behavior]\nMax_Normal=", CrsFile("C", "T")),
]


@pytest.mark.conforms(
    "Course files",
    "Siebel",
    "A blank in the name of a group or keyword of .crs is an underscore, and ` = ` is `=`.",
    grade="B",
)
@pytest.mark.conforms(
    "Course files",
    "LifeSpeak",
    "A description is free text of several lines, with blank ones, up to the next known group.",
    grade="B",
)
@pytest.mark.parametrize(("text", "expected"), REALISTIC + SLOPPY)
def test_dialects_are_read_without_a_word(text: str, expected: CrsFile | None) -> None:
    crs, findings = parse(text)
    assert crs == (expected or CrsFile("C", "T", max_normal=7))
    assert not findings.errors() + findings.warnings()


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("[Course]\nCourse_ID=C\n", None, "Course_Title is missing"),
        ("[Course]\nCourse_ID=C\nCourse_Title=\n", 3, "Course_Title is missing"),
        ("[Course]\nCourse_ID=C\nCourse_Title=T\nCourse_ID=D", 4, "line 2, counts"),
        ("x=1\n[Course]\nCourse_ID=C\nCourse_Title=T", 1, "before the first group"),
        ("[Course]\nCourse_ID=C\nCourse_Title=T\nnonsense", 4, "not a keyword"),
        ("[Course]\nCourse_ID=C\nCourse_Title=T\n[x", 4, "not a keyword"),
        (
            "[Course]\nCourse_ID=C\nCourse_Title=T\n[Course_Behavior]\nMax_Normal=many",
            5,
            "not a number",
        ),
        (
            "[Course]\nCourse_ID=C\nCourse_Title=T\n[Course_Behavior]\nMax_Normal=12345",
            5,
            "not a number",
        ),
    ],
)
def test_what_is_tolerated_is_warned_of(text: str, line: int | None, part: str) -> None:
    crs, findings = parse(text)
    assert crs.course_id == "C"
    assert not findings.refused
    (warning,) = findings.warnings()
    assert part in warning.message
    assert warning.line == line


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", None, "no [Course] group"),
        ("Course_ID=C\nCourse_Title=T", None, "no [Course] group"),
        ("[Course]\nCourse_Title=T", None, "Course_ID is missing"),
        ("[Course]\nCourse_ID= \nCourse_Title=T", 2, "Course_ID is empty"),
        (f"[Course]\nCourse_ID={'x' * 256}\nCourse_Title=T", 2, "has 256 characters"),
    ],
)
def test_what_names_no_course_is_refused(text: str, line: int | None, part: str) -> None:
    _crs, findings = parse(text)
    (fault,) = findings.errors()
    assert part in fault.message
    assert fault.line == line
    assert fault.remedy


@given(st.text(alphabet=st.sampled_from('[]=;\r\n \tCourse_ID"\0é'), max_size=300))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    parse(text)


@pytest.mark.conforms("Course files", "anybody", "So is a line of ten megabytes.", grade="D")
def test_a_single_line_of_ten_megabytes_is_read() -> None:
    crs, _findings = parse("[Course]\nCourse_ID=C\nCourse_Title=" + "x= " * 3_300_000)
    assert crs.course_id == "C"
