"""Ids of what grows (runs, deliveries, decisions): no database is asked for them.

Serves the stores of this wing. Made as the HACP wing makes its own, which this one may not import:
milliseconds above, chance below. An id says nothing that must be kept secret.
"""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
# 43 bits of milliseconds last until the year 2302; 20 random bits keep processes apart within one.
_TAIL_BITS = 20

_lock = threading.Lock()
_last = 0


def new_id(now: datetime) -> int:
    """Return a positive 63-bit id for a row made `now`, above earlier ones of this process."""
    global _last
    milliseconds = int((now - _EPOCH).total_seconds() * 1000)
    candidate = milliseconds << _TAIL_BITS | secrets.randbits(_TAIL_BITS - 1)
    with _lock:
        _last = max(candidate, _last + 1)
        return _last
