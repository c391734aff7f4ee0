"""Scripts in plain form, and what of them is still missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import ResultStatus
from catalog.needs import conditions, missing, plain
from catalog.script import AtLeast, Condition, Join, Script, parse_script

A, B, C, D = (Condition(name) for name in "ABCD")
NOT_A, NOT_B, NOT_C = (Condition(name, negated=True) for name in "ABC")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("A", (A,)),
        ("A & B", (A, B, AtLeast(2, 2))),
        ("A | B", (A, B, AtLeast(1, 2))),
        # Chains are one group, wherever their parentheses stand.
        ("A & B & C", (A, B, C, AtLeast(3, 3))),
        ("A & (B & (C & D))", (A, B, C, D, AtLeast(4, 4))),
        ("(A | B) | (C | D)", (A, B, C, D, AtLeast(1, 4))),
        ("A & B | C", (A, B, AtLeast(2, 2), C, AtLeast(1, 2))),
        ("3*{A & B, C, D}", (A, B, C, D, AtLeast(4, 4))),
        ("1*{A, B | C}", (A, B, C, AtLeast(1, 3))),
        ("2*{A, B & C, D}", (A, B, C, AtLeast(2, 2), D, AtLeast(2, 3))),
        ("1*{A}", (A,)),
        ("1*{A & B} & C", (A, B, C, AtLeast(3, 3))),
        # `~` ends at the conditions.
        ("~A", (NOT_A,)),
        ("~~A", (A,)),
        ("~(A & B)", (NOT_A, NOT_B, AtLeast(1, 2))),
        ("~(A | B) & ~C", (NOT_A, NOT_B, NOT_C, AtLeast(3, 3))),
        ("~2*{A, B, C}", (NOT_A, NOT_B, NOT_C, AtLeast(2, 3))),
        ("~(A <> passed)", (Condition("A", ResultStatus.PASSED),)),
        # What cannot be, and what cannot but be.
        ("3*{A, B}", (A, B, AtLeast(3, 2))),
        ("0*{A}", (A, AtLeast(0, 1))),
        ("~0*{A, B}", (NOT_A, NOT_B, AtLeast(3, 2))),
    ],
)
def test_a_script_has_a_plain_form(text: str, steps: tuple[object, ...]) -> None:
    assert plain(parse_script(text)) == steps


DONE = {"A": ResultStatus.PASSED, "B": ResultStatus.COMPLETED}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("A & B", ""),
        ("A & C", "C"),
        ("A & C & D", "C & D"),
        ("C | D", "C | D"),
        ("A & (C | D)", "C | D"),
        ("3*{A, B, C, D}", "C | D"),
        ("2*{A, C, D}", "C | D"),
        ("3*{A, C, D, E}", "2*{C, D, E}"),
        ("4*{A, C, D}", "3*{C, D}"),
        ("~(A & B)", "~A | ~B"),
        ("C=passed & A", "C=passed"),
        ("C | (D | (A & E))", "C | D | E"),
    ],
)
def test_what_holds_already_is_not_missing(text: str, left: str) -> None:
    assert missing(parse_script(text), DONE) == plain(parse_script(left))


def test_conditions_are_told_once_and_in_order() -> None:
    assert conditions(plain(parse_script("B & A=p & B"))) == (
        B,
        Condition("A", ResultStatus.PASSED),
    )


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "A" + ")" * 50_000,
        "~" * 50_001 + "A",
        "A&" * 50_000 + "A",
        "A&(" * 50_000 + "A" + ")" * 50_000,
        "A&(C|" * 25_000 + "A" + ")" * 25_000,
        "2*{A,C," * 20_000 + "A" + "}" * 20_000,
    ],
    ids=["parentheses", "negations", "a chain", "the other way", "mixed", "sets"],
)
def test_no_depth_exhausts_anything(text: str) -> None:
    script = parse_script(text)
    assert bool(missing(script, DONE)) is not script.holds(DONE)


statuses = st.dictionaries(st.sampled_from("ABC"), st.sampled_from(ResultStatus))
leaves = st.builds(
    Condition, st.sampled_from("ABC"), st.none() | st.sampled_from(ResultStatus), st.booleans()
)
scripts = st.recursive(
    leaves.map(lambda one: (one,)),
    lambda inner: st.one_of(
        inner.map(lambda one: (*one, Join.NOT)),
        st.tuples(inner, inner, st.sampled_from([Join.BOTH, Join.EITHER])).map(
            lambda two: (*two[0], *two[1], two[2])
        ),
        st.tuples(st.integers(0, 4), st.lists(inner, min_size=1, max_size=3)).map(
            lambda it: (*(step for one in it[1] for step in one), AtLeast(it[0], len(it[1])))
        ),
    ),
    max_leaves=10,
).map(Script)


@given(scripts, statuses)
def test_the_plain_form_holds_in_the_same_cases(
    script: Script, found: dict[str, ResultStatus]
) -> None:
    steps = plain(script)
    assert Script(steps).holds(found) is script.holds(found)
    assert not any(isinstance(step, Join) for step in steps)
    assert plain(Script(steps)) == steps


@given(scripts, statuses, statuses)
def test_what_is_missing_is_what_makes_the_difference(
    script: Script, before: dict[str, ResultStatus], after: dict[str, ResultStatus]
) -> None:
    left = missing(script, before)
    assert bool(left) is not script.holds(before)
    assert not any(one.holds(before) for one in conditions(left))
    held = [one for one in conditions(plain(script)) if one.holds(before)]
    # As long as nothing is spoilt that was there, the one can be asked instead of the other.
    if all(one.holds(after) for one in held):
        assert Script(left).holds(after) is script.holds(after)
