"""Doubtful listings: nothing is archived before an admin has confirmed, and once is asked only."""

from __future__ import annotations

import pytest

from catalog.errors import NothingToDecide
from catalog.supply import runs
from catalog.supply.model import Outcome, RunKind, RunState
from catalog.sync import doubts
from demo.opensesame.faults import Fault
from tests.catalog.world import World

COURSES = 60
DOUBTED = 25


@pytest.fixture
def doubted(world: World) -> World:
    """Return an academy that waits: 25 of its 60 courses were retired at once."""
    world.pretend.grow(COURSES)
    world.sync()
    retire(world, range(DOUBTED))
    world.sync()
    return world


def retire(world: World, numbers: range) -> None:
    for number in numbers:
        world.pretend.retire(world.pretend.grown().id_of(number))


def reactivate(world: World, numbers: range) -> None:
    for number in numbers:
        world.pretend.reactivate(world.pretend.grown().id_of(number))


def decide(world: World, how: str, by: int = 7) -> None:
    waiting = waiting_run(world)
    world.ask(getattr(doubts, how), run_id=waiting, by=by, now=world.clock())


def waiting_run(world: World) -> int:
    (waiting,) = world.ask(runs.runs, states=[RunState.WAITING])
    return int(waiting.id)


def state_of(world: World, run_id: int) -> RunState:
    found = world.ask(runs.run, run_id=run_id)
    assert found is not None
    return RunState(found.state)


def test_a_listing_that_would_archive_too_much_waits(doubted: World) -> None:
    run = doubted.last_run()
    assert run.state is RunState.WAITING
    assert "25 of 60 courses" in run.sentence
    assert "Nothing was archived." in run.sentence
    assert len(doubted.titles()) == COURSES
    assert len(doubted.entries(outcome=Outcome.PROPOSED)) == DOUBTED


def test_new_and_changed_courses_are_applied_all_the_same(world: World) -> None:
    world.pretend.grow(COURSES)
    world.sync()
    retire(world, range(DOUBTED))
    world.pretend.change(world.pretend.grown().id_of(50), title="New title")
    world.pretend.send("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301")
    report = world.sync()
    assert report.state is RunState.WAITING
    assert {"New title", "HIPAA in Everyday Work"} <= set(world.titles())


@pytest.mark.parametrize("retired", [20, 6])
def test_a_few_courses_raise_no_doubt(world: World, retired: int) -> None:
    world.pretend.grow(COURSES)
    world.sync()
    retire(world, range(retired))
    assert world.sync().state is RunState.DONE
    assert len(world.titles()) == COURSES - retired


def test_what_was_confirmed_is_archived_by_a_fresh_listing(doubted: World) -> None:
    waiting = waiting_run(doubted)
    decide(doubted, "confirm")
    assert len(doubted.titles()) == COURSES

    report = doubted.sync(RunKind.CONFIRMED)

    assert (report.state, report.counts[Outcome.ARCHIVED]) == (RunState.DONE, DOUBTED)
    assert len(doubted.titles()) == COURSES - DOUBTED
    assert state_of(doubted, waiting) is RunState.SETTLED
    assert doubted.last_run().about == waiting
    assert doubted.sync().counts.keys() == {Outcome.UNCHANGED}


def test_what_came_back_in_between_is_not_archived(doubted: World) -> None:
    decide(doubted, "confirm")
    reactivate(doubted, range(DOUBTED - 1))
    doubted.sync(RunKind.CONFIRMED)
    assert len(doubted.titles()) == COURSES - 1


def test_a_few_more_than_what_was_confirmed_are_archived_too(doubted: World) -> None:
    decide(doubted, "confirm")
    retire(doubted, range(DOUBTED, DOUBTED + 3))
    doubted.sync(RunKind.CONFIRMED)
    assert len(doubted.titles()) == COURSES - DOUBTED - 3


def test_many_more_than_what_was_confirmed_are_asked_about_again(doubted: World) -> None:
    first = waiting_run(doubted)
    decide(doubted, "confirm")
    retire(doubted, range(DOUBTED, DOUBTED + 25))
    report = doubted.sync(RunKind.CONFIRMED)
    assert report.state is RunState.WAITING
    assert len(doubted.titles()) == COURSES
    assert state_of(doubted, first) is RunState.SETTLED
    assert len(doubted.entries(outcome=Outcome.PROPOSED)) == DOUBTED + 25
    decide(doubted, "confirm")
    doubted.sync(RunKind.CONFIRMED)
    assert len(doubted.titles()) == COURSES - DOUBTED - 25


def test_a_confirmation_outlives_a_listing_that_breaks_off(doubted: World) -> None:
    decide(doubted, "confirm")
    doubted.pretend.faults.switch_on(Fault.NOT_JSON, from_page=2)
    assert doubted.sync(RunKind.CONFIRMED).state is RunState.BROKEN
    assert len(doubted.titles()) == COURSES
    doubted.pretend.faults.switch_off()
    doubted.sync(RunKind.POLL)
    assert len(doubted.titles()) == COURSES - DOUBTED


def test_nobody_is_asked_twice_while_a_run_waits(doubted: World) -> None:
    waiting = waiting_run(doubted)
    report = doubted.sync(RunKind.POLL)
    assert report.state is RunState.DONE
    assert "waits for an admin" in report.sentence
    assert doubted.last_run().about == waiting
    assert waiting_run(doubted) == waiting


def test_a_doubt_that_passes_settles_itself(doubted: World) -> None:
    waiting = waiting_run(doubted)
    reactivate(doubted, range(DOUBTED))
    doubted.sync()
    assert state_of(doubted, waiting) is RunState.SETTLED
    with pytest.raises(NothingToDecide):
        doubted.ask(doubts.confirm, run_id=waiting, by=7, now=doubted.clock())


def test_what_was_discarded_is_not_asked_about_again_until_a_listing_raised_no_doubt(
    doubted: World,
) -> None:
    decide(doubted, "discard")
    for _ in range(2):
        report = doubted.sync()
        assert report.state is RunState.DONE
        assert "discarded" in report.sentence
    assert len(doubted.titles()) == COURSES

    reactivate(doubted, range(DOUBTED))
    assert doubted.sync().sentence == ""
    retire(doubted, range(DOUBTED))
    assert doubted.sync().state is RunState.WAITING


def test_others_than_those_that_were_discarded_are_asked_about(doubted: World) -> None:
    decide(doubted, "discard")
    retire(doubted, range(DOUBTED, DOUBTED + 5))
    assert doubted.sync().state is RunState.WAITING


def test_a_run_is_decided_about_once(doubted: World) -> None:
    waiting = waiting_run(doubted)
    decide(doubted, "discard")
    for how in (doubts.confirm, doubts.discard):
        with pytest.raises(NothingToDecide):
            doubted.ask(how, run_id=waiting, by=8, now=doubted.clock())
    assert doubted.ask(runs.run, run_id=waiting).decided_by == 7


def test_an_empty_listing_waits_and_says_what_would_be_gone(world: World) -> None:
    world.pretend.grow(3)
    world.sync()
    world.pretend.grow(0)
    report = world.sync()
    assert report.state is RunState.WAITING
    assert report.sentence.startswith("The listing is empty: 3 of 3 courses")
    assert len(world.entries(outcome=Outcome.PROPOSED)) == 3
    assert len(world.titles()) == 3

    decide(world, "confirm")
    world.sync(RunKind.CONFIRMED)

    assert world.titles() == []
    assert {entry.outcome for entry in world.entries()} == {Outcome.ARCHIVED}
    # There is nothing left that an empty listing could take away.
    assert world.sync().state is RunState.DONE


def test_many_that_are_missing_for_the_second_time_wait(world: World) -> None:
    world.pretend.grow(COURSES)
    world.sync()
    world.pretend.grow(COURSES - DOUBTED)
    assert world.sync().state is RunState.DONE
    report = world.sync()
    assert report.state is RunState.WAITING
    assert len(world.titles()) == COURSES
    decide(world, "confirm")
    world.sync(RunKind.CONFIRMED)
    assert len(world.titles()) == COURSES - DOUBTED


def test_an_empty_first_listing_raises_no_doubt(world: World) -> None:
    report = world.sync()
    assert (report.state, report.counts) == (RunState.DONE, {})


def test_a_dry_run_shows_the_doubt(world: World) -> None:
    world.pretend.grow(3)
    world.sync()
    world.pretend.grow(0)
    report = world.sync(dry_run=True)
    assert report.state is RunState.WAITING
    assert [entry.outcome for entry in report.entries] == [Outcome.PROPOSED] * 3
    assert world.last_run().state is RunState.DONE


def test_one_course_synced_by_hand_is_not_doubted(world: World) -> None:
    world.pretend.grow(1)
    world.sync()
    world.pretend.grow(0)
    key = "00000001-0000-4000-8000-000000000000"
    for _ in range(2):
        assert world.sync(RunKind.ONE, key=key).state is RunState.DONE
    assert world.titles() == []
