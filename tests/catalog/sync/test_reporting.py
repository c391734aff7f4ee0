"""What a report says of an item: a sentence for each way in which it went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.errors import NothingToDecide
from catalog.provider.provided import item_hash
from catalog.supply.items import Stored
from catalog.supply.model import Entry, ItemState, Outcome
from catalog.sync import reporting
from catalog.sync.judging import Action, Work
from catalog.sync.plan import Step, StepKind
from tests.catalog.stock import item

ITEM = item(1, "Safety")
HASH = item_hash(ITEM)
STEP = Step(StepKind.NEW, ITEM.key, None, ITEM, HASH, True, 0, None, False)


def stored(state: ItemState, failed_hash: str = "") -> Stored:
    return Stored(ITEM.key, state, None, HASH, failed_hash, True, 0, False, None, False, "")


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        (ItemState.SKIPPED, Outcome.SKIPPED, "was skipped before"),
        (ItemState.DECLINED, Outcome.SKIPPED, "an admin decided to skip it"),
        (ItemState.WAITING, Outcome.WAITING, "waits for a decision"),
    ],
)
def test_a_duplicate_that_was_settled_says_how(
    state: ItemState, outcome: Outcome, words: str
) -> None:
    entry = reporting.untouched(Work(STEP, Action.NOTHING, stored=stored(state)))
    assert (entry.outcome, entry.title) == (outcome, "Safety")
    assert words in entry.reason


def test_what_failed_before_and_is_as_it_was_has_failed_again() -> None:
    work = Work(STEP, Action.NOTHING, stored=stored(ItemState.FAILED, failed_hash=HASH))
    assert reporting.untouched(work).outcome is Outcome.FAILED


def test_what_is_inactive_over_there_was_skipped() -> None:
    gone = replace(STEP, item=replace(ITEM, active=False))
    entry = reporting.untouched(Work(gone, Action.NOTHING))
    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, "It is inactive at OpenSesame.")


def test_a_change_is_told_field_by_field() -> None:
    entry = reporting.changed(Work(STEP, Action.CHANGE), replace(ITEM, title="Old"))
    assert (entry.outcome, entry.reason) == (Outcome.UPDATED, "")
    assert entry.differences == (("title", "Old", "Safety"),)


def test_another_hash_of_the_same_fields_is_no_change() -> None:
    assert reporting.changed(Work(STEP, Action.CHANGE), ITEM).outcome is Outcome.UNCHANGED


def test_what_comes_back_says_so() -> None:
    entry = reporting.changed(Work(STEP, Action.REACTIVATE), ITEM)
    assert entry.outcome is Outcome.REACTIVATED
    assert entry.reason == "OpenSesame lists it as active again."


def test_other_units_are_told_of_those_courses_that_got_them() -> None:
    entry = Entry(Outcome.UPDATED, ITEM.key, "Safety", 7)
    assert reporting.with_renewal(entry, {7}).reason == reporting.OTHER_UNITS
    assert reporting.with_renewal(entry, {8}) == entry


def test_a_failure_of_ours_is_named_by_kind_and_the_catalogs_by_its_sentence() -> None:
    assert "(ZeroDivisionError)" in reporting.failure_of(ZeroDivisionError("secret"))
    assert "secret" not in reporting.failure_of(ZeroDivisionError("secret"))
    ours = NothingToDecide("It is decided.")
    assert reporting.failure_of(ours) == str(ours)
