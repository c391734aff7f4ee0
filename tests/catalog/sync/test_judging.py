"""Duplicates that arrive by themselves: what the academy's policy makes of each."""

from __future__ import annotations

import pytest

from catalog import marks, store
from catalog.model import AssignableUnit, Course
from catalog.supply import items
from catalog.supply.model import DecisionState, DuplicatePolicy, ItemState, Outcome, RunKind
from tests.catalog.stock import course, stored, upload
from tests.catalog.world import World

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


@pytest.fixture
def uploaded(world: World) -> int:
    """Upload the package of a course by hand, before OpenSesame delivers it."""
    unit = AssignableUnit("A1", "HIPAA", f"https://content.example.org/launch?course={HIPAA}")
    return upload(world.transact, Course("C-1", "HIPAA, by hand", (unit,), ("A1",)))


def state_of(world: World, key: str) -> ItemState:
    return ItemState(world.ask(items.stored, keys=[key])[key].state)


def test_update_links_the_uploaded_course_and_keeps_it_up_from_then_on(
    world: World, uploaded: int
) -> None:
    world.pretend.send(HIPAA)
    world.sync(policy=DuplicatePolicy.UPDATE)
    assert world.titles() == ["HIPAA in Everyday Work"]
    assert world.course_id(HIPAA) == uploaded
    (entry,) = world.entries()
    assert (entry.outcome, entry.matched_id, entry.kind) == (Outcome.UPDATED, uploaded, "guid")
    assert entry.reason.startswith(f'Matches course {uploaded}, "HIPAA, by hand".')
    assert stored(world.transact, uploaded).course.units[0].system_id == "A1"
    world.pretend.change(HIPAA, title="HIPAA at Work")
    world.sync()
    assert world.titles() == ["HIPAA at Work"]


def test_an_update_that_brings_other_units_says_so(world: World) -> None:
    address = f"https://content.example.org/launch?course={HIPAA}"
    units = tuple(AssignableUnit(name, name, f"{address}&part={name}") for name in ("A1", "A2"))
    upload(world.transact, Course("C-1", "HIPAA, by hand", units, ("A1", "A2")))
    world.pretend.send(HIPAA)

    world.sync(policy=DuplicatePolicy.UPDATE)

    (entry,) = world.entries()
    assert entry.reason.startswith("Matches course")
    assert entry.reason.endswith(
        "Its units are others now: learners in the middle of it keep theirs."
    )


def test_keep_makes_a_twin_that_knows_of_the_other(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA)
    world.sync(policy=DuplicatePolicy.KEEP)
    assert world.titles() == ["HIPAA in Everyday Work", "HIPAA, by hand"]
    (entry,) = world.entries()
    assert (entry.outcome, entry.matched_id) == (Outcome.NEW, uploaded)
    (twin,) = world.ask(marks.twins_of, course_id=uploaded)
    assert (twin.course_id, twin.kind) == (entry.course_id, "guid")
    assert world.sync().counts.keys() == {Outcome.UNCHANGED}


def test_skip_leaves_it_out_and_says_so_once(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA)
    world.sync(policy=DuplicatePolicy.SKIP)
    assert world.titles() == ["HIPAA, by hand"]
    (entry,) = world.entries()
    assert (entry.outcome, entry.matched_id) == (Outcome.SKIPPED, uploaded)
    world.sync(policy=DuplicatePolicy.SKIP)
    assert world.entries() == []
    number = world.receive("push-1", HIPAA)
    world.sync(RunKind.DELIVERY, policy=DuplicatePolicy.SKIP)
    became = world.delivered(number)[HIPAA]
    assert (became.outcome, became.reason) == (
        Outcome.SKIPPED,
        "It is a duplicate, and was skipped before.",
    )


def test_ask_puts_it_into_the_queue_once(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA)
    number = world.receive("push-1", HIPAA)
    world.sync(RunKind.DELIVERY, policy=DuplicatePolicy.ASK)
    assert world.titles() == ["HIPAA, by hand"]
    assert world.delivered(number)[HIPAA].outcome is Outcome.WAITING
    (asked,) = world.questions()
    assert (asked.question.matched, asked.question.certain) == ((uploaded,), True)
    world.sync()
    assert len(world.questions()) == 1
    assert world.entries() == []
    world.pretend.change(HIPAA, title="HIPAA at Work")
    world.sync()
    (again,) = world.questions()
    assert (again.id, again.question.title) == (asked.id, "HIPAA at Work")


@pytest.mark.parametrize("policy", list(DuplicatePolicy))
def test_what_is_only_possible_is_asked_whatever_the_policy_says(
    world: World, policy: DuplicatePolicy
) -> None:
    upload(world.transact, course("C-1", "HIPAA in everyday work"))
    world.pretend.send(HIPAA)
    world.sync(policy=policy)
    assert len(world.titles()) == 1
    (asked,) = world.questions()
    assert not asked.question.certain
    assert asked.question.kind == "title"


def test_another_policy_is_applied_by_everything_again(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA)
    world.sync(policy=DuplicatePolicy.ASK)
    world.sync(RunKind.EVERYTHING, policy=DuplicatePolicy.KEEP)
    assert len(world.titles()) == 2
    assert world.questions() == []
    (kept,) = world.questions(DecisionState.DECIDED)
    assert (kept.choice, kept.policy, kept.by) == (
        DuplicatePolicy.KEEP,
        DuplicatePolicy.KEEP,
        None,
    )


def test_two_items_that_match_one_upload_do_not_take_turns(world: World) -> None:
    address = f"https://content.example.org/launch?course={HIPAA}&then={PASSWORDS}"
    unit = AssignableUnit(f"{HIPAA} {PASSWORDS}", "Both", address)
    number = upload(world.transact, Course("C-1", "Both", (unit,), (unit.system_id,)))
    world.pretend.send(HIPAA, PASSWORDS)
    world.sync(policy=DuplicatePolicy.UPDATE)
    assert world.course_id(HIPAA) == number
    assert world.course_id(PASSWORDS) != number
    assert [twin.course_id for twin in world.ask(marks.twins_of, course_id=number)] == [
        world.course_id(PASSWORDS)
    ]
    assert world.sync(policy=DuplicatePolicy.UPDATE).counts.keys() == {Outcome.UNCHANGED}


def test_a_question_goes_with_an_item_that_becomes_inactive(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA)
    world.sync()
    world.pretend.retire(HIPAA)
    world.sync()
    assert world.questions() == []
    assert world.ask(items.stored, keys=[HIPAA]) == {}


def test_a_question_goes_with_an_item_that_two_listings_lack(world: World, uploaded: int) -> None:
    world.pretend.send(HIPAA, PASSWORDS)
    world.sync()
    world.pretend.remove(HIPAA)
    world.sync()
    assert len(world.questions()) == 1
    world.sync()
    assert world.questions() == []


def test_a_skipped_duplicate_whose_original_is_gone_stays_skipped_until_it_changes(
    world: World, uploaded: int
) -> None:
    world.pretend.send(HIPAA)
    world.sync(policy=DuplicatePolicy.SKIP)
    assert state_of(world, HIPAA) is ItemState.SKIPPED
    world.pretend.change(HIPAA, title="HIPAA at Work")
    world.sync(policy=DuplicatePolicy.SKIP)
    # It is judged anew, and is a duplicate still.
    assert world.told() == {"HIPAA at Work": "skipped"}
    assert len(world.ask(store.courses)) == 1
