"""What several results amount to, and the outline of a course."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import AssignableUnit, Block, Course, Result, ResultStatus
from catalog.structure import (
    outline,
    outline_rows,
    roll_up,
    roll_up_blocks,
    roll_up_status,
    statuses,
)

N, B, U, F, C, P = ResultStatus


def course_of(units: int) -> Course:
    names = tuple(f"A{number}" for number in range(units))
    return Course("C", "T", tuple(AssignableUnit(name, name, "x") for name in names), names)


@pytest.mark.conforms(
    "Rules of a course",
    "cmi5",
    "A course, and a block, is done when all of its members are.",
    grade="C",
)
@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ([], N),
        ([N, N], N),
        ([P, P], P),
        ([P, C], P),
        ([C, C], C),
        ([C, F], F),
        ([F, P], F),
        ([F, F], F),
        ([B, N], B),
        ([B, B], B),
        ([U, N], U),
        ([P, N], U),
        ([F, N], U),
        ([F, U], U),
        ([B, C], U),
        ([B, F], U),
        ([B, U], U),
    ],
)
def test_the_status_of_a_course_follows_its_units(
    statuses: list[ResultStatus], whole: ResultStatus
) -> None:
    course = course_of(len(statuses))
    results = {f"A{number}": Result(status) for number, status in enumerate(statuses)}
    assert roll_up(course, results).status is whole
    assert roll_up_status(statuses) is whole


def test_a_unit_without_a_result_is_not_attempted() -> None:
    assert roll_up(course_of(2), {"A0": Result(P)}).status is U
    assert roll_up(course_of(2), {}) == Result()


def test_a_result_of_no_unit_counts_for_nothing() -> None:
    assert roll_up(course_of(1), {"A0": Result(C), "A9": Result(F, 5.0, 7.0)}) == Result(C)


def test_percent_is_the_mean_of_what_exists_and_seconds_are_the_sum() -> None:
    results = {"A0": Result(P, 100.0, 10.0), "A1": Result(C, None, 5.5), "A2": Result(P, 50.0)}
    assert roll_up(course_of(3), results) == Result(P, 75.0, 15.5)


NESTED = Course(
    "C",
    "T",
    (AssignableUnit("A1", "One", "x"), AssignableUnit("A2", "Two", "x")),
    ("B1", "B3"),
    (
        Block("B1", "Outer", ("B2", "A2")),
        Block("B2", "Inner", ("A1",)),
        Block("B3", "Empty", ()),
    ),
)


def test_a_block_amounts_to_all_units_below_it() -> None:
    results = {"A1": Result(P, 80.0, 3.0), "A2": Result(C, 60.0, 4.0)}
    assert roll_up_blocks(NESTED, results) == {
        "B1": Result(P, 70.0, 7.0),
        "B2": Result(P, 80.0, 3.0),
        "B3": Result(),
    }


def test_an_empty_block_does_not_keep_the_rest_from_being_done() -> None:
    done = {"A1": Result(C), "A2": Result(P)}
    assert statuses(NESTED, done) == {"A1": C, "A2": P, "B1": P, "B2": C, "B3": N, "root": P}


@given(st.lists(st.sampled_from(ResultStatus), min_size=4, max_size=4), st.integers(0, 4))
def test_blocks_in_between_change_nothing(found: list[ResultStatus], cut: int) -> None:
    course = course_of(4)
    results = {f"A{number}": Result(status) for number, status in enumerate(found)}
    blocks = (
        Block("B1", "t", ("B2", *course.members[cut:])),
        Block("B2", "t", course.members[:cut]),
    )
    deep = replace(course, members=("B1",), blocks=blocks)
    assert roll_up(deep, results) == roll_up(course, results)


def test_an_outline_is_a_tree_in_order_with_depths() -> None:
    outer, empty = outline(NESTED)
    assert [node.system_id for node in outer.children] == ["B2", "A2"]
    assert [node.title for node in outer.children[0].children] == ["One"]
    assert outer.children[0].children[0].depth == 2
    assert outer.block is NESTED.blocks[0]
    assert outer.children[1].unit is NESTED.units[1]
    assert empty.children == ()


def test_an_outline_is_also_a_list() -> None:
    rows = [(node.system_id, node.depth) for node in outline_rows(NESTED)]
    assert rows == [("B1", 0), ("B2", 1), ("A1", 2), ("A2", 1), ("B3", 0)]


def test_no_depth_meets_the_recursion_limit() -> None:
    depth = 20_000
    blocks = [Block(f"B{n}", "t", (f"B{n + 1}",)) for n in range(depth)]
    blocks.append(Block(f"B{depth}", "t", ("A1",)))
    course = Course("C", "T", (AssignableUnit("A1", "t", "x"),), ("B0",), tuple(blocks))
    start = time.process_time()
    (top,) = outline(course)
    assert roll_up_blocks(course, {"A1": Result(P, 5.0, 1.0)})["B0"] == Result(P, 5.0, 1.0)
    assert "B0" in repr(top)
    assert top == outline(course)[0]
    assert time.process_time() - start < 10


@given(st.lists(st.sampled_from(ResultStatus), max_size=6))
def test_order_and_repetition_change_no_status(statuses: list[ResultStatus]) -> None:
    assert roll_up_status(statuses) is roll_up_status([*reversed(statuses), *statuses])
