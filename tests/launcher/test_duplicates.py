"""Duplicates decided by people: a question of the sync beside the course, settled once."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from catalog.errors import NothingToDecide
from catalog.provider.provided import Item, dump_item, item_hash
from catalog.supply import connections, decisions, items
from catalog.supply.model import OPENSESAME, DuplicatePolicy, ItemState, Origin, Question
from launcher import duplicates
from launcher.db import read
from tests.launcher.stage import Stage

KEY = "00000000-0000-4000-8000-000000000001"
ITEM = Item(KEY, "Safety, delivered", launch_url="https://content.example.org/launch/1")


@pytest.fixture
def asked(either_stage: Stage) -> tuple[Stage, int]:
    """A learner in the middle of a course, and a delivered course that seems to be the same."""
    stage = either_stage
    stage.course("A1", "A2")
    stage.launch("A1").put("lesson_status=i")

    def unit(connection: Connection) -> int:
        connections.activate(connection, stage.academy_id, activated=True, now=stage.now())
        items.keep(
            connection,
            stage.academy_id,
            [(ITEM, item_hash(ITEM))],
            course_ids=[None],
            state=ItemState.WAITING,
            now=stage.now(),
        )
        question = Question(
            OPENSESAME,
            KEY,
            ITEM.title,
            dump_item(ITEM),
            Origin.SYNC,
            "launch",
            True,
            (stage.course_id,),
            "It is launched at the same address.",
        )
        return decisions.ask(connection, stage.academy_id, question, run_id=None, now=stage.now())

    return stage, stage.transact(unit)


def decide(stage: Stage, number: int, choice: DuplicatePolicy) -> int | None:
    with stage.app.app_context():
        return duplicates.decide(
            stage.academy_id, decision_id=number, choice=choice, by=None, now=stage.now()
        )


def test_what_came_stands_beside_what_is_here_with_its_learners(asked: tuple[Stage, int]) -> None:
    stage, number = asked

    def unit(connection: Connection) -> duplicates.Comparison:
        decision = decisions.decision(connection, stage.academy_id, decision_id=number)
        assert decision is not None
        return duplicates.compare(connection, decision)

    with stage.app.test_request_context():
        found = read(unit)
    lines = {line.name: line for line in found.lines}
    assert (lines["Title"].here, lines["Title"].came) == ("Safety", "Safety, delivered")
    assert lines["Units"].differs
    counted = (found.learners.enrolled, found.learners.in_progress, found.learners.completed)
    assert counted == (1, 1, 0)
    assert (found.new_version, found.updatable) == (True, True)


def test_an_update_links_the_course_and_who_has_begun_finishes_the_old_one(
    asked: tuple[Stage, int],
) -> None:
    stage, number = asked

    assert decide(stage, number, DuplicatePolicy.UPDATE) == stage.course_id
    assert (
        stage.read(lambda c: items.provided(c, stage.academy_id, course_id=stage.course_id))
        is not None
    )
    stage.put("lesson_status=c")
    stage.launch("A2").put("lesson_status=c")
    assert stage.row().status == "completed"
    newcomer = stage.another("Newcomer")
    assert [unit.unit.system_id for unit in newcomer.stand().units] == ["AU"]


def test_nothing_is_decided_twice(asked: tuple[Stage, int]) -> None:
    stage, number = asked
    decide(stage, number, DuplicatePolicy.KEEP)

    with pytest.raises(NothingToDecide):
        decide(stage, number, DuplicatePolicy.UPDATE)
