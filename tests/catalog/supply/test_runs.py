"""Runs: one an academy, a claim that must be shown, killed runs closed, reports read back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.errors import AlreadyRunning, ClaimLost, NotConnected, NothingToDecide
from catalog.store import Transact
from catalog.supply import connections, deliveries, entries, runs
from catalog.supply.model import Claim, Entry, Outcome, Run, RunKind, RunState
from catalog.supply.runs import CLAIM_LIFE

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
AFTER = NOW + CLAIM_LIFE + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _activated(transact: Transact) -> None:
    for academy_id in (1, 2):
        transact(lambda c, one=academy_id: connections.activate(c, one, activated=True, now=NOW))


def claim(
    transact: Transact,
    academy_id: int = 1,
    *,
    kind: RunKind = RunKind.DAILY,
    owner: str = "me",
    now: datetime = NOW,
    **more: Any,
) -> Claim:
    return transact(lambda c: runs.claim(c, academy_id, kind=kind, owner=owner, now=now, **more))


def finish(
    transact: Transact,
    claimed: Claim,
    *,
    state: RunState = RunState.DONE,
    counts: dict[Outcome, int] | None = None,
    sentence: str = "",
    items: int = 0,
) -> None:
    transact(
        lambda c: runs.finish(
            c,
            claimed,
            state=state,
            pages=3,
            items=items,
            counts=counts or {},
            sentence=sentence,
            now=LATER,
        )
    )


def ask(transact: Transact, claimed: Claim) -> Run:
    found = transact(lambda c: runs.run(c, claimed.academy_id, run_id=claimed.run_id))
    assert found is not None
    return found


def test_a_claim_begins_a_run(transact: Transact) -> None:
    begun = ask(transact, claim(transact, by=9))
    assert (begun.kind, begun.state, begun.by) == (RunKind.DAILY, RunState.RUNNING, 9)
    assert begun.started_at == NOW
    assert begun.claimed_until == NOW + CLAIM_LIFE


def test_a_second_run_of_the_academy_is_refused(transact: Transact) -> None:
    first = claim(transact)
    with pytest.raises(AlreadyRunning) as refused:
        claim(transact, owner="other", now=LATER)
    assert refused.value.run_id == first.run_id
    claim(transact, 2)


def test_of_many_that_claim_at_once_one_gets_it(transact: Transact) -> None:
    start, got, refused = threading.Barrier(6), [], []

    def attempt(number: int) -> None:
        start.wait()
        try:
            got.append(claim(transact, owner=f"worker {number}"))
        except AlreadyRunning:
            refused.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 5)


def test_a_finished_run_gives_the_claim_back(transact: Transact) -> None:
    first = claim(transact)
    finish(transact, first, counts={Outcome.NEW: 3, Outcome.FAILED: 0})
    done = ask(transact, first)
    assert (done.state, done.finished_at, done.counts) == (
        RunState.DONE,
        LATER,
        {Outcome.NEW: 3},
    )
    claim(transact, now=LATER)


def test_a_renewed_claim_lasts_and_says_how_far_the_run_is(transact: Transact) -> None:
    claimed = claim(transact)
    transact(
        lambda c: runs.renew(c, claimed, now=LATER, pages=2, items=100, counts={Outcome.UPDATED: 1})
    )
    running = ask(transact, claimed)
    assert (running.pages, running.items, running.counts) == (2, 100, {Outcome.UPDATED: 1})
    assert running.claimed_until == LATER + CLAIM_LIFE
    with pytest.raises(AlreadyRunning):
        claim(transact, now=AFTER)


def test_a_killed_run_is_closed_as_broken_by_the_next(transact: Transact) -> None:
    killed = claim(transact)
    transact(lambda c: deliveries.receive(c, 1, delivery_id="d", courses=[], now=NOW))
    transact(lambda c: deliveries.take_up(c, 1, run_id=killed.run_id))
    second = claim(transact, owner="other", now=AFTER)
    broken = ask(transact, killed)
    assert broken.state is RunState.BROKEN
    assert "ended before" in broken.sentence
    assert len(transact(lambda c: deliveries.take_up(c, 1, run_id=second.run_id))) == 1


def test_a_run_is_given_up_at_once_and_says_why(transact: Transact) -> None:
    under_way = claim(transact)
    claim(transact, 2)
    transact(lambda c: deliveries.receive(c, 1, delivery_id="d", courses=[], now=NOW))
    transact(lambda c: deliveries.take_up(c, 1, run_id=under_way.run_id))

    def abandon(**more: Any) -> bool:
        return transact(lambda c: runs.abandon(c, 1, sentence="Enough.", now=LATER, **more))

    assert not abandon(run_id=under_way.run_id + 1)
    assert abandon(run_id=under_way.run_id)
    given_up = ask(transact, under_way)
    assert (given_up.state, given_up.sentence) == (RunState.BROKEN, "Enough.")
    assert transact(lambda c: deliveries.is_waiting(c, 1))
    with pytest.raises(ClaimLost):
        transact(lambda c: runs.renew(c, under_way, now=LATER))
    claim(transact, now=LATER)
    assert transact(lambda c: runs.count_runs(c, 2, states=[RunState.RUNNING])) == 1


@pytest.mark.parametrize(
    ("state", "counts"),
    [(RunState.DONE, True), (RunState.WAITING, True), (RunState.BROKEN, False)],
)
def test_a_whole_listing_since_a_moment_is_one_that_was_read_to_its_end(
    transact: Transact, state: RunState, counts: bool
) -> None:
    claimed = claim(transact)

    def since(moment: datetime, kind: RunKind = RunKind.DAILY) -> bool:
        return transact(lambda c: runs.complete_since(c, 1, kind=kind, since=moment))

    assert not since(NOW)
    finish(transact, claimed, state=state)
    assert since(NOW) is counts
    assert not since(LATER)
    assert not since(NOW, RunKind.POLL)


def test_a_run_that_lost_its_claim_may_do_nothing_more(transact: Transact) -> None:
    killed = claim(transact)
    claim(transact, owner="other", now=AFTER)
    with pytest.raises(ClaimLost):
        transact(lambda c: runs.renew(c, killed, now=AFTER))
    with pytest.raises(ClaimLost):
        finish(transact, killed)


def test_killed_runs_of_all_academies_are_closed_by_a_sweep(transact: Transact) -> None:
    claim(transact)
    claim(transact, 2)
    assert transact(lambda c: runs.close_broken(c, now=LATER)) == 0
    assert transact(lambda c: runs.close_broken(c, now=AFTER)) == 2


def test_an_academy_without_the_provider_has_no_runs(transact: Transact) -> None:
    with pytest.raises(NotConnected):
        claim(transact, 3)


def test_a_run_expects_what_the_last_complete_one_read(transact: Transact) -> None:
    first = claim(transact)
    finish(transact, first, items=120)
    broken = claim(transact)
    finish(transact, broken, state=RunState.BROKEN, items=7)
    assert ask(transact, claim(transact)).expected == 120


ENTRIES = [Entry(Outcome.NEW, "key-1", "One", 1)]


def test_runs_are_listed_the_newest_first_by_state(transact: Transact) -> None:
    first, second = claim(transact), None
    finish(transact, first)
    second = claim(transact)
    finish(transact, second, state=RunState.WAITING, sentence="It would archive 30 courses.")

    def listed(**more: Any) -> list[int]:
        return [one.id for one in transact(lambda c: runs.runs(c, 1, **more))]

    assert listed() == [second.run_id, first.run_id]
    assert listed(states=[RunState.WAITING]) == [second.run_id]
    assert transact(lambda c: runs.count_runs(c, 1, states=[RunState.WAITING])) == 1


def test_a_waiting_run_is_settled_once(transact: Transact) -> None:
    claimed = claim(transact)
    finish(transact, claimed, state=RunState.WAITING)

    def discard(by: int) -> None:
        transact(
            lambda c: runs.settle(
                c, 1, run_id=claimed.run_id, state=RunState.DISCARDED, by=by, now=LATER
            )
        )

    discard(5)
    with pytest.raises(NothingToDecide):
        discard(6)
    settled = ask(transact, claimed)
    assert (settled.state, settled.decided_by, settled.decided_at) == (
        RunState.DISCARDED,
        5,
        LATER,
    )


def test_polls_that_found_nothing_are_forgotten_and_others_are_not(transact: Transact) -> None:
    quiet = claim(transact, kind=RunKind.POLL)
    finish(transact, quiet)
    told = claim(transact, kind=RunKind.POLL)
    transact(lambda c: entries.add(c, told, ENTRIES, first=0))
    finish(transact, told)
    daily = claim(transact)
    finish(transact, daily)
    broken = claim(transact, kind=RunKind.POLL)
    finish(transact, broken, state=RunState.BROKEN, sentence="Nobody answered.")
    last = claim(transact, kind=RunKind.POLL)
    finish(transact, last)
    transact(lambda c: runs.forget_quiet_polls(c, 1, keep=last.run_id))
    kept = [one.id for one in transact(lambda c: runs.runs(c, 1))]
    assert kept == [one.run_id for one in (last, broken, daily, told)]
