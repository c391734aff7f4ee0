"""What was asked of the pretend OpenSesame: every call of the API and every launch. Thread-safe.

Serves `pretend` and whoever wants to know what a client did. Judges nothing, keeps no secret.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# More than any test asks; 40,000 courses are read with 800 calls.
MOST_CALLS = 20_000


class Place(StrEnum):
    """What was called."""

    TOKEN = "token"
    CONTENT = "content"
    PACKAGE = "package"
    PICTURE = "picture"
    LAUNCH = "launch"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `host` is as the client wrote it, `authorization` only the scheme's name."""

    at: datetime
    place: Place
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    authorization: str
    status: int

    @property
    def page(self) -> int:
        """The page of the listing that was asked for, 0 where none was named."""
        named = self.query.get("page", "")
        return int(named) if named.isdecimal() else 0


class Journal:
    """The calls so far, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)

    def note(self, call: Call) -> None:
        """Add one."""
        with self._lock:
            self._calls.append(call)

    def calls(self, place: Place | None = None) -> tuple[Call, ...]:
        """Return all calls, or those of one place."""
        with self._lock:
            return tuple(call for call in self._calls if place in (None, call.place))

    def forget(self) -> None:
        """Begin anew: what comes next is all that is remembered."""
        with self._lock:
            self._calls.clear()
