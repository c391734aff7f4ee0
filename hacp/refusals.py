"""How many requests that move nothing are kept: enough to explain, too few to fill a disk.

Serves the endpoint. Counts in this process only, so that with several the cap is that many times
as high; it answers nobody and limits no answer.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime

# Refusals are 8 KiB at most: a process that is flooded writes under 1 MiB a minute.
KEPT_PER_MINUTE = 120


# A burst of 30 queued posts that are all refused, twice over.
KEPT_PER_SESSION = 60
# Of all sessions together: an office whose network was cut comes back at one moment.
KEPT_OF_SESSIONS = 1200


class RefusalBudget:
    """A number of records that may be written each minute of the clock."""

    def __init__(self, *, per_minute: int = KEPT_PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._minute: datetime | None = None
        self._spent = 0
        self._lock = threading.Lock()

    def allows(self, now: datetime) -> bool:
        """Spend one record of this minute; False where none is left."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute:
                self._minute, self._spent = minute, 0
            self._spent += 1
            return self._spent <= self._per_minute


class SessionBudget:
    """So many records of each session each minute of the clock, and so many of all together.

    A session that floods spends its own share, so the last word of another is still kept.
    """

    def __init__(
        self, *, per_session: int = KEPT_PER_SESSION, per_minute: int = KEPT_OF_SESSIONS
    ) -> None:
        self._per_session = per_session
        self._per_minute = per_minute
        self._minute: datetime | None = None
        # Holds no more sessions than records are allowed in a minute.
        self._spent: Counter[int] = Counter()
        self._lock = threading.Lock()

    def allows(self, session_id: int, now: datetime) -> bool:
        """Spend one record of a session in this minute; False where none is left."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute:
                self._minute, self._spent = minute, Counter()
            left = self._spent[session_id] < self._per_session
            if not left or self._spent.total() >= self._per_minute:
                return False
            self._spent[session_id] += 1
            return True
