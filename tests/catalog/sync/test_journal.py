"""The book of a run: nothing is applied without the claim, nothing without being told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from catalog.errors import ClaimLost
from catalog.store import Transact
from catalog.supply import deliveries, entries, runs
from catalog.supply.model import Claim, Delivered, Entry, Outcome, RunKind
from catalog.sync.applying import Applied
from catalog.sync.journal import Journal, Progress
from tests.catalog.stock import NOW, bring, item
from tests.catalog.world import Clock, open_academy

NEW = Entry(Outcome.NEW, "key-1", "One", 1)
SAME = Entry(Outcome.UNCHANGED, "key-2", "Two", 2)


@pytest.fixture
def claimed(transact: Transact) -> Claim:
    open_academy(transact)
    return transact(lambda c: runs.claim(c, 1, kind=RunKind.DAILY, owner="me", now=Clock()()))


def journal(transact: Transact, claimed: Claim | None, **more: Any) -> Journal:
    return Journal(1, claimed, transact, Clock(), **more)


def told(transact: Transact, claimed: Claim) -> list[Entry]:
    return transact(lambda c: entries.entries(c, 1, run_id=claimed.run_id))


def test_what_is_done_is_told_and_counted(transact: Transact, claimed: Claim) -> None:
    shown: list[Progress] = []
    book = journal(transact, claimed, show=shown.append, expected=9)
    for _ in range(2):
        book.apply(lambda _c, _n: Applied(told=[NEW], quiet=[SAME], writes=True), pages=1, items=2)
    assert told(transact, claimed) == [NEW, NEW]
    assert book.counts == {Outcome.NEW: 2, Outcome.UNCHANGED: 2}
    assert shown[-1] == Progress(2, 4, 9, {Outcome.NEW: 2, Outcome.UNCHANGED: 2})
    run = transact(lambda c: runs.run(c, 1, run_id=claimed.run_id))
    assert run is not None
    assert (run.pages, run.items, run.counts) == (2, 4, {Outcome.NEW: 2, Outcome.UNCHANGED: 2})


def test_without_the_claim_nothing_is_kept(transact: Transact, claimed: Claim) -> None:
    transact(lambda c: runs.close_broken(c, now=NOW.replace(year=2027)))
    book = journal(transact, claimed)

    def unit(connection: Connection, _now: object) -> Applied:
        bring(lambda inner: inner(connection), item(1))
        return Applied(told=[NEW], writes=True)

    with pytest.raises(ClaimLost):
        book.apply(unit)
    with pytest.raises(ClaimLost):
        book.keep_alive()
    assert told(transact, claimed) == []
    assert book.told == 0
    assert bring(transact, item(1))


def test_what_fails_is_neither_kept_nor_counted(transact: Transact, claimed: Claim) -> None:
    book = journal(transact, claimed)

    def unit(_connection: Connection, _now: object) -> Applied:
        raise KeyError

    with pytest.raises(KeyError):
        book.apply(unit, pages=1, items=5)
    assert (book.pages, book.items, book.counts) == (0, 0, {})


def test_delivered_courses_hear_of_themselves_also_where_nothing_changed(
    transact: Transact, claimed: Claim
) -> None:
    number = transact(
        lambda c: deliveries.receive(
            c, 1, delivery_id="d", courses=[Delivered("key-1"), Delivered("key-2")], now=NOW
        )
    )
    transact(lambda c: deliveries.take_up(c, 1, run_id=claimed.run_id))
    book = journal(transact, claimed, delivered=frozenset({"key-1", "key-2"}))
    book.apply(lambda _c, _n: Applied(quiet=[SAME]))
    assert number is not None
    found = transact(lambda c: deliveries.delivered(c, 1, delivery=number))
    assert {one.key: one.outcome for one in found} == {
        "key-1": None,
        "key-2": Outcome.UNCHANGED,
    }


def test_a_rehearsal_writes_no_entry_and_remembers_them(transact: Transact) -> None:
    open_academy(transact)
    book = journal(transact, None)
    book.apply(lambda _c, _n: Applied(told=[NEW], writes=True))
    book.keep_alive()
    assert book.rehearsed == [NEW]
    assert transact(lambda c: runs.count_runs(c, 1)) == 0
