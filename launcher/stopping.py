"""How a process is told to end: by Ctrl-C or by SIGTERM.

Serves the server and `hacp worker`. Ends nothing itself.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Told:
    """Whether somebody wants this process to end."""

    to_stop: bool = False


@contextmanager
def told() -> Iterator[Told]:
    """Note SIGINT and SIGTERM while inside, instead of dying of them. For the main thread only.

    It is a flag and no `Event`: a signal that comes while the main thread holds the event's lock
    would wait for itself.
    """
    noted = Told()

    def note(_number: int, _frame: FrameType | None) -> None:
        noted.to_stop = True

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
