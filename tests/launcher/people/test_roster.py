"""The syntax of a roster: dirty spreadsheets in, lines and faults out."""

from __future__ import annotations

import pytest

from launcher.people.roster import MAX_CELL, MAX_LINES, RosterLine, decode_roster, parse_roster


@pytest.mark.parametrize(
    "text",
    [
        'email,name,student_id,course\na@b,"Doe, Jane",s1,C1\n',
        '\ufeffcourse,student_id,name,email\r\nC1,s1,"Doe, Jane",a@b\r\n',
        "EMAIL ; Name;Student_ID;Course\n a@b ;Doe, Jane;s1; C1",
        'email,name,student_id,course\ra@b,"Doe, Jane",s1,C1\r',
        'email,name,,student_id,course\n\n,,,,\na@b,"Doe, Jane",ignored,s1,C1\n',
    ],
)
def test_columns_come_in_any_order_and_dress(text):
    lines, faults = parse_roster(text)
    assert faults == []
    assert [(x.email, x.name, x.student_id, x.course) for x in lines] == [
        ("a@b", "Doe, Jane", "s1", "C1")
    ]


def test_missing_columns_and_short_lines_are_empty():
    lines, faults = parse_roster("email,name\na@b\n")
    assert (lines, faults) == ([RosterLine(2, "a@b")], [])


def test_a_line_is_counted_where_it_ends():
    lines, _ = parse_roster('email,name\n"a@b","Doe,\nJane"\nc@d,X\n')
    assert [line.number for line in lines] == [3, 4]


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("", "email", "missing"),
        ("name\nX\n", "email", "missing"),
        ("email,phone\na@b,1\n", "phone", "Unknown column"),
        ("email,email\na@b,c@d\n", "email", "twice"),
        ("email\na\0b\n", "", "NUL"),
        ("email,name\na@b,Doe, Jane\n", "", "more cells"),
        (f"email\n{'a' * (MAX_CELL + 1)}\n", "email", "characters"),
        (f"email\n{'a' * 200_000}\n", "", "not CSV"),
        ("email\n" + "\n" * MAX_LINES + "a@b\n", "", "lines"),
    ],
)
def test_what_is_wrong_is_named(text, column, part):
    _lines, faults = parse_roster(text)
    assert [fault.column for fault in faults] == [column]
    assert part in faults[0].message


def test_every_wrong_line_is_named():
    _lines, faults = parse_roster("email\na@b,x\nc@d\ne@f,y\n")
    assert [fault.line for fault in faults] == [2, 4]


def test_a_file_is_utf8_or_what_windows_saves():
    assert decode_roster("Zoë".encode()) == "Zoë"
    assert decode_roster("Zoë".encode("utf-8-sig")) == "Zoë"
    assert decode_roster("Zoë – x".encode("cp1252")) == "Zoë – x"


def test_a_quote_that_is_never_closed_swallows_nobody():
    lines, faults = parse_roster('email,name\nq@example.org,"abc\nr@example.org,x\n')
    assert [fault.message for fault in faults] == ["This line is not CSV: unexpected end of data."]
    assert lines == []
