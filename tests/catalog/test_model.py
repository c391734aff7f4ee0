"""The few questions that the model answers itself."""

from __future__ import annotations

from catalog.model import AssignableUnit, Block, Course

COURSE = Course(
    "C", "T", (AssignableUnit("A1", "One", "x"),), ("B1",), (Block("B1", "B", ("A1",)),)
)


def test_a_course_finds_its_units_and_blocks_by_id() -> None:
    assert COURSE.unit("A1") is COURSE.units[0]
    assert COURSE.block("B1") is COURSE.blocks[0]
    assert COURSE.unit("B1") is None
    assert COURSE.block("A1") is None
