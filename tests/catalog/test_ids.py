"""Ids grow with time and never come twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from catalog.ids import new_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_ids_of_one_moment_differ_and_grow() -> None:
    made = [new_id(NOW) for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_later_id_is_larger_and_fits_a_signed_column() -> None:
    early, late = new_id(NOW), new_id(NOW + timedelta(days=1))
    assert early < late < new_id(datetime(2301, 1, 1, tzinfo=UTC)) < 2**63
