"""`hacp duplicates`: pairs of courses that seem to be one, each with its reason."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import create_engine, delete

from catalog.schema import TwinTable


@pytest.fixture
def kept(school, course_folder):
    """`hacp` on an academy with C1, and beside it a course of another id and the same title."""
    folder = course_folder("C2", start="https://content.example/other.html")
    crs = folder / "course.crs"
    crs.write_text(crs.read_text().replace("C2 title", "C1 title"))
    assert school("import", folder, "--on-duplicate", "keep").out == ["2"]
    return school


@pytest.fixture
def twice(kept, connect):
    """The same where nobody has decided: courses that stood there before pairs were looked for."""
    with connect() as connection:
        assert connection.execute(delete(TwinTable)).rowcount == 1
    return kept


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


def test_what_is_kept_as_two_on_purpose_is_listed_when_asked_for(kept):
    assert kept("duplicates").err == "Nothing there.\n"
    assert "kept as two" in kept("duplicates", "--all").out[1]


@pytest.fixture
def connect(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'instance' / 'hacp.sqlite3'}")
    yield engine.begin
    engine.dispose()
