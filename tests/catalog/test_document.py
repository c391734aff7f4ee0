"""A course survives its way through JSON."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from catalog.document import dump_document, parse_document
from catalog.model import AssignableUnit, Block, Completion, Course, Objective
from tests.catalog.made import courses

COURSE = Course(
    course_id="C",
    title="Größe \U0001f600",
    units=(
        AssignableUnit("A1", "One", "a.html", mastery_score=Decimal("79.50"), core_vendor="a\r\nb"),
        AssignableUnit("A2", "Two", "b.html", max_time_allowed="0000:30:00"),
    ),
    members=("B1",),
    blocks=(Block("B1", "All", ("A1", "A2")),),
    objectives=(Objective("J1", "Learn"),),
    max_normal=3,
    prerequisites={"A2": "A1"},
    completions=(Completion("B1", "A1", "passed"),),
    objective_members={"A1": ("J1",)},
)


def test_what_is_written_is_read_back() -> None:
    assert parse_document(dump_document(COURSE)) == COURSE


@given(courses())
def test_any_course_is_read_back(course: Course) -> None:
    assert parse_document(dump_document(course)) == course


def test_no_digit_of_a_score_is_lost() -> None:
    score = parse_document(dump_document(COURSE)).units[0].mastery_score
    assert str(score) == "79.50"


def test_a_document_is_plain_ascii() -> None:
    assert dump_document(COURSE).isascii()


def test_a_document_of_a_newer_release_is_refused() -> None:
    newer = dump_document(COURSE).replace('"format":1', '"format":2')
    with pytest.raises(ValueError, match="format 2"):
        parse_document(newer)
