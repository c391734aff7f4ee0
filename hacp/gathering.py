"""Work of several threads done together: whoever comes first does it for all who wait.

Serves the door, whose posts come in crowds and cost little more together than one alone. Knows
neither posts nor databases.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Bell(Protocol):
    """What one thread waits for and another rings, once."""

    def wait(self) -> None:
        """Sleep until it rings, unless it has."""

    def ring(self) -> None:
        """Wake whoever waits."""


class LockBell:
    """A bell for any thread: a lock that is taken is the cheapest thing to wait for."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def wait(self) -> None:
        """Sleep until it rings, unless it has."""
        self._lock.acquire()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._lock.release()


class Gathering(Generic[A, B]):
    """Hands what comes while work is under way to the next round, in the order in which it came.

    `work` answers each of several; it must do all of them or, where it raises, nothing. Then each
    is tried by itself, so that one that cannot be done takes no other with it. A round takes at
    most `most`, so nobody waits for more than two rounds more than those before them. `bell` makes
    what a caller waits for, in their own thread.
    """

    def __init__(
        self,
        work: Callable[[Sequence[A]], Sequence[B]],
        *,
        most: int,
        bell: Callable[[], Bell] = LockBell,
    ) -> None:
        self._work = work
        self._bell = bell
        self._most = most
        self._waiting: deque[_Place[A, B]] = deque()
        self._busy = False
        self._lock = threading.Lock()

    def do(self, item: A) -> B:
        """Return what the work answered; raise what it raised for this item alone.

        The work may be done in another thread than the caller's.
        """
        mine = _Place[A, B](item, self._bell())
        with self._lock:
            self._waiting.append(mine)
            leads, self._busy = not self._busy, True
        if not leads:
            mine.bell.wait()
        if not mine.settled:
            self._lead()
        return mine.outcome()

    def _lead(self) -> None:
        """Do one round, of which the caller's own item is the first."""
        with self._lock:
            count = min(len(self._waiting), self._most)
            places = [self._waiting.popleft() for _ in range(count)]
        try:
            self._settle(places)
        except BaseException as error:
            # The thread is being ended; nobody may wait for it.
            for place in places:
                if not place.settled:
                    place.fail(error)
            raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
            # Those with an answer first: who asks again at once is in the next round already.
            for place in places[1:]:
                place.bell.ring()
            if following is not None:
                following.bell.ring()

    def _settle(self, places: Sequence[_Place[A, B]]) -> None:
        if len(places) > 1:
            try:
                answers = self._work([place.item for place in places])
            except Exception:  # noqa: S110 -- each hears below what is wrong with its own
                pass
            else:
                for place, answer in zip(places, answers, strict=True):
                    place.settle(answer)
                return
        for place in places:
            try:
                place.settle(self._work([place.item])[0])
            except Exception as error:
                place.fail(error)


class _Place(Generic[A, B]):
    """One caller in the queue: what is to be done, what became of it, and what the caller waits for
    until it is done or until it is theirs to lead.
    """

    __slots__ = ("_answer", "_error", "bell", "item", "settled")

    def __init__(self, item: A, bell: Bell) -> None:
        self.item = item
        self.bell = bell
        self.settled = False
        self._answer: B | None = None
        self._error: BaseException | None = None

    def settle(self, answer: B) -> None:
        self._answer, self.settled = answer, True

    def fail(self, error: BaseException) -> None:
        self._error, self.settled = error, True

    def outcome(self) -> B:
        """Return or raise what the work came to."""
        if self._error is not None:
            raise self._error
        answer: B = self._answer  # type: ignore[assignment]
        return answer
