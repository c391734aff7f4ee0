"""Refusals: the numbers and texts that go over the wire."""

from __future__ import annotations

import pytest

from hacp.errors import HacpError, InvalidCommand, InvalidSession


@pytest.mark.conforms(
    "Sessions",
    "Dokeos, wizBank, ULearning, CourseLab",
    "Errors have the standard's numbers and texts: 1 Invalid Command, 3 Invalid Session ID; there"
    " is no 101.",
    grade="B",
)
@pytest.mark.parametrize(
    ("refusal", "error", "text"),
    [
        (InvalidCommand(), 1, "Invalid Command"),
        (InvalidCommand("Too large"), 1, "Too large"),
        (InvalidSession(), 3, "Invalid Session ID"),
    ],
)
def test_each_refusal_knows_its_answer(refusal, error, text):
    assert isinstance(refusal, HacpError)
    assert (refusal.error, refusal.text) == (error, text)


def test_a_text_of_its_own_does_not_stay_with_the_class():
    InvalidCommand("Too large")
    assert InvalidCommand().text == InvalidCommand.text == "Invalid Command"


@pytest.mark.conforms(
    "Security",
    "anybody",
    "error=3 is the same whether an id is unknown, over or of elsewhere.",
    grade="D",
)
def test_a_reason_is_for_the_trace_and_not_for_the_wire():
    refusal = InvalidSession("the session has expired")
    assert (refusal.text, refusal.note) == ("Invalid Session ID", "the session has expired")
    assert InvalidSession().note == InvalidCommand().note == ""
