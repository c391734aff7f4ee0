"""Which units are locked, by whose script, and what would unlock them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from catalog.model import (
    AssignableUnit,
    Block,
    Completion,
    Course,
    Objective,
    Result,
    ResultStatus,
)
from catalog.prerequisites import Unmet, locks, may_launch
from catalog.script import AtLeast, Condition

N, B, U, F, C, P = ResultStatus

UNITS = tuple(
    AssignableUnit(name, f"Lesson {name[1]}", "x") for name in ("A1", "A2", "A3", "A4", "A5")
)
# root: A1, A2, B1 (A3, B2 (A4)), A5.
BLOCKS = (Block("B1", "Part one", ("A3", "B2")), Block("B2", "Inside", ("A4",)))


def course(**prerequisites: str) -> Course:
    return Course(
        "C",
        "The course",
        UNITS,
        ("A1", "A2", "B1", "A5"),
        BLOCKS,
        (Objective("J1", "Know it"),),
        prerequisites=prerequisites,
        completions=(Completion("B1", "A3=passed", "passed"),),
    )


def locked(course: Course, **found: ResultStatus) -> dict[str, str]:
    """Return by locked element whose script it is."""
    results = {name: Result(status) for name, status in found.items()}
    return {name: lock.element for name, lock in locks(course, results).items()}


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "A unit waits for its own prerequisite and those of the blocks around it.",
    grade="B",
)
@pytest.mark.parametrize(
    ("prerequisites", "found", "expected"),
    [
        ({}, {}, {}),
        # A bare id is passed or completed.
        ({"A2": "A1"}, {}, {"A2": "A2"}),
        ({"A2": "A1"}, {"A1": F}, {"A2": "A2"}),
        ({"A2": "A1"}, {"A1": C}, {}),
        ({"A2": "a1"}, {"A1": P}, {}),
        ({"A2": "A1=passed"}, {"A1": C}, {"A2": "A2"}),
        # What is around is locked with all that is in it, and the outermost is told.
        ({"B1": "A1"}, {}, {"B1": "B1", "A3": "B1", "B2": "B1", "A4": "B1"}),
        ({"B2": "A3"}, {}, {"B2": "B2", "A4": "B2"}),
        ({"B1": "A1", "A4": "A3"}, {}, {"B1": "B1", "A3": "B1", "B2": "B1", "A4": "B1"}),
        ({"B1": "A1", "A4": "A3"}, {"A1": P}, {"A4": "A4"}),
        (
            {"root": "J1"},
            {"J1": N},
            dict.fromkeys(["A1", "A2", "B1", "A3", "B2", "A4", "A5"], "root"),
        ),
        ({"root": "J1"}, {"J1": P}, {}),
        # What stands behind a locked block is not in it.
        (
            {"B1": "A1", "A5": "A1"},
            {},
            {"B1": "B1", "A3": "B1", "B2": "B1", "A4": "B1", "A5": "A5"},
        ),
        # Blocks count by the rules of .cmp.
        ({"A5": "B1"}, {"A3": C, "A4": C}, {"A5": "A5"}),
        ({"A5": "B1"}, {"A3": P}, {}),
        # What an older import let through, and what asks for nothing.
        ({"A2": "A1 &", "A5": " "}, {}, {}),
        ({"A2": "A9"}, {"A9": P}, {"A2": "A2"}),
        # That a unit is done, failed or begun unlocks nothing.
        ({"A2": "A1"}, {"A2": P}, {"A2": "A2"}),
        ({"A2": "A1"}, {"A2": F}, {"A2": "A2"}),
        ({"A2": "~A5"}, {"A2": U, "A5": P}, {"A2": "A2"}),
        ({"B1": "A1"}, {"A4": P}, {"B1": "B1", "A3": "B1", "B2": "B1", "A4": "B1"}),
    ],
)
def test_what_is_locked(
    prerequisites: dict[str, str], found: dict[str, ResultStatus], expected: dict[str, str]
) -> None:
    assert locked(course(**prerequisites), **found) == expected


def test_a_lock_says_what_is_missing() -> None:
    lock = locks(course(A5="A1 & (B1=passed | ~A2) & A9"), {"A2": Result(P)})["A5"]
    assert (lock.element, lock.title) == ("A5", "Lesson 5")
    assert lock.unmet == (
        Unmet("A1", "Lesson 1"),
        Unmet("B1", "Part one", P),
        Unmet("A2", "Lesson 2", negated=True),
        Unmet("A9", "A9"),
    )
    assert lock.missing == (
        Condition("A1"),
        Condition("B1", P),
        Condition("A2", negated=True),
        AtLeast(1, 2),
        Condition("A9"),
        AtLeast(3, 3),
    )


def test_a_lock_leaves_out_what_is_done() -> None:
    lock = locks(course(A5="2*{A1, A2, A3}"), {"A2": Result(P)})["A5"]
    assert [one.element for one in lock.unmet] == ["A1", "A3"]
    assert lock.missing[-1] == AtLeast(1, 2)


def test_the_whole_course_is_called_by_its_title() -> None:
    lock = locks(course(root="A9"), {})["A1"]
    assert (lock.element, lock.title) == ("root", "The course")


def test_a_unit_may_be_launched_where_nothing_locks_it() -> None:
    one = course(A2="A1")
    assert may_launch(one, {}, "A1") is None
    assert may_launch(one, {}, "A2") == locks(one, {})["A2"]
    assert may_launch(one, {"A1": Result(P)}, "A2") is None


@pytest.mark.parametrize("element", ["A9", "B1", "root", ""])
def test_what_is_no_unit_is_not_launched(element: str) -> None:
    with pytest.raises(LookupError):
        may_launch(course(), {}, element)


def test_any_depth_and_length_take_time_in_proportion() -> None:
    count = 20_000
    names = [f"A{number}" for number in range(count)]
    blocks = [Block(f"B{n}", "t", (f"B{n + 1}", f"A{n}")) for n in range(count)]
    blocks.append(Block(f"B{count}", "t", ()))
    chain = {after: before for before, after in pairwise(names)}
    chain[f"B{count // 2}"] = " & ".join(names[: count // 2])
    deep = Course(
        "C",
        "T",
        tuple(AssignableUnit(name, name, "x") for name in names),
        ("B0",),
        tuple(blocks),
        prerequisites=chain,
    )
    start = time.process_time()
    found = locks(deep, {"A0": Result(P)})
    assert "A1" not in found
    assert found["A2"].element == "A2"
    assert found[names[-1]].element == f"B{count // 2}"
    assert may_launch(deep, {}, "A1") is not None
    assert time.process_time() - start < 20
