"""Every outcome, state and kind has words for people, and so has every field of an item."""

from __future__ import annotations

from dataclasses import fields

import pytest

from catalog.provider.provided import Item
from catalog.supply.model import DeliveryState, DuplicatePolicy, Outcome, RunKind, RunState
from launcher.opensesame import words


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (words.OUTCOME_WORDS, Outcome),
        (words.KIND_WORDS, RunKind),
        (words.RUN_WORDS, RunState),
        (words.DELIVERY_WORDS, DeliveryState),
        (words.POLICY_WORDS, DuplicatePolicy),
    ],
)
def test_nothing_is_left_without_words(said, values):
    assert set(said) == set(values)


def test_every_field_of_an_item_is_called_something():
    assert set(words.FIELD_WORDS) == {field.name for field in fields(Item)} - {"key"}


def test_a_template_says_them(app):
    with app.test_request_context("/"):
        say = app.jinja_env.filters
        assert say["outcome_words"](Outcome.NEW) == "New"
        assert say["run_kind_words"]("daily") == "Daily comparison"
        assert say["field_words"]("never heard of") == "never heard of"
