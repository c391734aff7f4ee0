"""How many refused requests are kept, a minute of the clock."""

from __future__ import annotations

import threading

from hacp.refusals import KEPT_OF_SESSIONS, KEPT_PER_MINUTE, RefusalBudget, SessionBudget
from tests.hacp.server import START, Clock


def test_a_minute_has_room_for_so_many_and_no_more():
    budget = RefusalBudget(per_minute=3)
    assert [budget.allows(START) for _ in range(5)] == [True, True, True, False, False]


def test_the_next_minute_begins_anew():
    clock = Clock()
    budget = RefusalBudget(per_minute=1)
    assert budget.allows(clock())
    clock.wait(seconds=59)
    assert not budget.allows(clock())
    clock.wait(seconds=1)
    assert budget.allows(clock())


def test_a_flood_from_many_threads_gets_no_more():
    budget = RefusalBudget()
    allowed: list[bool] = []

    def flood() -> None:
        allowed.extend(budget.allows(START) for _ in range(KEPT_PER_MINUTE))

    threads = [threading.Thread(target=flood) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == KEPT_PER_MINUTE


def test_a_session_that_floods_takes_nothing_from_another():
    budget = SessionBudget(per_session=2, per_minute=5)
    assert [budget.allows(1, START) for _ in range(9)] == [True, True, *[False] * 7]
    assert budget.allows(2, START)


def test_all_sessions_together_have_a_limit_too():
    budget = SessionBudget(per_session=2, per_minute=5)
    allowed = [budget.allows(session_id, START) for session_id in range(9)]
    assert allowed == [True] * 5 + [False] * 4


def test_each_session_begins_anew_with_the_minute():
    clock = Clock()
    budget = SessionBudget(per_session=1, per_minute=2)
    assert [budget.allows(one, clock()) for one in (1, 1, 2, 3)] == [True, False, True, False]
    clock.wait(seconds=60)
    assert [budget.allows(one, clock()) for one in (3, 1)] == [True, True]


def test_what_is_remembered_of_a_minute_does_not_grow_with_a_flood():
    budget = SessionBudget()
    for session_id in range(KEPT_OF_SESSIONS * 3):
        budget.allows(session_id, START)
    assert len(budget._spent) == KEPT_OF_SESSIONS
