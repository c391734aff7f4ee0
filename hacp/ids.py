"""Record ids that grow with time: no database is asked for them, and a month is a range of them.

Serves the store of this wing and the hall's tables. An id says nothing that must be kept secret.
"""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
# 43 bits of milliseconds last until the year 2302; 20 random bits keep processes apart within one.
TAIL_BITS = 20

_lock = threading.Lock()
_last = 0


def new_id(now: datetime) -> int:
    """Return a positive 63-bit id for a record made `now`, above earlier ones of this process."""
    global _last
    milliseconds = int((now - EPOCH).total_seconds() * 1000)
    # Python seeds this anew in every process, forked ones too. The system's costs a call of it.
    candidate = milliseconds << TAIL_BITS | random.getrandbits(TAIL_BITS - 1)
    with _lock:
        _last = max(candidate, _last + 1)
        return _last


def made_at(number: int) -> datetime:
    """Return the moment of which an id is."""
    return EPOCH + timedelta(milliseconds=number >> TAIL_BITS)


def first_id(moment: datetime) -> int:
    """Return the smallest id of `moment`: a period's are `first_id(a) <= id < first_id(b)`."""
    return int((moment - EPOCH).total_seconds() * 1000) << TAIL_BITS
