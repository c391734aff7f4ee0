"""`hacp course`."""

from __future__ import annotations

import json

import pytest


def shown(school) -> dict[str, str]:
    return json.loads("\n".join(school("course", "show", "C1", "--json").out))


def test_rules_are_set_one_by_one_and_shown(school):
    assert shown(school) == {"retakes": "allowed", "counts": "best"}

    assert school("course", "set", "C1", "--counts", "last").status == 0
    assert school("course", "set", "1", "--retakes", "forbidden").status == 0

    assert shown(school) == {"retakes": "forbidden", "counts": "last"}
    table = school("course", "show", "c1").out
    assert [line.split() for line in table] == [
        ["RULE", "VALUE"],
        ["retakes", "forbidden"],
        ["counts", "last"],
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["set", "C1"], "Say what to set"),
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
