"""What the ids in a course mean."""

from __future__ import annotations

import pytest

from catalog.model import AssignableUnit, Block, Course, Objective
from catalog.naming import Names
from catalog.script import Script, parse_script

COURSE = Course(
    "C",
    "The course",
    (AssignableUnit("A1", "Lesson", "x"),),
    ("B1",),
    (Block("B1", "Part", ("A1",)),),
    (Objective("J1", "Know it"),),
)


@pytest.mark.parametrize(
    ("element", "title"),
    [
        ("A1", "Lesson"),
        ("B1", "Part"),
        ("J1", "Know it"),
        ("root", "The course"),
        ("A9", "A9"),
    ],
)
def test_every_element_has_a_title(element: str, title: str) -> None:
    assert Names(COURSE).title(element) == title


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A1 & B1", "A1 & B1"),
        ("a1 & ROOT | j1=p", "A1 & root | J1=p"),
        ("A9", "A9"),
    ],
)
def test_a_script_calls_elements_by_their_ids(text: str, read: str) -> None:
    assert Names(COURSE).script(text) == parse_script(read)


def test_a_script_that_does_not_parse_is_none_and_an_empty_one_is_not() -> None:
    assert Names(COURSE).script("A1 &") is None
    assert Names(COURSE).script(" ") == Script()
