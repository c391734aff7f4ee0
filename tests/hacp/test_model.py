"""The words: closed sets in the standard's spelling, values that cannot be changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from decimal import Decimal

import pytest

from hacp import model
from hacp.model import Command, Credit, Entry, Exit, Mode, Phase, Policy, Score, Status

VALUES = [kind for kind in vars(model).values() if is_dataclass(kind)]


def test_the_closed_sets_are_spelt_as_the_standard_spells_them():
    assert [str(command) for command in Command] == [
        "GetParam",
        "PutParam",
        "ExitAU",
        "ExitParam",
        "PutComments",
        "PutObjectives",
        "PutInteractions",
        "PutPath",
        "PutPerformance",
    ]
    assert [str(exit_flag) for exit_flag in Exit] == ["", "suspend", "logout", "time-out"]
    assert [str(entry) for entry in Entry] == ["ab-initio", "resume", ""]
    assert [str(mode) for mode in Mode] == ["normal", "browse", "review"]
    assert [str(credit) for credit in Credit] == ["credit", "no-credit"]


def test_statuses_stand_in_the_order_in_which_an_attempt_climbs():
    assert [str(status) for status in Status] == [
        "not attempted",
        "browsed",
        "incomplete",
        "failed",
        "completed",
        "passed",
    ]


def test_every_word_fits_its_column():
    words = [*Status, *Exit, *Phase]
    assert max(len(word) for word in words) <= 16


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_values_are_frozen_and_have_no_room_for_more(kind):
    assert kind.__dataclass_params__.frozen
    assert "__dict__" not in dir(kind)
    assert set(kind.__slots__) == {field.name for field in fields(kind)}


def test_a_value_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Score(Decimal(1)).raw = Decimal(2)


def test_a_session_lives_as_long_as_decided():
    policy = Policy()
    assert policy.silence.total_seconds() == 24 * 3600
    assert policy.lifetime.days == 7
    assert policy.grace.total_seconds() == 600
