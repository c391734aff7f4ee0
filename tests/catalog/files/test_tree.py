"""The tree of .cst: repeated rows, lost elements, cycles, and any depth."""

from __future__ import annotations

import time

import pytest

from catalog.errors import Findings
from catalog.files.layouts import CST
from catalog.files.tables import parse_table
from catalog.files.tree import Ids, Tree, after_needs, build_tree, walk
from catalog.model import Severity


def build(text: str, units: str = "A1 A2 A3") -> tuple[Tree, Findings]:
    findings = Findings()
    rows = parse_table(text, CST, file="c.cst", findings=findings)
    assert rows is not None
    return build_tree(rows, units.split(), file="c.cst", findings=findings), findings


@pytest.mark.conforms(
    "Course files",
    "CMI001 v4",
    "The order of .cst is the order of the course; a block may have several rows.",
    grade="B",
)
@pytest.mark.parametrize(
    ("text", "top", "units", "blocks"),
    [
        # realistic
        ("block,member\nroot,A1,A2,A3", "A1 A2 A3", "A1 A2 A3", ""),
        ("block,member\nroot,B1,A3\nB1,A2,A1", "B1 A3", "A2 A1 A3", "B1"),
        # sloppy
        ("block,member\nROOT,A1\nRoot,A2\nroot,A3", "A1 A2 A3", "A1 A2 A3", ""),
        ("block,member\nB1,A2\nroot,A1,B1\nB1,A3", "A1 B1", "A1 A2 A3", "B1"),
        ("block,member\nroot,B1\nB1,B2,A3\nB2,A1,A2", "B1", "A1 A2 A3", "B1 B2"),
        ("block,member\nroot,A1,,A2,A3,B9\nB9,", "A1 A2 A3 B9", "A1 A2 A3", "B9"),
    ],
)
def test_the_tree_has_the_order_of_its_rows(text: str, top: str, units: str, blocks: str) -> None:
    tree, findings = build(text)
    assert not findings.errors() + findings.warnings()
    assert tree.top == tuple(top.split())
    assert tree.units == tuple(units.split())
    assert tree.blocks == tuple(blocks.split())


@pytest.mark.conforms(
    "Course files",
    "Moodle",
    "An element that no row reaches is appended, with a warning.",
    grade="D",
)
@pytest.mark.parametrize(
    ("text", "top", "told"),
    [
        ("block,member\nroot,A1", "A1 A2 A3", ["A2", "A3"]),
        ("block,member\nroot,A1\nB1,B2\nB2,A2", "A1 B1 A3", ["B1", "A3"]),
        ("block,member\nB1,A1,A2,A3", "B1", ["B1"]),
        ("block,member", "A1 A2 A3", ["A1", "A2", "A3"]),
    ],
)
def test_what_no_row_reaches_stands_at_the_end_with_a_warning(
    text: str, top: str, told: list[str]
) -> None:
    tree, findings = build(text)
    assert tree.top == tuple(top.split())
    assert set(tree.units) == {"A1", "A2", "A3"}
    assert [fault.message.split('"')[1] for fault in findings.warnings()] == told


def test_an_id_in_another_case_is_taken_with_a_warning() -> None:
    tree, findings = build("block,member\nroot,b1,A2,A3\nB1,a1")
    assert tree.members == {"B1": ("A1",)}
    assert [(fault.line, fault.column) for fault in findings.warnings()] == [(2, 6), (3, 4)]


def test_ids_that_differ_in_case_only_are_two_ids() -> None:
    tree, findings = build("block,member\nroot,a1,A1", "A1 a1")
    assert tree.top == ("a1", "A1")
    assert not findings.errors() + findings.warnings()


def test_an_id_that_fits_two_in_another_case_is_unknown() -> None:
    assert Ids(["Ab", "aB"]).find("ab") is None
    assert Ids(["Ab", "aB"]).find("aB") == "aB"


def test_a_second_place_is_dropped_with_a_warning() -> None:
    tree, findings = build("block,member\nroot,B1,B2,A3\nB1,A1,B2\nB2,A2,A1")
    assert tree.top == ("B1", "A3")
    assert tree.members == {"B1": ("A1", "B2"), "B2": ("A2",)}
    assert [fault.line for fault in findings.warnings()] == [4, 2]


@pytest.mark.conforms(
    "Course files",
    "CMI001 v4",
    "Unknown ids and cycles are faults, with their places.",
    grade="D",
)
@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("block,member\nroot,A9", (2, 6), '"A9" is neither'),
        ("block,member\nroot,A1\n,A2", (3, "block"), "names no block"),
        ("block,member\nroot,A1\nA1,A2", (3, "block"), "cannot have members"),
        ("block,member\nroot,B1\nB1,root", (3, 4), "The root is a member"),
        ("block,member\nroot,B1\nB1,B1", (3, 4), "inside of itself: B1 > B1"),
        ("block,member\nroot,B1\nB1,B2\nB2,B1", (4, 4), "inside of itself: B1 > B2 > B1"),
        ("block,member\nroot,A1\nB1,B2\nB2,B1", (4, 4), "inside of itself: B1 > B2 > B1"),
        (f"block,member\nroot,A1\n{'x' * 256},A2", (3, "block"), "too long"),
    ],
)
def test_what_makes_no_tree_is_a_fault_at_its_place(
    text: str, place: tuple[int, int | str], part: str
) -> None:
    _tree, findings = build(text)
    (fault,) = findings.errors()
    assert (fault.line, fault.column) == place
    assert part in fault.message
    assert fault.severity is Severity.ERROR


def test_a_long_cycle_is_not_spelled_out() -> None:
    rows = "".join(f"B{number},B{(number + 1) % 5000}\n" for number in range(5000))
    _tree, findings = build(f"block,member\nroot,B0\n{rows}")
    (fault,) = findings.errors()
    assert fault.message.endswith("B6 > B7 > ... > B0.")


def test_blocks_may_be_nested_thousands_deep() -> None:
    depth = 20_000
    rows = "".join(f"B{number},B{number + 1}\n" for number in range(depth))
    tree, findings = build(f"block,member\nroot,B0\n{rows}B{depth},A1,A2,A3\n")
    assert not findings.errors() + findings.warnings()
    assert len(tree.blocks) == depth + 1
    assert max(depth for _name, depth in walk(tree.top, tree.members)) == depth + 1


def test_a_wide_and_tangled_tree_takes_time_in_proportion() -> None:
    start = time.process_time()
    names = " ".join(f"A{number}" for number in range(50_000))
    rows = "".join(f"B{number},B{number + 1},A{number},A{number}\n" for number in range(40_000))
    build(f"block,member\nroot,B0\n{rows}B40000,B1,B2,B3\n", names)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        ({}, "ABC"),
        ({"A": "B", "B": "C"}, "CBA"),
        ({"A": "CB"}, "CBA"),
        # A ring, and what is named twice.
        ({"A": "B", "B": "A"}, "BAC"),
        ({"A": "A"}, "ABC"),
        ({"C": "AA"}, "ABC"),
        ({"A": "D"}, "DABC"),
    ],
)
def test_what_is_needed_comes_first(needs: dict[str, str], order: str) -> None:
    assert "".join(after_needs("ABC", needs)) == order


def test_a_long_chain_of_needs_exhausts_nothing() -> None:
    names = [str(number) for number in range(50_000)]
    needs = {name: [names[place + 1]] for place, name in enumerate(names[:-1])}
    assert list(after_needs(names, needs)) == names[::-1]
