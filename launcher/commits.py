"""Group commit for SQLite: units of work that wait at the same moment share one durable commit.

Serves the HACP endpoint, whose posts come in crowds. Each unit keeps a savepoint of its own, and no
caller hears of success before the commit that holds its data. PostgreSQL does this by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")

# A commit costs one sync of the disk however many units it holds, but the first of them waits for
# the last; so many run in well under a tenth of a second.
MOST_UNITS = 64


class SharedCommits:
    """Runs units of work; whoever comes first while nobody writes leads for all who wait.

    A unit may run in another thread than its caller's: it must live off its connection alone.
    """

    def __init__(self, engine: Engine, *, writer: threading.Lock) -> None:
        self._engine = engine
        self._writer = writer
        self._waiting: deque[_Unit[Any]] = deque()

    def run(self, unit: Callable[[Connection], T]) -> T:
        """Return what the unit returned, once that is committed; raise what went wrong instead."""
        mine = _Unit(unit)
        self._waiting.append(mine)
        while not mine.settled:
            with self._writer:
                # Another thread has led for this one while it stood at the lock.
                if not mine.settled:
                    self._lead()
        return mine.outcome()

    def _lead(self) -> None:
        units = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_UNITS))]
        try:
            with self._engine.connect() as connection:
                immediate = connection.execution_options(sqlite_begin="IMMEDIATE")
                with immediate.begin():
                    for unit in units:
                        unit.run(immediate, alone=len(units) == 1)
        except BaseException as error:
            for unit in units:
                unit.fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            for unit in units:
                unit.settled = True


class _Unit(Generic[T]):
    """One caller's work and what became of it."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self._result: T | None = None
        self._error: BaseException | None = None
        self.settled = False

    def run(self, connection: Connection, *, alone: bool) -> None:
        """Do the work; an error undoes this unit, and the whole transaction where it is alone."""
        if alone:
            self._result = self._work(connection)
            return
        try:
            with connection.begin_nested():
                self._result = self._work(connection)
        except Exception as error:
            self._error = error

    def fail(self, error: BaseException) -> None:
        """Note that the commit failed: nothing of the unit is stored."""
        self._error = self._error or error

    def outcome(self) -> T:
        """Return or raise what the work or its commit came to."""
        if self._error is not None:
            raise self._error
        result: T = self._result  # type: ignore[assignment]
        return result
