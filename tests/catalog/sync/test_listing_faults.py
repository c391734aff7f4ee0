"""Every fault that the pretend OpenSesame can have: what is here before, and what is here after.

A listing that breaks off at any page archives nothing, and every course that it did apply is whole.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from catalog import store, versions
from catalog.provider.errors import (
    BrokenOff,
    Busy,
    ForeignHost,
    GoesRound,
    Nonsense,
    ProviderError,
    WrongClient,
    WrongCustomer,
)
from catalog.provider.provided import parse_item_document
from catalog.supply import deliveries
from catalog.supply.model import DeliveryState, Outcome, RunKind, RunState
from catalog.supply.schema import ItemTable
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from tests.catalog.world import World

PAGES = 3
COURSES = 110


@pytest.fixture
def grown(world: World) -> World:
    """Return an academy with three pages of courses, of which some have changed over there since.

    Course 0 was retired, course 1 removed for the second time, courses 2, 60 and 105 got new
    titles, and there are two new ones at the end.
    """
    world.pretend.grow(COURSES)
    world.sync()
    growth = world.pretend.grown()
    world.pretend.remove(growth.id_of(1))
    world.sync()
    world.pretend.retire(growth.id_of(0))
    for number in (2, 60, 105):
        world.pretend.change(growth.id_of(number), title=f"New title {number}")
    return world


def is_whole(world: World) -> None:
    """Every course has its structure, is found, and says what its item says."""

    def check(connection: Connection) -> None:
        titles = {row.id: row.title for row in store.courses(connection, 1, limit=1000)}
        ids = list(titles)
        whole = versions.structures(connection, 1, course_ids=ids)
        of_course = select(ItemTable.course_id, ItemTable.document)
        provided = {
            found.course_id: parse_item_document(found.document)
            for found in connection.execute(of_course)
        }
        assert set(ids) == whole.keys() == provided.keys()
        for number in ids:
            course, item = whole[number].course, provided[number]
            assert titles[number] == course.title == item.title
            assert course.units[0].file_name == item.launch_url

    world.transact(check)


def is_done(world: World) -> None:
    """Everything of the changed listing is applied."""
    assert set(world.titles(archived=True)) == {
        world.pretend.entry(world.pretend.grown().id_of(number)).course.title for number in (0, 1)
    }
    assert {f"New title {number}" for number in (2, 60, 105)} <= set(world.titles())
    is_whole(world)


# What passes by itself: nobody need hear of it.
PASSING: dict[str, Callable[[World], None]] = {
    "a token that is taken back": lambda world: world.pretend.faults.switch_on(
        Fault.UNAUTHORIZED, times=1, from_page=2
    ),
    "429 with Retry-After": lambda world: world.pretend.faults.switch_on(
        Fault.TOO_MANY_REQUESTS, times=2, from_page=2, seconds=3
    ),
    "a storm of 500": lambda world: world.pretend.faults.switch_on(
        Fault.SERVER_ERROR, times=4, from_page=2
    ),
    "an answer cut once": lambda world: world.pretend.faults.switch_on(
        Fault.BROKEN_OFF, times=1, from_page=3
    ),
    "slow answers": lambda world: world.pretend.faults.switch_on(Fault.SLOW, seconds=0.05),
    "a redirect to the same host": lambda world: world.pretend.faults.switch_on(
        Fault.REDIRECT, times=1, from_page=2
    ),
    "a page repeated once": lambda world: world.pretend.faults.switch_on(
        Fault.REPEATED_PAGE, times=1, from_page=2
    ),
    "a token page of 500": lambda world: world.pretend.faults.switch_on(
        Fault.SERVER_ERROR, place=Place.TOKEN, times=2
    ),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_changes_nothing_of_the_result(
    grown: World, fault: Callable[[World], None]
) -> None:
    fault(grown)
    report = grown.sync()
    assert report.state is RunState.DONE, report.sentence
    is_done(grown)


# What does not pass: the run breaks off and says why.
BREAKING: dict[str, tuple[Fault, type[ProviderError]]] = {
    "401 for good": (Fault.UNAUTHORIZED, WrongClient),
    "429 for good": (Fault.TOO_MANY_REQUESTS, Busy),
    "500 for good": (Fault.SERVER_ERROR, Busy),
    "JSON that ends in the middle": (Fault.TRUNCATED, Nonsense),
    "a connection that breaks": (Fault.BROKEN_OFF, BrokenOff),
    "HTML": (Fault.NOT_JSON, Nonsense),
    "a page repeated": (Fault.REPEATED_PAGE, GoesRound),
    "a link to another host": (Fault.NEXT_ELSEWHERE, ForeignHost),
    "a redirect to another host": (Fault.REDIRECT_ELSEWHERE, ForeignHost),
    "a redirect that never ends": (Fault.REDIRECT, GoesRound),
}


@pytest.mark.parametrize("page", range(1, PAGES + 1))
@pytest.mark.parametrize(("fault", "error"), BREAKING.values(), ids=BREAKING)
def test_a_listing_that_breaks_off_archives_nothing_and_leaves_everything_whole(
    grown: World, fault: Fault, error: type[ProviderError], page: int
) -> None:
    # The first page has no earlier one to repeat, and the last one no link that could be wrong.
    page = max(page, 2) if fault is Fault.REPEATED_PAGE else page
    page = min(page, PAGES - 1) if fault is Fault.NEXT_ELSEWHERE else page
    was_open = {row.id for row in grown.ask(store.courses, archived=False, limit=1000)}
    grown.pretend.faults.switch_on(fault, from_page=page)

    report = grown.sync()

    assert report.state is RunState.BROKEN
    assert isinstance(report.error, error)
    assert str(report.error) in report.sentence
    assert "Nothing was archived." in report.sentence
    assert grown.last_run().pages == page - 1
    assert {row.id for row in grown.ask(store.courses, archived=False, limit=1000)} == was_open
    expected = [number for number, stands_on in ((2, 1), (60, 2), (105, 3)) if stands_on < page]
    assert grown.told() == {f"New title {number}": "updated" for number in expected}
    is_whole(grown)

    grown.pretend.faults.switch_off()
    assert grown.sync().state is RunState.DONE
    is_done(grown)


def test_items_that_move_between_pages_are_not_taken_for_removed(grown: World) -> None:
    growth = grown.pretend.grown()
    grown.pretend.send(growth.id_of(1))
    grown.pretend.faults.switch_on(Fault.MOVING_ITEMS)
    for _ in range(2):
        assert grown.sync().state is RunState.DONE
    removed = [
        row.title
        for row in grown.ask(store.courses, archived=True, limit=1000)
        if row.archived.reason.value == "removed"
    ]
    assert removed == []
    assert len(grown.titles(archived=None)) == len(set(grown.titles(archived=None))) == COURSES


def test_an_id_that_comes_twice_is_one_course_and_the_first_one_counts(grown: World) -> None:
    before = len(grown.titles(archived=None))
    grown.pretend.faults.switch_on(Fault.DUPLICATE_IDS)
    report = grown.sync()
    assert report.state is RunState.DONE
    assert len(grown.titles(archived=None)) == before
    assert not any(title.endswith("(again)") for title in grown.titles(archived=None))
    is_done(grown)


def test_elements_that_are_no_courses_are_told_and_harm_no_other(grown: World) -> None:
    grown.pretend.faults.switch_on(Fault.NONSENSE_ITEMS)
    report = grown.sync()
    assert report.state is RunState.DONE
    assert report.counts[Outcome.FAILED] == 5 * PAGES
    reasons = {entry.reason for entry in grown.entries(outcome=Outcome.FAILED)}
    assert any("id is" in reason for reason in reasons), reasons
    assert {f"New title {number}" for number in (2, 60, 105)} <= set(grown.titles())
    # Any of those without an id may be a course that is here: nothing counts as missing.
    removed = grown.pretend.entry(grown.pretend.grown().id_of(1)).course.title
    assert removed in grown.titles()
    is_whole(grown)


def test_a_poll_says_nothing_new_of_elements_that_are_no_courses(grown: World) -> None:
    grown.sync()
    grown.pretend.faults.switch_on(Fault.NONSENSE_ITEMS)
    grown.sync(RunKind.POLL)
    assert grown.entries() == []


def test_a_course_that_cannot_be_read_is_not_missing(world: World) -> None:
    world.pretend.send("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301")
    world.sync()
    world.pretend.change("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301", title="")
    for _ in range(3):
        report = world.sync()
        assert report.counts == {Outcome.FAILED: 1}
    assert world.titles() == ["HIPAA in Everyday Work"]
    (entry,) = world.entries()
    assert entry.course_id == world.course_id("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"client_secret": "wrong"}, WrongClient), ({"ciid": "wrong"}, WrongCustomer)],
)
def test_wrong_credentials_change_nothing(
    grown: World, wrong: dict[str, str], error: type[ProviderError]
) -> None:
    before = grown.state()
    with grown.client(**wrong) as client:
        report = grown.sync_with(client)
    assert isinstance(report.error, error)
    assert grown.state() == before


def test_a_delivery_whose_run_breaks_off_says_why_and_is_tried_by_the_next(grown: World) -> None:
    key = grown.pretend.grown().id_of(60)
    number = grown.receive("push-1", key)
    grown.pretend.faults.switch_on(Fault.NOT_JSON, from_page=2)

    report = grown.sync(RunKind.DELIVERY)

    failed = grown.ask(deliveries.delivery, delivery=number)
    assert (failed.state, failed.sentence) == (DeliveryState.FAILED, str(report.error))
    assert grown.delivered(number)[key].outcome is None

    grown.pretend.faults.switch_off()
    grown.sync(RunKind.POLL)

    assert grown.ask(deliveries.delivery, delivery=number).state is DeliveryState.DONE
    assert grown.delivered(number)[key].outcome is Outcome.UPDATED


def test_an_empty_listing_archives_nothing(grown: World) -> None:
    before = grown.titles()
    grown.pretend.faults.switch_on(Fault.EMPTY)
    for _ in range(3):
        grown.sync()
    assert grown.titles() == before
