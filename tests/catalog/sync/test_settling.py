"""What an admin decides about a duplicate is done, written down, and not asked again."""

from __future__ import annotations

from typing import Any

import pytest

from catalog import marks
from catalog.errors import DecisionRefused, NothingToDecide
from catalog.model import AssignableUnit, Course
from catalog.supply import decisions, items
from catalog.supply.model import (
    Decision,
    DecisionState,
    DuplicatePolicy,
    ItemState,
    Origin,
    Outcome,
    Question,
    RunKind,
)
from catalog.sync import settling
from tests.catalog.stock import course, stored, upload
from tests.catalog.world import World

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
ERGONOMICS = "38f5b7e0-c6d1-4a29-a074-9e2b51d8c308"


def upload_twin(world: World, key: str, title: str) -> int:
    unit = AssignableUnit("A1", title, f"https://content.example.org/launch?course={key}")
    return upload(world.transact, Course("C-1", title, (unit,), ("A1",)))


@pytest.fixture
def uploaded(world: World) -> int:
    """Ask about a course that was uploaded before it was delivered."""
    number = upload_twin(world, HIPAA, "HIPAA, by hand")
    world.pretend.send(HIPAA)
    world.sync()
    return number


def settle(world: World, choice: DuplicatePolicy, **more: Any) -> int | None:
    (asked,) = world.questions()
    settled: int | None = world.ask(
        settling.settle,
        decision_id=asked.id,
        choice=choice,
        by=7,
        now=world.clock(),
        **more,
    )
    return settled


def decided(world: World) -> Decision:
    assert world.questions() == []
    (found,) = world.questions(DecisionState.DECIDED)
    return found


def test_update_links_the_course(world: World, uploaded: int) -> None:
    assert settle(world, DuplicatePolicy.UPDATE) == uploaded
    assert world.titles() == ["HIPAA in Everyday Work"]
    assert world.course_id(HIPAA) == uploaded
    answer = decided(world)
    assert (answer.choice, answer.by, answer.policy, answer.course_id) == (
        DuplicatePolicy.UPDATE,
        7,
        None,
        uploaded,
    )
    assert world.sync().counts == {Outcome.UNCHANGED: 1}


def test_keep_makes_a_course_beside_it(world: World, uploaded: int) -> None:
    number = settle(world, DuplicatePolicy.KEEP)
    assert number == world.course_id(HIPAA)
    assert len(world.titles()) == 2
    (twin,) = world.ask(marks.twins_of, course_id=uploaded)
    assert twin.course_id == number
    assert decided(world).course_id == number
    assert world.sync().counts == {Outcome.UNCHANGED: 1}


def test_skip_stands_also_when_everything_is_synced_again_or_it_changes(
    world: World, uploaded: int
) -> None:
    assert settle(world, DuplicatePolicy.SKIP) is None
    world.pretend.change(HIPAA, title="HIPAA at Work")
    for kind in (RunKind.DAILY, RunKind.EVERYTHING):
        world.sync(kind, policy=DuplicatePolicy.KEEP)
        assert world.entries() == []
    assert world.titles() == ["HIPAA, by hand"]
    assert world.ask(items.stored, keys=[HIPAA])[HIPAA].state is ItemState.DECLINED
    assert decided(world).course_id is None


def test_what_was_skipped_can_be_opened_again(world: World, uploaded: int) -> None:
    settle(world, DuplicatePolicy.SKIP)
    world.ask(settling.reopen, key=HIPAA)
    world.sync()
    assert len(world.questions()) == 1
    with pytest.raises(NothingToDecide):
        world.ask(settling.reopen, key="unknown")


def test_a_course_that_has_to_be_downloaded_comes_with_the_next_run(world: World) -> None:
    number = upload(world.transact, course(f"{ERGONOMICS}", "Ergonomics, by hand"))
    world.pretend.send(ERGONOMICS)
    world.sync()
    assert settle(world, DuplicatePolicy.KEEP) is None
    assert world.titles() == ["Ergonomics, by hand"]
    world.sync(RunKind.HAND)
    assert world.titles() == ["Ergonomics at the Desk", "Ergonomics, by hand"]
    (entry,) = world.entries()
    assert (entry.outcome, entry.matched_id) == (Outcome.NEW, number)
    (twin,) = world.ask(marks.twins_of, course_id=number)
    assert twin.course_id == world.course_id(ERGONOMICS)
    assert world.sync().counts == {Outcome.UNCHANGED: 1}


def test_a_course_that_has_to_be_downloaded_is_linked_without(world: World) -> None:
    number = upload(world.transact, course(f"{ERGONOMICS}", "Ergonomics, by hand"))
    world.pretend.send(ERGONOMICS)
    world.sync()
    assert settle(world, DuplicatePolicy.UPDATE) == number
    assert world.titles() == ["Ergonomics at the Desk"]
    unit = stored(world.transact, number).course.units[0]
    assert unit.file_name == "https://elsewhere.example.org/start"


def test_one_of_several_matches_is_chosen(world: World) -> None:
    first, second = (
        upload(
            world.transact,
            Course(
                f"C-{n}",
                f"Hand {n}",
                (AssignableUnit("A1", "One", f"https://example.org/{n}?id={HIPAA}"),),
                ("A1",),
            ),
        )
        for n in (1, 2)
    )
    world.pretend.send(HIPAA)
    world.sync()
    with pytest.raises(DecisionRefused):
        settle(world, DuplicatePolicy.UPDATE, target=999)
    assert settle(world, DuplicatePolicy.UPDATE, target=second) == second
    assert "Hand 1" in world.titles()
    assert first != second


def test_a_course_that_is_linked_meanwhile_cannot_be_linked_again(
    world: World, uploaded: int
) -> None:
    (asked,) = world.questions()
    world.sync(RunKind.EVERYTHING, policy=DuplicatePolicy.UPDATE)
    with pytest.raises(NothingToDecide):
        world.ask(
            settling.settle,
            decision_id=asked.id,
            choice=DuplicatePolicy.UPDATE,
            by=7,
            now=world.clock(),
        )


def test_a_question_is_answered_once_and_by_an_answer(world: World, uploaded: int) -> None:
    (asked,) = world.questions()
    with pytest.raises(DecisionRefused):
        settle(world, DuplicatePolicy.ASK)
    settle(world, DuplicatePolicy.SKIP)
    values = {"choice": DuplicatePolicy.KEEP, "by": 8, "now": world.clock()}
    with pytest.raises(NothingToDecide):
        world.ask(settling.settle, decision_id=asked.id, **values)
    with pytest.raises(NothingToDecide):
        world.ask(settling.settle, decision_id=12345, **values)
    assert decided(world).by == 7


def test_an_upload_decides_at_its_own_door(world: World) -> None:
    question = Question(None, "", "Upload", "{}", Origin.UPLOAD, "guid", True, (1,), "Why.")
    number = world.ask(decisions.ask, question=question, run_id=None, now=world.clock())
    with pytest.raises(DecisionRefused):
        world.ask(
            settling.settle,
            decision_id=number,
            choice=DuplicatePolicy.SKIP,
            by=7,
            now=world.clock(),
        )
