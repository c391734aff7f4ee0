"""Items as stored: what a page of the listing is compared with, in one question."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from catalog import archive
from catalog.model import ArchiveReason
from catalog.provider.provided import Item, item_hash
from catalog.store import Transact
from catalog.supply import item_pictures, items
from catalog.supply.model import ItemState
from catalog.sync.plan import Known, plan_missing
from tests.catalog.stock import NOW, bring, item, key, stored_item


def keep(transact: Transact, one: Item, state: ItemState, replaces: bool = False) -> None:
    transact(
        lambda c: items.keep(
            c,
            1,
            [(one, item_hash(one))],
            course_ids=[None],
            state=state,
            replaces=[one.key] if replaces else [],
            now=NOW,
        )
    )


def test_a_linked_item_is_known_to_the_plan(transact: Transact) -> None:
    (number,) = bring(transact, item(1))
    found = stored_item(transact, 1)
    assert found is not None
    assert found.known() == Known(number, key(1), item_hash(item(1)))
    key_values = {"course_id": number, "by": None, "now": NOW}
    transact(lambda c: archive.archive(c, 1, reason=ArchiveReason.INACTIVE, **key_values))
    again = stored_item(transact, 1)
    assert again is not None
    assert again.archived_for is ArchiveReason.INACTIVE


def test_an_item_without_a_course_is_nothing_to_plan_for(transact: Transact) -> None:
    keep(transact, item(1), ItemState.SKIPPED)
    found = stored_item(transact, 1)
    assert found is not None
    assert (found.state, found.known()) == (ItemState.SKIPPED, None)


def test_an_item_that_failed_is_never_taken_for_unchanged(transact: Transact) -> None:
    keep(transact, item(1), ItemState.FAILED)
    found = stored_item(transact, 1)
    assert found is not None
    assert (found.hash, found.failed_hash) == ("", item_hash(item(1)))


def test_a_failure_of_a_linked_item_is_noted_and_forgotten_with_success(
    transact: Transact,
) -> None:
    bring(transact, item(1))

    def fail(number: int) -> bool:
        return transact(lambda c: items.note_failure(c, 1, key=key(number), told="bad"))

    assert (fail(1), fail(2)) == (True, False)
    failed = stored_item(transact, 1)
    assert failed is not None
    assert failed.failed_hash == "bad"
    after = item(1, "After")
    transact(
        lambda c: items.renew(
            c, 1, {key(1): (after, item_hash(after))}, before={key(1): item(1)}, now=NOW
        )
    )
    renewed = stored_item(transact, 1)
    assert renewed is not None
    assert (renewed.hash, renewed.failed_hash) == (item_hash(after), "")


def test_another_item_takes_the_place_of_one_without_a_course(transact: Transact) -> None:
    keep(transact, item(1), ItemState.WAITING)
    keep(transact, item(1, "Renamed"), ItemState.SKIPPED, replaces=True)
    assert transact(lambda c: items.documents(c, 1, [key(1)])) == {key(1): item(1, "Renamed")}
    transact(lambda c: items.set_state(c, 1, key=key(1), state=ItemState.DECLINED))
    found = stored_item(transact, 1)
    assert found is not None
    assert found.state is ItemState.DECLINED
    assert transact(lambda c: items.forget(c, 1, [key(1)])) == 1
    assert stored_item(transact, 1) is None


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ("", "", False),
        ("", "https://i.example.org/a.png", True),
        ("https://i.example.org/a.png", "https://i.example.org/a.png", False),
        (
            "https://i.example.org/a.png?sig=1",
            "https://i.example.org/a.png?sig=2",
            False,
        ),
        ("https://i.example.org/a.png", "https://i.example.org/b.png", True),
        ("https://i.example.org/a.png", "", False),
    ],
)
def test_a_picture_is_due_when_its_address_is_new(
    transact: Transact, before: str, after: str, due: bool
) -> None:
    old, new = item(1, picture_url=before), item(1, picture_url=after)
    bring(transact, old)
    transact(lambda c: item_pictures.note(c, 1, {key(1): ""}))
    transact(
        lambda c: items.renew(c, 1, {key(1): (new, item_hash(new))}, before={key(1): old}, now=NOW)
    )
    found = stored_item(transact, 1)
    assert found is not None
    assert found.picture_due is due


def test_what_a_listing_lacks_is_found_in_portions(
    transact: Transact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "AT_ONCE", 2)
    bring(transact, *(item(number) for number in range(6)))
    bring(transact, item(9), academy_id=2)

    def ask(connection: Connection) -> list[list[str]]:
        seen = {key(2), key(3), key(5)}
        return [[one.key for one in few] for few in items.lacking(connection, 1, seen=seen)]

    assert transact(ask) == [[key(0), key(1)], [key(4)]]


def test_flags_are_stored_as_the_plan_says(transact: Transact) -> None:
    bring(transact, item(1), item(2))
    known = {
        one.key: one
        for found in [stored_item(transact, 1)]
        if found is not None and (one := found.known()) is not None
    }
    steps = plan_missing(known, seen=set())
    transact(lambda c: items.note_flags(c, 1, steps))
    missed = [found.missed for n in (1, 2) if (found := stored_item(transact, n)) is not None]
    assert missed == [1, 0]


def test_open_courses_of_the_provider_are_counted(transact: Transact) -> None:
    first, _ = bring(transact, item(1), item(2))
    bring(transact, item(3), academy_id=2)
    keep(transact, item(4), ItemState.WAITING)
    assert transact(lambda c: items.count_open(c, 1)) == 2
    transact(
        lambda c: archive.archive(
            c, 1, course_id=first, reason=ArchiveReason.ADMIN, by=None, now=NOW
        )
    )
    assert transact(lambda c: items.count_open(c, 1)) == 1


def test_a_course_says_where_it_comes_from(transact: Transact) -> None:
    one = item(1, publisher="Northwind", description_html="<p>It</p>")
    (number,) = bring(transact, one)
    found = transact(lambda c: items.provided(c, 1, course_id=number))
    assert found == items.Provided("opensesame", one, 0, False, NOW)
    assert transact(lambda c: items.provided(c, 2, course_id=number)) is None


def test_an_admin_who_reactivates_speaks_against_a_flag_that_says_inactive(
    transact: Transact,
) -> None:
    inactive, active = item(1, active=False), item(2)
    for one in (inactive, active):
        (number,) = bring(transact, one)
        values = {"course_id": number, "by": 5, "now": NOW}
        transact(lambda c, v=values: archive.archive(c, 1, reason=ArchiveReason.INACTIVE, **v))
        transact(lambda c, v=values: archive.reactivate(c, 1, **v))
    overruled = [found.overruled for n in (1, 2) if (found := stored_item(transact, n)) is not None]
    assert overruled == [True, False]
    assert replace(inactive, active=True) != inactive
