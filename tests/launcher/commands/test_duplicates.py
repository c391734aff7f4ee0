"""`hacp duplicates`: pairs of courses that seem to be one, each with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine

from catalog import marks
from catalog.duplicates import MarkKind


@pytest.fixture
def twice(school, course_folder, tmp_path):
    """`hacp` on an academy with C1, and a course of another id and the same title."""
    folder = course_folder("C2", start="https://content.example/other.html")
    crs = folder / "course.crs"
    crs.write_text(crs.read_text().replace("C2 title", "C1 title"))
    assert school("import", folder).out == ["2"]
    return school


def test_where_nothing_is_there_twice_nothing_is_listed(school):
    assert school("duplicates").err == "Nothing there.\n"
    assert json.loads("".join(school("duplicates", "--json").out)) == []


def test_a_pair_is_told_with_what_shows_it(twice):
    said = twice("duplicates")

    assert said.out[0].split() == ["COURSE", "LATER", "COURSE", "SAME", "WHY"]
    assert 'course 1, "C1 title"' in said.out[1]
    assert 'course 2, "C1 title"' in said.out[1]
    assert "possibly" in said.out[1]
    assert "Its title" in said.out[1]


def test_a_script_reads_it_as_json(twice):
    (pair,) = json.loads("\n".join(twice("duplicates", "--json").out))

    assert (pair["course"], pair["later"]) == (1, 2)
    assert (pair["kind"], pair["certain"], pair["kept_as_two"]) == ("title", False, False)


def test_what_is_kept_as_two_on_purpose_is_listed_when_asked_for(twice, tmp_path, connect):
    with connect() as connection:
        marks.link_twins(
            connection,
            1,
            course_id=2,
            others=[1],
            kind=MarkKind.TITLE,
            reason="Two editions.",
            now=datetime.now(UTC),
        )

    assert twice("duplicates").err == "Nothing there.\n"
    assert "kept as two" in twice("duplicates", "--all").out[1]


@pytest.fixture
def connect(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'instance' / 'hacp.sqlite3'}")
    yield engine.begin
    engine.dispose()
