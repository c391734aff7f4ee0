"""How many refused requests are kept: enough to explain, too few to fill a disk.

Serves the endpoint. Counts in this process only, so that with several the cap is that many times
as high; it answers nobody and limits no answer.
"""

from __future__ import annotations

import threading
from datetime import datetime

# Refusals are 8 KiB at most: a process that is flooded writes under 1 MiB a minute.
KEPT_PER_MINUTE = 120


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
