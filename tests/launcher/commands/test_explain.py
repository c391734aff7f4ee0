"""`hacp explain`."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def enrolled(school):
    school("enrol", "C1", "s1")
    return school


def test_what_was_found_is_said_with_what_to_do(enrolled):
    said = enrolled("explain", "s1", "C1")
    assert said.status == 0
    assert said.out == [
        "Unit one: The learner has never launched “Unit one”.",
        "    Remind the learner; the course stands on their home page.",
    ]


def test_json_holds_the_same(enrolled):
    enrolled("launch", "C1", "s1")
    found = json.loads("\n".join(enrolled("explain", "jane@example.org", "1", "--json").out))
    assert found["unit"] == "Unit one"
    assert found["attempt"] > 0
    (finding,) = found["findings"]
    assert finding["cause"] == "never-called"
    assert finding["sentence"].startswith("It was launched on ")
    assert finding["evidence"] == []


def test_one_unit_can_be_asked_for(enrolled):
    assert enrolled("explain", "s1", "C1", "--au", "A1").status == 0
    said = enrolled("explain", "s1", "C1", "--au", "A9")
    assert (said.out, said.status) == ([], 1)
    assert "C1 has no unit 'A9'." in said.err


def test_who_or_what_is_not_there_is_said(enrolled):
    assert enrolled("explain", "nobody", "C1").status == 1
    assert enrolled("explain", "s1", "C9").status == 1


def test_the_case_is_written_to_a_file_for_the_vendor(enrolled, tmp_path):
    enrolled("launch", "C1", "s1")
    file = tmp_path / "case.txt"
    said = enrolled("explain", "s1", "C1", "--export", file)
    assert said.status == 0
    assert f"Wrote {file}." in said.err
    text = file.read_text("utf-8")
    assert "Student id:          s1" in text
    assert "Jane" not in text


def test_without_a_launch_there_is_nothing_to_hand_over(enrolled, tmp_path):
    said = enrolled("explain", "s1", "C1", "--export", tmp_path / "case.txt")
    assert said.status == 1
    assert "Nothing was launched" in said.err
