"""The rules of .cmp: what they give, to whom, in which order, and that they end."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import (
    AssignableUnit,
    Block,
    Completion,
    Course,
    Objective,
    Result,
    ResultStatus,
)
from catalog.structure import roll_up, roll_up_blocks, statuses

N, B, U, F, C, P = ResultStatus

# root: A1, B1 (A2, B2 (A3)); two objectives.
COURSE = Course(
    "C",
    "T",
    tuple(AssignableUnit(name, name, "x") for name in ("A1", "A2", "A3")),
    ("A1", "B1"),
    (Block("B1", "Outer", ("A2", "B2")), Block("B2", "Inner", ("A3",))),
    (Objective("J1", "One"), Objective("J2", "Two")),
)

Rule = tuple[str, str, str]


def after(rules: list[Rule], **found: ResultStatus) -> dict[str, ResultStatus]:
    course = replace(COURSE, completions=tuple(Completion(*rule) for rule in rules))
    return statuses(course, {name: Result(status) for name, status in found.items()})


REALISTIC: list[tuple[list[Rule], dict[str, ResultStatus], dict[str, ResultStatus]]] = [
    # The final test alone makes the block, and with it the course.
    ([("B1", "A3=passed", "passed")], {"A1": C, "A3": P}, {"B2": P, "B1": P, "root": P}),
    ([("root", "B2", "completed")], {"A3": P}, {"B1": U, "root": C}),
    # Without its requirement a block is not done, whatever its members are.
    ([("B1", "A3=passed", "passed")], {"A2": C, "A3": C}, {"B1": U, "root": U}),
    ([("root", "J1", "passed")], {"A1": P, "A2": P, "A3": P}, {"B1": P, "root": U}),
    ([("root", "J1", "passed")], {"A1": P, "A2": P, "A3": P, "J1": P}, {"J1": P, "root": P}),
    # A rule for another status than done takes nothing away.
    ([("B1", "A3=failed", "failed")], {"A2": C, "A3": C}, {"B1": C}),
    ([("B1", "A3=failed", "failed")], {"A3": F}, {"B1": F}),
    ([("B1", "A3=passed", "passed")], {"A2": C, "A3": F}, {"B1": F}),
    # Down as well as up.
    ([("root", "A1=failed", "failed")], {"A1": F, "A2": P, "A3": P}, {"B1": P, "root": F}),
    ([("B1", "A2=failed", "incomplete")], {"A2": F, "A3": F}, {"B1": U}),
    # Of several rules the first counts that holds.
    ([("B1", "A2=p", "passed"), ("B1", "A3", "completed")], {"A3": C}, {"B1": C}),
    ([("B1", "A2=p", "passed"), ("B1", "A3", "completed")], {"A2": P, "A3": C}, {"B1": P}),
    # Units and objectives have rules too.
    ([("A2", "J1 & J2", "passed")], {"J1": P, "J2": C}, {"A2": P, "B1": U}),
    ([("A2", "J1 & J2", "passed")], {"A2": C, "J1": P}, {"A2": C}),
    ([("J2", "J1", "completed"), ("A1", "J2", "passed")], {"J1": P}, {"J2": C, "A1": P}),
    ([("J1", "A1", "passed"), ("root", "J1", "passed")], {"A1": P}, {"J1": P, "root": P}),
]
SLOPPY: list[tuple[list[Rule], dict[str, ResultStatus], dict[str, ResultStatus]]] = [
    # A rule may name what stands behind it, before it, and above it.
    ([("A1", "B2", "passed"), ("B2", "A3", "completed")], {"A3": P}, {"A1": P, "B2": C}),
    ([("B2", "A3", "completed"), ("A1", "B2", "passed")], {"A3": P}, {"A1": P, "B2": C}),
    ([("A3", "B1=incomplete", "completed")], {"A2": U}, {"A3": C}),
    # Ids in any case, and ids that nobody has.
    ([("B1", "a3 | A9", "p")], {"A3": P}, {"B1": P}),
    ([("B1", "A9", "passed")], {"A2": P, "A3": P}, {"B1": U}),
    # What an older import let through changes nothing.
    ([("B1", "A3 &", "passed")], {"A2": P, "A3": P}, {"B1": P}),
    ([("B1", "", "passed")], {}, {"B1": N, "root": N}),
    ([("B1", "A2", "well done")], {"A2": P, "A3": P}, {"B1": P}),
    ([("A9", "A2", "passed")], {"A2": P}, {"A2": P}),
]


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, completion",
    "A rule of .cmp that holds gives its element the status.",
    grade="M",
)
@pytest.mark.parametrize(("rules", "found", "expected"), REALISTIC + SLOPPY)
def test_a_rule_that_holds_gives_its_result(
    rules: list[Rule], found: dict[str, ResultStatus], expected: dict[str, ResultStatus]
) -> None:
    all_statuses = after(rules, **found)
    assert {name: all_statuses[name] for name in expected} == expected


def test_rules_in_a_ring_end_with_what_was_there_before_them() -> None:
    ring = [("B1", "B2=passed", "passed"), ("B2", "B1=passed", "passed")]
    assert after(ring, A2=C)["B1"] is U
    # The blocks pass each other, since both were passed before any rule was asked.
    assert after(ring, A2=P, A3=P)["B1"] is P


def test_an_element_may_name_itself() -> None:
    assert after([("B1", "B1=completed", "passed")], A2=C, A3=C)["B1"] is P


def test_an_empty_block_counts_once_a_rule_gives_it_a_status() -> None:
    course = replace(
        COURSE,
        members=("A1", "B3"),
        blocks=(Block("B3", "Empty", ()),),
        units=COURSE.units[:1],
        completions=(Completion("B3", "A1=passed", "failed"),),
    )
    assert statuses(course, {"A1": Result(C)})["root"] is C
    assert statuses(course, {"A1": Result(P)})["root"] is F


def test_rules_change_status_and_neither_score_nor_time() -> None:
    course = replace(COURSE, completions=(Completion("B1", "A3", "passed"),))
    results = {"A2": Result(U, 40.0, 5.0), "A3": Result(C, 60.0, 7.0), "A1": Result(C)}
    assert roll_up(course, results) == Result(P, 50.0, 12.0)
    assert roll_up_blocks(course, results)["B1"] == Result(P, 50.0, 12.0)


ELEMENTS = st.sampled_from(["A1", "A2", "A3", "B1", "B2", "J1", "root"])
REQUIREMENTS = st.sampled_from(
    ["A1", "~A2", "B1 & A3", "B2 | root", "root=incomplete", "J1", "B1=n", "2*{A1, B2, J1}"]
)
RULES = st.lists(st.tuples(ELEMENTS, REQUIREMENTS, st.sampled_from(ResultStatus)), max_size=6)
FOUND = st.dictionaries(
    st.sampled_from(["A1", "A2", "A3", "J1"]), st.sampled_from(ResultStatus), max_size=4
)


@given(RULES, FOUND)
def test_any_rules_end_and_give_every_element_one_status(
    rules: list[Rule], found: dict[str, ResultStatus]
) -> None:
    final = after(rules, **found)
    assert set(final) == {"A1", "A2", "A3", "B1", "B2", "J1", "J2", "root"}
    ruled = {element for element, _requirement, _result in rules}
    assert all(final[name] is found.get(name, N) for name in set(final) - ruled if name[0] in "AJ")


@given(RULES, FOUND)
def test_the_order_of_rules_for_different_elements_is_no_matter_without_rings(
    rules: list[Rule], found: dict[str, ResultStatus]
) -> None:
    # Only what lies below is named, so that there is no ring.
    below = [("B1", "A2 | A3", "passed"), ("root", "B1 & A1", "completed"), ("B2", "A3", "failed")]
    assert after(below, **found) == after(below[::-1], **found)


@pytest.mark.parametrize("shape", ["chain", "ring", "one requirement", "deep"])
def test_size_takes_time_in_proportion(shape: str) -> None:
    count = 20_000
    names = [f"A{number}" for number in range(count)]
    units = tuple(AssignableUnit(name, name, "x") for name in names)
    course = Course("C", "T", units, tuple(names))
    rules = [Completion(name, f"A{(place + 1) % count}", "p") for place, name in enumerate(names)]
    if shape == "chain":
        course = replace(course, completions=tuple(rules[:-1]))
    elif shape == "ring":
        course = replace(course, completions=tuple(rules))
    elif shape == "one requirement":
        course = replace(course, completions=(Completion("root", " & ".join(names), "passed"),))
    else:
        blocks = tuple(Block(f"B{n}", "t", (f"B{n + 1}",)) for n in range(count))
        blocks = (*blocks, Block(f"B{count}", "t", ("A0",)))
        rules = [Completion(f"B{n}", f"B{n + 1}", "passed") for n in range(count)]
        course = replace(
            course, units=units[:1], members=("B0",), blocks=blocks, completions=tuple(rules)
        )
    start = time.process_time()
    last = "A0" if shape == "deep" else names[-1]
    found = statuses(course, {last: Result(P)})
    assert found["root"] is (U if shape == "one requirement" else P)
    assert time.process_time() - start < 20
