"""Why an item is a duplicate, and what was decided about it, can be read years later."""

from __future__ import annotations

from catalog.duplicates import MarkKind, Verdict
from catalog.provider.provided import item_hash, parse_item_document
from catalog.store import Transact
from catalog.supply import decisions
from catalog.supply.model import DecisionState, DuplicatePolicy, Origin
from catalog.sync import questions
from catalog.sync.judging import Action, Work
from catalog.sync.plan import Step, StepKind
from tests.catalog.stock import NOW, course, item, key, upload

ITEM = item(1, "Safety")
STEP = Step(StepKind.NEW, ITEM.key, None, ITEM, item_hash(ITEM), True, 0, None, False)


def verdict(*course_ids: int) -> Verdict:
    return Verdict(course_ids, MarkKind.LAUNCH, True, "x", "It is launched at the same address.")


def test_a_question_names_the_courses_and_keeps_the_item(transact: Transact) -> None:
    number = upload(transact, course(title="By hand"))
    work = Work(STEP, Action.ASK, verdict=verdict(number))
    question = transact(lambda c: questions.question_of(c, 1, work))
    assert question is not None
    assert question.reason == (
        f'Matches course {number}, "By hand". It is launched at the same address.'
    )
    assert (question.key, question.origin, question.matched) == (key(1), Origin.SYNC, (number,))
    assert parse_item_document(question.document) == ITEM


def test_without_a_verdict_the_question_is_the_one_of_the_trail(transact: Transact) -> None:
    work = Work(STEP, Action.ADD_BESIDE)
    assert transact(lambda c: questions.question_of(c, 1, work)) is None
    asked = transact(lambda c: questions.question_about(c, 1, work, verdict(4)))
    transact(lambda c: decisions.ask(c, 1, asked, run_id=None, now=NOW))
    assert transact(lambda c: questions.question_of(c, 1, work)) == asked


def test_an_answer_by_the_policy_ends_a_question_that_waited(transact: Transact) -> None:
    work = Work(STEP, Action.ASK)
    asked = transact(lambda c: questions.question_about(c, 1, work, verdict(4)))
    transact(lambda c: decisions.ask(c, 1, asked, run_id=None, now=NOW))
    transact(
        lambda c: questions.answer(
            c,
            1,
            asked,
            choice=DuplicatePolicy.SKIP,
            course_id=None,
            policy=DuplicatePolicy.SKIP,
            run_id=5,
            now=NOW,
        )
    )
    states = {one.state for one in transact(lambda c: decisions.trail(c, 1, key=key(1)))}
    assert states == {DecisionState.WITHDRAWN, DecisionState.DECIDED}
