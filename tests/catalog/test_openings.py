"""Which elements nobody can ever open, and that none is accused without need."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import openings
from catalog.model import (
    AssignableUnit,
    Block,
    Completion,
    Course,
    Objective,
    Result,
    ResultStatus,
)
from catalog.openings import Closed, closed_elements
from catalog.prerequisites import locks

FLAT = ("A1", "A2", "A3", "A4")
BLOCKS = (Block("B1", "Part", ("A3", "B2")), Block("B2", "Inner", ("A4",)))


def course(
    prerequisites: dict[str, str],
    *completions: tuple[str, str, str],
    members: tuple[str, ...] = FLAT,
    blocks: tuple[Block, ...] = (),
) -> Course:
    return Course(
        "C",
        "T",
        tuple(AssignableUnit(name, name, "x") for name in FLAT),
        members,
        blocks,
        (Objective("J1", "Know it"),),
        prerequisites=prerequisites,
        completions=tuple(Completion(*one) for one in completions),
    )


def nested(prerequisites: dict[str, str], *completions: tuple[str, str, str]) -> Course:
    return course(prerequisites, *completions, members=("A1", "A2", "B1"), blocks=BLOCKS)


RINGS = [
    (course({"A2": "A2"}), ("A2",)),
    (course({"A2": "A2<>n"}), ("A2",)),
    (course({"A2": "A3", "A3": "A2"}), ("A2", "A3")),
    (course({"A2": "A3", "A3": "A4", "A4": "A1 & A2"}), ("A2", "A3", "A4")),
    (course({"A2": "2*{A1, A3, A9}", "A3": "A2"}), ("A2", "A3")),
    (course({"A2": "~(A3<>passed)", "A3": "A2"}), ("A2", "A3")),
    (course({"A2": "root"}), ("A2", "root")),
    (course({"root": "A1"}), ("root", "A1")),
    # A unit that waits for its own block, a block that waits for what is in it.
    (nested({"A4": "B2"}), ("A4", "B2")),
    (nested({"A4": "B1"}), ("A4", "B1", "B2")),
    (nested({"B1": "A4"}), ("B1", "A4")),
    (nested({"B1": "B2=incomplete"}), ("B1", "B2", "A4")),
    (nested({"A3": "B2", "B2": "A3"}), ("A3", "B2", "A4", "B2")),
    # Done by a rule only, and the rule waits too.
    (nested({"A3": "B1"}, ("B1", "A3", "passed")), ("A3", "B1")),
]


@pytest.mark.parametrize(("looped", "ring"), RINGS)
def test_elements_that_wait_for_each_other_are_told_with_their_ring(
    looped: Course, ring: tuple[str, ...]
) -> None:
    (closed,) = closed_elements(looped)
    assert closed == Closed(ring[0], ring)


@pytest.mark.parametrize("prerequisite", ["A9", "A1 & A9=passed", "5*{A1, A3}", "B3"])
def test_an_element_that_waits_for_what_cannot_be_is_told_without_a_ring(prerequisite: str) -> None:
    empty = course({"A2": prerequisite}, members=(*FLAT, "B3"), blocks=(Block("B3", "Empty", ()),))
    assert closed_elements(empty) == [Closed("A2")]


def test_who_waits_for_a_ring_from_outside_is_told_after_it() -> None:
    looped = course({"A4": "A2", "A2": "A3", "A3": "A2"})
    assert closed_elements(looped) == [Closed("A2", ("A2", "A3")), Closed("A4")]


def test_what_several_wait_for_in_vain_is_no_ring() -> None:
    stuck = course({"A1": "A2 & A3", "A2": "A9", "A3": "A2"})
    assert closed_elements(stuck) == [Closed("A1"), Closed("A2"), Closed("A3")]


def test_two_rings_are_two() -> None:
    looped = course({"A1": "A2", "A2": "A1", "A3": "A4", "A4": "A3"})
    assert [one.ring for one in closed_elements(looped)] == [("A1", "A2"), ("A3", "A4")]


@pytest.mark.parametrize(
    "innocent",
    [
        course({}),
        course({"A2": "", "A3": "A1 &"}),
        course({"A2": "A1", "A3": "A1 & A2", "A4": "3*{A1, A2, A3}"}),
        course({"A2": "A3 | A1", "A3": "A2"}),
        course({"A2": "~A2"}),
        course({"A2": "A2<>passed"}),
        course({"A2": "0*{A2}"}),
        course({"A2": "A9=n | A2"}),
        course({"A2": "J1", "A1": "J1=passed"}),
        course({"A4": "A9 | A3=incomplete"}),
        # A block is begun by one of its members, and a rule may make it done.
        nested({"A4": "B1=incomplete"}),
        nested({"A4": "B1"}, ("B1", "A3", "passed"), ("B1", "", "passed")),
        nested({"B1": "B1"}, ("B1", "A1", "completed")),
        nested({"A1": "A2", "A2": "A1"}, ("A1", "A3", "incomplete")),
        nested({"A4": "B1=f"}, ("B1", "A3=f", "failed"), ("B1", "A3", "")),
        course(
            {"A2": "B3"}, ("B3", "A1", "c"), members=(*FLAT, "B3"), blocks=(Block("B3", "", ()),)
        ),
    ],
)
def test_nobody_is_accused_who_may_be_opened(innocent: Course) -> None:
    assert closed_elements(innocent) == []


def test_a_ring_of_completion_rules_is_none_of_prerequisites() -> None:
    looped = nested({"A1": "B1"}, ("B1", "B2", "passed"), ("B2", "B1", "passed"))
    assert closed_elements(looped) == [Closed("A1")]


def test_only_so_many_rings_are_told_and_the_rest_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "RINGS_TOLD", 1)
    looped = course({"A1": "A2", "A2": "A1", "A3": "A4", "A4": "A3"})
    assert closed_elements(looped) == [
        Closed("A1", ("A1", "A2")),
        Closed("A3"),
        Closed("A4"),
    ]


SIMPLE = ["A1", "A2", "A3", "B1", "root", "A9", "A1=i", "A3<>n", "B1=incomplete", "B1=n"]
JOINED = ["~A1", "A1 & A2", "A2 | A3", "~(A1 | B1)", "2*{A1,A2,A3}", "A2=failed & A3"]
SCRIPTS = st.sampled_from([*SIMPLE, *JOINED])
UNITS = ("A1", "A2", "A3")


@settings(max_examples=80)
@given(
    st.dictionaries(st.sampled_from([*UNITS, "B1", "root"]), SCRIPTS, max_size=5),
    st.lists(
        st.tuples(st.sampled_from(["A1", "B1"]), SCRIPTS, st.sampled_from(["passed", "failed"])),
        max_size=2,
    ),
)
def test_what_is_closed_is_never_opened_whatever_a_learner_does(
    prerequisites: dict[str, str], completions: list[tuple[str, str, str]]
) -> None:
    made = Course(
        "C",
        "T",
        tuple(AssignableUnit(name, name, "x") for name in UNITS),
        ("A1", "B1"),
        (Block("B1", "Part", ("A2", "A3")),),
        prerequisites=prerequisites,
        completions=tuple(Completion(*one) for one in completions),
    )
    reached = _opened_by_trying_everything(made)
    closed = {one.element for one in closed_elements(made)}
    inside = {"B1": {"A2", "A3"}, "root": set(UNITS)}
    for element in closed:
        assert not reached & inside.get(element, {element})


def _opened_by_trying_everything(made: Course) -> set[str]:
    """Return every unit that a learner can open by some way, from nothing done at all."""
    start = (ResultStatus.NOT_ATTEMPTED,) * len(UNITS)
    seen, ahead, opened = {start}, [start], set()
    while ahead:
        state = ahead.pop()
        results = {name: Result(status) for name, status in zip(UNITS, state, strict=True)}
        locked = locks(made, results)
        for place, name in enumerate(UNITS):
            if name in locked:
                continue
            opened.add(name)
            for status in ResultStatus:
                after = (*state[:place], status, *state[place + 1 :])
                if after not in seen:
                    seen.add(after)
                    ahead.append(after)
    return opened


@pytest.mark.parametrize("shape", ["chain", "ring", "wide", "deep"])
def test_size_takes_time_in_proportion(shape: str) -> None:
    count = 20_000
    names = [f"A{number}" for number in range(count)]
    units = tuple(AssignableUnit(name, name, "x") for name in names)
    blocks: tuple[Block, ...] = ()
    members = tuple(names)
    chain = dict(pairwise(names))
    if shape == "ring":
        chain[names[-1]] = names[0]
    elif shape == "wide":
        chain = {names[0]: " & ".join(names)}
    elif shape == "deep":
        units, members, chain = units[:1], ("B0",), {"A0": "B0"}
        blocks = tuple(Block(f"B{n}", "t", (f"B{n + 1}",)) for n in range(count))
        blocks = (*blocks, Block(f"B{count}", "t", ("A0",)))
    start = time.process_time()
    closed = closed_elements(Course("C", "T", units, members, blocks, prerequisites=chain))
    assert len(closed) == (shape != "chain")
    assert time.process_time() - start < 20
