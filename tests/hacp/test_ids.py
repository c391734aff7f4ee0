"""Record ids: positive, growing, and a period of time is a range of them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hacp.ids import EPOCH, first_id, made_at, new_id

# Later than any time that another test gives, because ids never fall behind the last one given.
LATER = datetime(2150, 1, 1, tzinfo=UTC)


def test_an_id_fits_a_signed_64_bit_column_until_2302():
    assert 0 < new_id(datetime(2026, 1, 1, tzinfo=UTC)) < 2**63
    assert first_id(datetime(2302, 1, 1, tzinfo=UTC)) < 2**63


def test_ids_of_one_moment_grow():
    ids = [new_id(LATER) for _ in range(2000)]
    assert ids == sorted(set(ids))


def test_ids_of_many_threads_are_all_different():
    ids: list[int] = []

    def make() -> None:
        ids.extend(new_id(LATER) for _ in range(500))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 4000


def test_a_clock_that_goes_back_does_not_bring_ids_back():
    before = new_id(LATER)
    assert new_id(LATER - timedelta(days=400)) > before


def test_a_period_is_a_range_of_ids():
    begin, end = LATER + timedelta(days=1), LATER + timedelta(days=2)
    assert first_id(begin) <= new_id(begin) < first_id(end)
    assert first_id(EPOCH) == 0


def test_an_id_tells_of_which_moment_it_is():
    assert made_at(first_id(LATER)) == LATER
    assert made_at(first_id(LATER) + 5) == LATER
