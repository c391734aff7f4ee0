"""The causes: which of them stand apart, and that all of them have words."""

from __future__ import annotations

from launcher.explaining.causes import BY_HAND, SHUT, WELL, WORDS, Cause


def test_every_cause_has_its_words_and_nothing_else_has():
    assert set(WORDS) == set(Cause)


def test_what_is_well_needs_no_reactivation():
    assert not WELL & SHUT
    assert not BY_HAND & SHUT
