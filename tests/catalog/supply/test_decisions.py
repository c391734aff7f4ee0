"""Decisions on duplicates: a queue that asks once, and a trail that can be read years later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.errors import NothingToDecide
from catalog.store import Transact
from catalog.supply import decisions
from catalog.supply.model import Decision, DecisionState, DuplicatePolicy, Origin, Question

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
QUESTION = Question(
    provider="opensesame",
    key="key-1",
    title="One",
    document='{"key":"key-1"}',
    origin=Origin.SYNC,
    kind="launch",
    certain=True,
    matched=(4, 2),
    reason="It is launched at the same address as course 4.",
)


def ask(transact: Transact, question: Question = QUESTION, academy_id: int = 1) -> int:
    return transact(lambda c: decisions.ask(c, academy_id, question, run_id=3, now=NOW))


def decide(transact: Transact, number: int, academy_id: int = 1) -> None:
    transact(
        lambda c: decisions.decide(
            c,
            academy_id,
            decision_id=number,
            choice=DuplicatePolicy.UPDATE,
            course_id=4,
            by=9,
            now=LATER,
        )
    )


def queue(transact: Transact, state: DecisionState = DecisionState.PENDING) -> list[Decision]:
    found = transact(lambda c: decisions.decisions(c, 1, state=state))
    assert transact(lambda c: decisions.count_decisions(c, 1, state=state)) == len(found)
    return found


def test_a_question_waits_with_its_reason(transact: Transact) -> None:
    number = ask(transact)
    (waiting,) = queue(transact)
    assert waiting == Decision(
        1, number, QUESTION, DecisionState.PENDING, None, None, None, None, 3, NOW, None
    )


def test_the_same_item_is_asked_about_once(transact: Transact) -> None:
    number = ask(transact)
    assert ask(transact, replace(QUESTION, title="One, new")) == number
    (waiting,) = queue(transact)
    assert waiting.question.title == "One, new"


def test_uploads_are_each_a_question_of_their_own(transact: Transact) -> None:
    upload = replace(QUESTION, provider=None, origin=Origin.UPLOAD)
    assert ask(transact, upload) != ask(transact, upload)


def test_an_answer_stays_in_the_trail(transact: Transact) -> None:
    number = ask(transact)
    decide(transact, number)
    assert queue(transact) == []
    (decided,) = queue(transact, DecisionState.DECIDED)
    assert (decided.choice, decided.course_id, decided.by, decided.decided_at) == (
        DuplicatePolicy.UPDATE,
        4,
        9,
        LATER,
    )
    for asked in ({"course_id": 4}, {"key": "key-1"}):
        assert transact(lambda c, one=asked: decisions.trail(c, 1, **one)) == [decided]
    assert transact(lambda c: decisions.trail(c, 1)) == []
    assert transact(lambda c: decisions.trail(c, 2, key="key-1")) == []


def test_a_question_is_answered_once(transact: Transact) -> None:
    number = ask(transact)
    with pytest.raises(NothingToDecide):
        decide(transact, number, academy_id=2)
    decide(transact, number)
    with pytest.raises(NothingToDecide):
        decide(transact, number)
    # An item that comes as a duplicate again is a new question.
    assert ask(transact) != number


def test_a_decision_by_a_setting_is_kept_too(transact: Transact) -> None:
    transact(
        lambda c: decisions.record(
            c,
            1,
            QUESTION,
            choice=DuplicatePolicy.SKIP,
            course_id=None,
            by=None,
            policy=DuplicatePolicy.SKIP,
            now=NOW,
        )
    )
    (kept,) = queue(transact, DecisionState.DECIDED)
    assert (kept.by, kept.policy, kept.choice) == (
        None,
        DuplicatePolicy.SKIP,
        DuplicatePolicy.SKIP,
    )


def test_a_question_whose_item_went_away_is_withdrawn(transact: Transact) -> None:
    number = ask(transact)
    transact(lambda c: decisions.withdraw(c, 1, provider="opensesame", keys=["key-1"]))
    assert queue(transact) == []
    with pytest.raises(NothingToDecide):
        decide(transact, number)
    found = transact(lambda c: decisions.decision(c, 1, decision_id=number))
    assert found is not None
    assert found.state is DecisionState.WITHDRAWN
