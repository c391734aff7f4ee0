"""Locks and scripts as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from catalog.model import AssignableUnit, Block, Completion, Course, Result, ResultStatus
from catalog.naming import Names
from catalog.prerequisites import Lock, locks
from launcher.explaining import conditions
from launcher.explaining.conditions import Rule

COURSE = Course(
    "C",
    "Safety",
    tuple(AssignableUnit(f"A{n}", f"Lesson {n}", "x") for n in range(1, 6)),
    ("A1", "A2", "A3", "B1"),
    (Block("B1", "Part two", ("A4", "A5")),),
)


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def lock(element: str, prerequisite: str, *, on: str = "", **found: str) -> Lock:
    course = replace(COURSE, prerequisites={on or element: prerequisite})
    return locks(course, {name: Result(ResultStatus(word)) for name, word in found.items()})[
        element
    ]


@pytest.mark.parametrize(
    ("prerequisite", "sentence"),
    [
        ("A1", "Locked until “Lesson 1” is completed."),
        ("A1 & A2", "Locked until “Lesson 1” and “Lesson 2” are completed."),
        ("A1 | A2", "Locked until “Lesson 1” or “Lesson 2” is completed."),
        ("A1 & A2 & A4", "Locked until “Lesson 1”, “Lesson 2”, and “Lesson 4” are completed."),
        (
            "2*{A1, A2, A4}",
            "Locked until at least 2 of “Lesson 1”, “Lesson 2”, and “Lesson 4” are completed.",
        ),
        ("A1=passed", "Locked until “Lesson 1” is passed."),
        ("A1=completed", "Locked until “Lesson 1” has the status “Completed”."),
        ("A1<>n", "Locked until “Lesson 1” has another status than “Not started”."),
        ("~A5", "Locked: it was open only while “Lesson 5” is not completed."),
        ("~A5 & A1", "Locked until “Lesson 5” is not completed and “Lesson 1” is completed."),
        ("A9", "Locked until “A9” is completed."),
        ("B1=b", "Locked until “Part two” has the status “Looked at”."),
        (
            "A1 & (A2 | A4)",
            "Locked until “Lesson 1” is completed and (“Lesson 2” or “Lesson 4” is completed).",
        ),
        (
            "A1 & B1=p",
            "Locked until “Lesson 1” is completed and “Part two” is passed.",
        ),
        (
            "2*{A1, A2=f, A4}",
            "Locked until at least 2 of these: “Lesson 1” is completed, “Lesson 2” has the status "
            "“Not passed”, and “Lesson 4” is completed.",
        ),
        (
            "A1=p | A2=p",
            "Locked until “Lesson 1” is passed or “Lesson 2” is passed.",
        ),
        # What is done already is not asked for again.
        ("A1 & A5", "Locked until “Lesson 1” is completed."),
        ("2*{A1, A2, A5}", "Locked until “Lesson 1” or “Lesson 2” is completed."),
    ],
)
def test_a_lock_says_what_unlocks_it(prerequisite: str, sentence: str) -> None:
    assert conditions.lock_words(lock("A3", prerequisite, A5="passed"), "A3") == sentence


def test_what_lies_in_a_locked_block_is_locked_with_it() -> None:
    inside = lock("A4", "A1", on="B1")
    assert (
        conditions.lock_words(inside, "A4")
        == "Locked with “Part two” until “Lesson 1” is completed."
    )
    assert conditions.lock_words(inside, "B1") == "Locked until “Lesson 1” is completed."
    assert conditions.refusal(inside, "A4", title="Lesson 4") == (
        "“Lesson 4” is locked, with all of “Part two”, until “Lesson 1” is completed."
    )


def test_what_was_open_for_a_time_only_is_told_so() -> None:
    over = lock("A4", "A1<>passed", on="B1", A1="passed")
    words = "“Part two” was open only while “Lesson 1” has another status than “Passed”."
    assert conditions.lock_words(over, "A4") == f"Locked: {words}"
    assert conditions.refusal(over, "A4", title="Lesson 4") == (
        "“Part two” is locked: it was open only while “Lesson 1” has another status than “Passed”."
    )


def test_a_refusal_names_the_unit_and_what_unlocks_it() -> None:
    assert conditions.refusal(lock("A3", "A1"), "A3", title="Lesson 3") == (
        "“Lesson 3” is locked until “Lesson 1” is completed."
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("a1 & ~A2", "“Lesson 1” is completed and “Lesson 2” is not completed"),
        ("root=passed", "“Safety” is passed"),
        ("", None),
        ("A1 &", None),
    ],
)
def test_a_script_is_put_into_words(script: str, words: str | None) -> None:
    assert conditions.script_words(Names(COURSE), script) == words


def test_the_scripts_of_a_course_are_told_by_element() -> None:
    ruled = replace(
        COURSE,
        prerequisites={"A2": "A1", "A3": "A1 &"},
        completions=(
            Completion("A2", "A1=p", "passed"),
            Completion("root", "", "passed"),
            Completion("root", "A2", "completed"),
        ),
    )
    assert conditions.rules(ruled) == {
        "A2": [
            Rule("A1", "“Lesson 1” is completed"),
            Rule("A1=p", "“Lesson 1” is passed", "passed"),
        ],
        "A3": [Rule("A1 &", None)],
        "root": [Rule("A2", "“Lesson 2” is completed", "completed")],
    }


def test_nobody_has_to_read_a_sentence_of_a_thousand_conditions() -> None:
    script = "A1&(A2|" * 50_000 + "A3" + ")" * 50_000
    assert conditions.script_words(Names(COURSE), script) == "enough of 100001 conditions are met"
    held = lock("A5", " & ".join(f"X{n}" for n in range(60)))
    assert conditions.lock_words(held, "A5") == "Locked until enough of 60 conditions are met."
