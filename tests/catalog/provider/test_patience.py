"""How long to wait before another try, and what a provider asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.provider.patience import (
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    TRIES,
    parse_retry_after,
    wait_before,
)

NOW = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)


def test_waits_grow_from_try_to_try() -> None:
    waits = [wait_before(tries, jitter=1) for tries in range(1, TRIES)]

    assert waits == [1.0, 2.5, 6.25, 15.625]


def test_chance_spreads_those_who_failed_together_over_half_the_wait() -> None:
    assert [wait_before(2, jitter=jitter) for jitter in (0, 0.5, 1)] == [1.25, 1.875, 2.5]


@given(st.integers(1, 60), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_no_wait_is_longer_than_a_worker_has_time(
    tries: int, jitter: float, retry_after: float | None
) -> None:
    wait = wait_before(tries, jitter=jitter, retry_after=retry_after)

    assert 0 < wait <= max(LONGEST_WAIT, LONGEST_RETRY_AFTER)
    assert wait >= min(retry_after or 0, LONGEST_RETRY_AFTER)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        # realistic
        ("30", 30),
        ("0", 0),
        ("Mon, 02 Jun 2025 08:00:45 GMT", 45),
        # sloppy
        (" 5 ", 5),
        ("Mon, 02 Jun 2025 10:00:45 +0200", 45),
        ("Monday, 02-Jun-25 08:01:00 GMT", 60),
        ("02 Jun 2025 08:00:09", 9),
        # A date that has passed says "now".
        ("Mon, 02 Jun 2025 07:00:00 GMT", 0),
        # hostile
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Jun 2025 08:00:00 GMT", None),
        ("Mon, 02 Jun 99999999999999999999 08:00:00 GMT", None),
        ("9" * 5000, 999_999_999),
    ],
)
def test_retry_after_is_seconds_or_a_date(written: str, seconds: float | None) -> None:
    assert parse_retry_after(written, now=NOW) == seconds
