"""How many refused requests are kept, a minute of the clock."""

from __future__ import annotations

import threading

from hacp.refusals import KEPT_PER_MINUTE, RefusalBudget
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
