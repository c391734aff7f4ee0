"""`hacp status`."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def enrolled(school):
    school("enrol", "C1", "s1")
    return school


def rows(school) -> list[dict]:
    return json.loads("\n".join(school("transcript", "--json").out))


def listed(school) -> list[dict]:
    return json.loads("\n".join(school("status", "list", "s1", "C1", "--json").out))


def test_a_status_is_set_marked_listed_and_withdrawn(enrolled):
    said = enrolled(
        "status", "set", "s1", "C1", "passed", "--score", "70", "--reason", "Paper exam"
    )
    assert (said.status, said.out, said.err) == (0, [], "The status is set.\n")
    (row,) = rows(enrolled)
    assert (row["status"], row["percent"], row["by_hand"]) == ("passed", 70.0, True)
    assert "passed (by hand)" in enrolled("transcript").out[1]
    (one,) = listed(enrolled)
    assert (one["element"], one["reason"], one["set_by"]) == (None, "Paper exam", "")

    assert enrolled("status", "withdraw", "s1", "C1", "--reason", "Lost").status == 0

    assert (rows(enrolled)[0]["status"], rows(enrolled)[0]["by_hand"]) == ("not attempted", False)
    (one,) = listed(enrolled)
    assert (one["end_reason"], one["ended_at"] is None) == ("Lost", False)


def test_a_unit_may_be_named_and_the_explanation_says_who_it_was(enrolled):
    words = ["--au", "A1", "--reason", "Seen at work"]
    assert enrolled("status", "set", "s1", "C1", "completed", *words).status == 0

    assert listed(enrolled)[0]["element"] == "A1"
    assert "(by hand)" in enrolled("transcript").out[1]
    explained = "\n".join(enrolled("explain", "s1", "C1").out)
    assert "was set to “completed” by hand" in explained
    assert "by the operator, for this reason: “Seen at work”." in explained
    table = enrolled("status", "list", "s1", "C1").out
    assert table[0].split() == ["UNIT", "STATUS", "SCORE", "SET", "REASON", "ENDED"]
    assert table[1].startswith("A1    completed")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["set", "s1", "C1", "done", "--reason", "x"], "Choose one of: passed, completed"),
        (["set", "s1", "C1", "passed", "--reason", " "], "Say why"),
        (["set", "s1", "C1", "passed", "--score", "101", "--reason", "x"], "from 0 to 100"),
        (["set", "s1", "C1", "passed", "--au", "A9", "--reason", "x"], "has no unit “A9”"),
        (["set", "s9", "C1", "passed", "--reason", "x"], "Nobody in the academy"),
        (["set", "s1", "C9", "passed", "--reason", "x"], "There is no course 'C9'"),
        (["withdraw", "s1", "C1", "--reason", "x"], "Nothing is set by hand there."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_kept(enrolled, words, says):
    said = enrolled("status", *words)
    assert (said.status, says in said.err) == (1, True), said.err
    assert listed(enrolled) == []


def test_a_stranger_to_the_course_is_refused(school):
    said = school("status", "set", "s1", "C1", "passed", "--reason", "x")
    assert (said.status, "is not enrolled" in said.err) == (1, True)


def test_a_reason_has_to_be_given(enrolled):
    said = enrolled("status", "set", "s1", "C1", "passed")
    assert said.status == 2
    assert "--reason" in said.err
