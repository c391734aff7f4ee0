"""docs/conformance.md says what the tests say, and every row has a test that pytest finds.

Serves whoever changes a test or a row. The last part feeds it rows that are wrong in one way each.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from tests.conformance import (
    DOCUMENT,
    NOT_DONE,
    ROOT,
    BadRow,
    Chapter,
    Row,
    dump_document,
    every_row,
    missing,
    repeated,
    rows_of_conversation,
    rows_of_module,
)


@pytest.fixture(scope="module")
def collected() -> list[str]:
    """Return the node of every test that pytest collects here."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    said = subprocess.run(
        [*command, "tests"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [line for line in said.splitlines() if "::" in line]


def test_the_document_is_fresh() -> None:
    wanted = dump_document(every_row())

    assert DOCUMENT.read_text(encoding="utf-8") == wanted, "write it anew: make conformance"


def test_every_row_has_a_test_that_pytest_finds(collected: list[str]) -> None:
    rows = every_row()

    assert missing(rows, collected) == []
    assert {row.chapter for row in rows if not row.because} == set(Chapter)


def test_no_fact_stands_there_twice() -> None:
    assert repeated(every_row()) == []


def test_what_is_not_done_has_its_reason_and_no_test() -> None:
    assert all(row.because.endswith(".") and not row.test for row in NOT_DONE)


ROWS = rows_of_module(
    """
@pytest.mark.conforms("Data", "Rustici", "It is | read.", grade="B", case="a")
@pytest.mark.parametrize("what", ["a"])
def test_one(what): ...
""",
    "tests/test_x.py",
)
(ROW,) = ROWS


def test_a_mark_is_a_row() -> None:
    assert (ROW.test, ROW.case) == ("tests/test_x.py::test_one", "a")
    assert (
        "| Rustici | It is \\| read. | [test_one](../tests/test_x.py), case `a` | B |"
        in dump_document([ROW])
    )


def test_a_line_of_a_conversation_is_a_row() -> None:
    text = "# What it is about.\n# conforms: Data | VistA | C | It is read.\n\nlaunch\n"
    (row,) = rows_of_conversation(text, "tests/conversations/sloppy/x.txt")
    assert row.case == "sloppy/x"
    assert "| VistA | It is read. | [sloppy/x](../tests/conversations/sloppy/x.txt) | C |" in (
        dump_document([row])
    )


@pytest.mark.parametrize(
    "collected",
    [
        [],
        ["tests/test_x.py::test_two[a]"],
        ["tests/test_y.py::test_one[a]"],
        ["tests/test_x.py::test_one[b]"],
        ["tests/test_x.py::test_one[ab]"],
        ["tests/test_x.py::test_one"],
    ],
)
def test_a_row_without_its_test_is_noticed(collected: list[str]) -> None:
    assert missing([ROW], collected) == [ROW]
    assert missing([ROW], [*collected, "tests/test_x.py::test_one[sqlite-a]"]) == []


def test_a_row_without_a_test_needs_a_reason() -> None:
    row = Row(ROW.chapter, "x", "It is so.", ROW.grade)
    assert missing([row], ["tests/test_x.py::test_one"]) == [row]
    assert missing([replace(row, because="It cannot be.")], []) == []


def test_a_fact_that_stands_there_twice_is_noticed() -> None:
    assert repeated([ROW, ROW]) == ["Rustici: It is | read."]


WRONG = {
    "no test": "def helper(): ...",
    "a class": "class TestIt: ...",
}
WRONG_MARKS = {
    "no such chapter": '"Date", "x", "It is.", grade="A"',
    "no such grade": '"Data", "x", "It is.", grade="E"',
    "no grade": '"Data", "x", "It is."',
    "no source": '"Data", "", "It is.", grade="A"',
    "no sentence": '"Data", "x", "it is", grade="A"',
    "no fact": '"Data", "x", grade="A"',
    "something else": '"Data", "x", "It is.", grade="A", test="y"',
    "what is worked out": '"Data", "x", f"It is {1}.", grade="A"',
}


@pytest.mark.parametrize("below", WRONG.values(), ids=WRONG)
def test_a_mark_on_what_is_no_test_is_refused(below: str) -> None:
    mark = '@pytest.mark.conforms("Data", "x", "It is.", grade="A")'
    with pytest.raises(BadRow, match=r"t\.py:1: \w+ is no test"):
        list(rows_of_module(f"{mark}\n{below}", "t.py"))


@pytest.mark.parametrize("texts", WRONG_MARKS.values(), ids=WRONG_MARKS)
def test_a_mark_that_is_no_row_is_refused(texts: str) -> None:
    source = f"@pytest.mark.conforms({texts})\ndef test_x(): ..."
    with pytest.raises(BadRow, match=r"t\.py:1: "):
        list(rows_of_module(source, "t.py"))


@pytest.mark.parametrize("line", ["Data | x | A", "Data | x | It is. | A", "Data | x | A | y | z."])
def test_a_line_that_is_no_row_is_refused(line: str) -> None:
    with pytest.raises(BadRow, match=r"t\.txt:1: "):
        list(rows_of_conversation(f"# conforms: {line}", "t.txt"))
