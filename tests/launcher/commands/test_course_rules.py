"""`hacp course`."""

from __future__ import annotations

import json

import pytest


def shown(school) -> dict[str, str]:
    return json.loads("\n".join(school("course", "show", "C1", "--json").out))


def test_rules_are_set_one_by_one_and_shown(school):
    untouched = {"unit": "A1", "own": None, "in_force": None, "set": False}
    assert shown(school) == {"retakes": "allowed", "counts": "best", "mastery": [untouched]}

    assert school("course", "set", "C1", "--counts", "last").status == 0
    assert school("course", "set", "1", "--retakes", "forbidden").status == 0

    facts = shown(school)
    assert (facts["retakes"], facts["counts"]) == ("forbidden", "last")
    table = school("course", "show", "c1").out
    assert [line.split() for line in table] == [
        ["RULE", "VALUE"],
        ["retakes", "forbidden"],
        ["counts", "last"],
        ["mastery", "A1", "none"],
    ]


def test_a_mastery_score_is_set_shown_beside_the_own_one_and_taken_back(school):
    def set_to(score: str) -> str:
        assert school("course", "set", "C1", "--au", "A1", "--mastery", score).status == 0
        return school("course", "show", "C1").out[-1].partition("A1")[2].strip()

    assert set_to("79.5") == "79.5 (the course's own: none)"
    assert set_to("none") == "none (the course's own: none)"
    assert set_to("own") == "none"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["set", "C1"], "Say what to set"),
        (["set", "C1", "--mastery", "80"], "--mastery and --au go together"),
        (["set", "C1", "--au", "A1"], "Say what to set"),
        (["set", "C1", "--au", "A9", "--mastery", "80"], "There is no unit 'A9'. There are: A1."),
        (["set", "C1", "--au", "A1", "--mastery", "-3"], "--mastery is '-3'"),
        (["set", "C1", "--au", "A1", "--mastery", "much"], "Give a number such as 80"),
        (["set", "C9", "--counts", "last"], "There is no course 'C9'"),
        (["show", "C9"], "There is no course 'C9'"),
    ],
)
def test_what_cannot_be_done_is_said(school, words, says):
    said = school("course", *words)
    assert (said.status, says in said.err) == (1, True)


def test_a_value_that_is_none_is_refused_with_those_there_are(school):
    said = school("course", "set", "C1", "--counts", "worst")
    assert said.status == 2
    assert "'best', 'last', 'first'" in said.err
