"""When a call is worth another try, and how long to wait before it.

Serves `provider_calls`. Pure: waits for nothing itself, and is told what time it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Statuses that say "not now" (as OpenSesame's own connector for Moodle takes them).
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

# With these waits the fifth try comes half a minute after the first; who is still down then is
# better asked by the next run.
TRIES = 5
FIRST_WAIT = 1.0
GROWTH = 2.5
LONGEST_WAIT = 60.0

# What a Retry-After may ask of us: a worker and its claim wait as long.
LONGEST_RETRY_AFTER = 120.0


def wait_before(tries: int, *, jitter: float, retry_after: float | None = None) -> float:
    """Return the seconds to wait after `tries` tries that failed, growing from one to the next.

    `jitter`, from 0 to 1, spreads over half of it those who failed together. The wait is never
    shorter than the `retry_after` that was asked for, up to `LONGEST_RETRY_AFTER`.
    """
    grown = min(FIRST_WAIT * GROWTH ** (tries - 1), LONGEST_WAIT)
    spread = grown * (1 + jitter) / 2
    return max(spread, min(retry_after or 0.0, LONGEST_RETRY_AFTER))


def parse_retry_after(text: str, *, now: datetime) -> float | None:
    """Read `Retry-After`, a number of seconds or a date (RFC 9110, section 10.2.3), as seconds.

    None for what is neither; 0 for a date that has passed.
    """
    word = text.strip()
    if word.isascii() and word.isdecimal():
        # More digits than any wait has; keeps a hostile number from growing.
        return float(word[:9])
    try:
        date = parsedate_to_datetime(word)
    except (ValueError, OverflowError):
        return None
    date = date.replace(tzinfo=UTC) if date.tzinfo is None else date
    return max(0.0, (date - now).total_seconds())
