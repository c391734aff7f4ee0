"""Reports of runs: what became of each course, read back by run and by course."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.store import Transact
from catalog.supply import connections, entries, runs
from catalog.supply.model import Claim, Entry, Outcome, RunKind

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def claimed(transact: Transact) -> Claim:
    transact(lambda c: connections.activate(c, 1, activated=True, now=NOW))
    return transact(lambda c: runs.claim(c, 1, kind=RunKind.DAILY, owner="me", now=NOW))


ENTRIES = [
    Entry(Outcome.NEW, "key-1", "One", 1),
    Entry(
        Outcome.UPDATED,
        "key-2",
        "Two",
        2,
        differences=(("title", "2", "Two"), ("languages", "en", "en, fr")),
    ),
    Entry(Outcome.SKIPPED, "key-3", "Three", kind="launch", matched_id=1, reason="It is One."),
]


def test_what_became_of_each_course_is_read_back(transact: Transact, claimed: Claim) -> None:
    transact(lambda c: entries.add(c, claimed, ENTRIES[:2], first=0))
    transact(lambda c: entries.add(c, claimed, ENTRIES[2:], first=2))
    transact(lambda c: entries.add(c, claimed, [], first=3))

    def listed(**more: Any) -> list[Entry]:
        return transact(lambda c: entries.entries(c, 1, run_id=claimed.run_id, **more))

    assert listed() == ENTRIES
    assert listed(outcome=Outcome.UPDATED) == [ENTRIES[1]]
    assert listed(limit=1, offset=2) == [ENTRIES[2]]
    assert transact(lambda c: entries.count_entries(c, 1, run_id=claimed.run_id)) == 3
    assert transact(lambda c: entries.of_course(c, 1, course_id=2)) == [
        (claimed.run_id, ENTRIES[1])
    ]
    assert transact(lambda c: entries.entries(c, 2, run_id=claimed.run_id)) == []
