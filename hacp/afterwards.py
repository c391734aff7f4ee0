"""What is written shortly after the answer: questions of content, which move nothing of a record.

Serves the door. A thread of its own writes many of them in one transaction, within a second; what
it cannot write stays and is tried again. Lost they are only with the process.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

# How long something waits to be written. The promise is a second.
DELAY_SECONDS = 0.5
# What one transaction holds: on SQLite posts wait for it, some ten milliseconds.
AT_ONCE = 500
# Above this the database is not keeping up, and whoever brings more has to wait for it.
MOST_WAITING = 20_000

_log = structlog.get_logger("hacp")


class Afterwards(Generic[T]):
    """Keeps what is handed to it a little later. The thread lives only while something waits."""

    def __init__(
        self, keep: Callable[[Sequence[T]], None], *, delay: float = DELAY_SECONDS
    ) -> None:
        self._keep = keep
        self._delay = delay
        self._waiting: deque[T] = deque()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._keeping = threading.Lock()

    def add(self, one: T) -> None:
        """Hand something over; where far too much waits already, it is written first."""
        if len(self._waiting) >= MOST_WAITING:
            self.flush()
        with self._lock:
            self._waiting.append(one)
            # A thread does not live on in a process that was forked off.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="afterwards", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write all that waits now; raises what went wrong, and keeps what is not written.

        What comes meanwhile waits for the next time: while many ask, there would be no end of it.
        """
        with self._keeping:
            left = len(self._waiting)
            while left:
                some = [self._waiting.popleft() for _ in range(min(left, AT_ONCE))]
                left -= len(some)
                try:
                    self._keep(some)
                except BaseException:
                    self._waiting.extendleft(reversed(some))
                    raise

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(self._delay)
            try:
                self.flush()
            except Exception:
                _log.exception("hacp_questions_not_kept", waiting=len(self._waiting))
                continue
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
