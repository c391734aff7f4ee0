"""The reader of tables: any order and case of columns, any line end, and every place exact."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import Findings
from catalog.files import tables
from catalog.files.tables import Cell, Layout, Places, dump_table, parse_table, read_rows
from catalog.model import Severity

TWO = Layout(required=("id",), optional=("title",), aliases={"name": "title"})
MANY = Layout(required=("block",), repeats="member")


def rows_of(text: str, quotes: str = '"') -> tuple[list[list[str]], Findings]:
    findings = Findings()
    rows = read_rows(text, file="a.au", findings=findings, quotes=quotes)
    return [[cell.text for cell in row] for row in rows], findings


REALISTIC = [
    ('"a","b"\r\n"1","2"\r\n', [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ('"C,N",100,,\r\n', [["C,N", "100", "", ""]]),
    ('"Say ""when"""', [['Say "when"']]),
    ('"","x"', [["", "x"]]),
    ('"two\r\nlines",x\r\ny', [["two\r\nlines", "x"], ["y"]]),
]
SLOPPY = [
    ("a\rb\nc\r\nd", [["a"], ["b"], ["c"], ["d"]]),
    ("\r\n\n , ,\t\r\na", [["a"]]),
    (' "a" ,\t"b"\t\r\n', [["a", "b"]]),
    ("a b , c", [["a b", "c"]]),
    ("it's,5\" wide", [["it's", '5" wide']]),
    ("a,", [["a", ""]]),
]


@pytest.mark.parametrize(("text", "rows"), REALISTIC + SLOPPY)
def test_rows_are_read(text: str, rows: list[list[str]]) -> None:
    found, findings = rows_of(text)
    assert found == rows
    assert not findings.errors() + findings.warnings()


@pytest.mark.conforms(
    "Rules of a course",
    "MDL-49557",
    "Values of .pre may stand in single quotes.",
    grade="B",
)
def test_single_quotes_quote_where_a_table_allows_them() -> None:
    found, findings = rows_of("'a,b',\"c'd\"", quotes="\"'")
    assert found == [["a,b", "c'd"]]
    assert not findings.errors() + findings.warnings()


def test_every_cell_knows_its_line_and_column() -> None:
    rows = read_rows('"a\r\nb", "c"\rd,e\n\nf', file="a", findings=Findings())
    assert list(rows) == [
        (Cell("a\r\nb", 1, 1), Cell("c", 2, 5)),
        (Cell("d", 3, 1), Cell("e", 3, 3)),
        (Cell("f", 5, 1),),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [('x,"He said "hi" to me",y', 'He said "hi" to me'), ('x,"a"b",y', 'a"b')],
)
def test_a_stray_quote_is_kept_and_warned_of(text: str, value: str) -> None:
    found, findings = rows_of(text)
    assert found == [["x", value, "y"]]
    (warning,) = findings.warnings()
    assert (warning.line, warning.column) == (1, 3)


@pytest.mark.parametrize("text", ['a\nb,"c', 'a\nb,"', 'a\nb,"c""', 'a\nb,"c\r\nd,e\r\n'])
def test_a_quote_that_never_ends_is_a_fault_where_it_begins(text: str) -> None:
    _found, findings = rows_of(text)
    (fault,) = findings.errors()
    assert (fault.file, fault.line, fault.column) == ("a.au", 2, 3)


def parse(text: str, layout: Layout) -> tuple[list[tuple[str, ...]] | None, Findings]:
    findings = Findings()
    rows = parse_table(text, layout, file="a.au", findings=findings)
    if rows is None:
        return None, findings
    return [tuple(row.text(name) for name in layout.columns) for row in rows], findings


@pytest.mark.conforms(
    "Course files",
    "WisdomMaster, Moodle",
    "Columns come in any order and case.",
    grade="B",
)
@pytest.mark.parametrize(
    "text",
    [
        "id,title\n1,One",
        '"TITLE","ID"\r\n"One","1"',
        "x,Title,,Id,y\n,One,,1,2",
        "\n\n name ,id\nOne,1",
        "id,title\n1,One,,,\n",
    ],
)
def test_columns_come_in_any_order_and_case(text: str) -> None:
    rows, findings = parse(text, TWO)
    assert rows == [("1", "One")]
    assert not findings.errors() + findings.warnings()


def test_blanks_and_hyphens_in_a_column_name_are_underscores() -> None:
    rows, _findings = parse("System ID,file-name\n1,2", Layout(("system_id", "file_name")))
    assert rows == [("1", "2")]


def test_a_row_shorter_than_its_header_has_empty_values() -> None:
    assert parse("title,id\nOne\n,2", TWO)[0] == [("", "One"), ("2", "")]


@pytest.mark.parametrize("overflow", list(Severity))
def test_a_row_longer_than_its_header_is_told(overflow: Severity) -> None:
    layout = Layout(required=("id",), overflow=overflow)
    rows, findings = parse("id\n1,,{A2", layout)
    assert rows == [("1",)]
    (fault,) = findings.errors() + findings.warnings()
    assert (fault.severity, fault.line, fault.column) == (overflow, 2, 4)
    assert '"{A2"' in fault.message


@pytest.mark.conforms(
    "Course files",
    "common",
    "Rows of .cst are as long as they like, whatever the header says.",
    grade="B",
)
def test_rows_longer_than_their_header_belong_to_a_repeated_column() -> None:
    findings = Findings()
    text = "Block,Member\nroot,A,,B,C\n"
    rows = parse_table(text, MANY, file="a.cst", findings=findings)
    assert rows is not None
    assert [cell.text for cell in rows[0].members] == ["A", "B", "C"]
    assert not findings.errors() + findings.warnings()


def test_a_repeated_column_may_stand_before_the_other() -> None:
    rows = parse_table("member,BLOCK\nA,root,B", MANY, file="a.cst", findings=Findings())
    assert rows is not None
    assert rows[0].text("block") == "root"
    assert [cell.text for cell in rows[0].members] == ["A", "B"]


def test_a_column_that_comes_twice_counts_once() -> None:
    rows, findings = parse("id,title,ID\n1,One,2", TWO)
    assert rows == [("1", "One")]
    assert "comes twice" in findings.warnings()[0].message


@pytest.mark.parametrize("text", ["", "\r\n\r\n", ",,\n"])
def test_an_empty_table_is_refused(text: str) -> None:
    rows, findings = parse(text, TWO)
    assert rows is None
    assert findings.errors()[0].message == "The file is empty."


def test_a_missing_column_is_a_fault_that_shows_the_header() -> None:
    rows, findings = parse("\nA1,lesson\nA2,lesson", Layout(("id", "file_name")))
    assert rows is None
    assert [fault.column for fault in findings.errors()] == ["id", "file_name"]
    assert findings.errors()[0].line == 2
    assert '"A1,lesson"' in findings.errors()[0].message


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(WORDS, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_back(written: list[list[str]]) -> None:
    rows, findings = parse(dump_table(TWO.columns, written), TWO)
    expected = [(one.strip(), two.strip()) for one, two in written]
    assert rows == [row for row in expected if any(row)]
    assert not findings.errors() + findings.warnings()


@given(st.text(alphabet=st.sampled_from("\"', \t\r\nab\ufeff\xa0"), max_size=60))
def test_every_character_of_a_value_is_found_in_the_text(text: str) -> None:
    starts = [0, *(end.end() for end in tables._LINE_END.finditer(text))]
    places = Places(text)
    for row in read_rows(text, file="a", findings=Findings(), quotes="\"'"):
        for cell in row:
            for index, character in enumerate(cell.text):
                line, column = places.of(cell, index, quotes="\"'")
                assert text[starts[line - 1] + column - 1] == character


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [
        ("A2,A1 & &", 5, (1, 9)),
        ('"A2","A1 & &"', 5, (1, 12)),
        ('A2, \t" A1=""passed"" & &"', 15, (1, 25)),
        ('A2,"A1\r\n& &"', 6, (2, 3)),
        ("\nA2,A1 &", 4, (2, 8)),
    ],
)
def test_a_place_in_a_value_is_a_place_in_the_file(
    text: str, index: int, place: tuple[int, int]
) -> None:
    row = list(read_rows(text, file="a", findings=Findings()))[-1]
    assert Places(text).of(row[1], index) == place


@given(st.text(alphabet=st.sampled_from("\"', \t\r\nab\ufeff"), max_size=200))
def test_no_text_makes_the_reader_fall_or_lie_about_places(text: str) -> None:
    lines = tables._LINE_END.split(text)
    for row in read_rows(text, file="a", findings=Findings(), quotes="\"'"):
        for cell in row:
            assert len(lines[cell.line - 1]) >= cell.column - 1


@pytest.mark.parametrize(
    "text",
    [
        '"' * 2_000_000,
        '" ' * 1_000_000,
        '"a" ' * 500_000,
        "x" * 10_000_000,
        '"' + "\r" * 1_000_000,
        "," * 10_000_000,
        " " * 10_000_000,
        '"a"\r' * 200_000,
    ],
    ids=["quotes", "spaced quotes", "strays", "letters", "lines", "commas", "blanks", "rows"],
)
def test_a_flood_takes_time_in_proportion(text: str) -> None:
    # Anything quadratic would take hours; the time is the processor's, since machines are busy.
    start = time.process_time()
    rows_of(text)
    assert time.process_time() - start < 20


@pytest.mark.conforms(
    "Course files",
    "anybody",
    "A hundred thousand columns are read in linear time.",
    grade="D",
)
def test_a_hundred_thousand_columns_are_read() -> None:
    found, findings = rows_of('"x",' * 100_000 + '"y"')
    assert len(found[0]) == 100_001
    assert not findings.refused


def test_more_cells_than_any_course_has_are_refused() -> None:
    found, findings = rows_of("," * (tables.MAX_CELLS + 5))
    assert found == []
    (fault,) = findings.errors()
    assert fault.line == 1
