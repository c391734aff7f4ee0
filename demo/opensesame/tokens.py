"""Access tokens: given for a while, asked for by their value, taken back at will. Thread-safe.

Serves `pretend`. They live in memory only: a restart makes every client ask again, as it must be
able to.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from demo.opensesame.model import Client

Clock = Callable[[], datetime]
USUAL_SECONDS = 3600


class Tokens:
    """All tokens that were given; `seconds` is the life of the next ones."""

    def __init__(self, clock: Clock) -> None:
        self.seconds = USUAL_SECONDS
        self._clock = clock
        self._lock = threading.Lock()
        self._given: dict[str, tuple[Client, datetime]] = {}

    def give(self, client: Client) -> str:
        """Make a token for this client."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._given[token] = (client, self._clock() + timedelta(seconds=self.seconds))
        return token

    def client_of(self, token: str) -> Client | None:
        """Return whose token it is; None where it was never given, taken back or has expired."""
        with self._lock:
            client, until = self._given.get(token, (None, None))
        return client if until is not None and self._clock() < until else None

    def revoke(self, token: str | None = None) -> None:
        """Take back one token, or all of them."""
        with self._lock:
            if token is None:
                self._given.clear()
            else:
                self._given.pop(token, None)
