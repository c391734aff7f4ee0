"""Threads that answer requests, of which one computes at a time; who waits lets another go on.

Serves `server`, whose dispatcher it is, and through `pausing` and `Bell` whoever waits inside of a
request. Python computes in one thread at a time anyhow, and its threads change places at every call
of the system: eight that are busy do so twenty times a request, taken in turns four times.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType
from typing import Protocol

import structlog

# How long somebody may compute, or wait for something that nobody thought of, before the next goes
# on beside them.
PATIENCE_SECONDS = 0.002

_log = structlog.get_logger("launcher")


class Task(Protocol):
    """What waitress wants done: a connection with a request to answer."""

    def service(self) -> None:
        """Do it."""

    def cancel(self) -> None:
        """Give it up."""


class _Worker:
    """One thread: what it is to do next, and a lock that it sleeps at until it has the turn."""

    __slots__ = ("asleep", "pauses", "task", "turns")

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.task: Task | None = None
        self.pauses = 0
        self.asleep = threading.Lock()
        self.asleep.acquire()


class _Me(threading.local):
    """The worker that a thread is; others, of commands and other servers, are none."""

    worker: _Worker | None = None


_me = _Me()


class Turns:
    """A task dispatcher for waitress, with so many threads and one turn among them.

    Whoever has it keeps it until the task is done, and gives it up while waiting. Where it stays
    with one for too long the next goes on all the same, so that nothing slow keeps the others.
    """

    def __init__(self, threads: int) -> None:
        self._lock = threading.Lock()
        self._tasks: deque[Task] = deque()
        # Who comes back in the middle of a task goes before whoever begins one.
        self._back: deque[_Worker] = deque()
        self._idle = [_Worker(self) for _ in range(threads)]
        self._holder: _Worker | None = None
        # How often the turn has been given, now and when it was last looked at.
        self._given = self._seen = 0
        self._next_look = 0.0
        self._ending = False
        self._threads = [
            threading.Thread(
                target=self._work, args=[worker], name=f"answers-{number}", daemon=True
            )
            for number, worker in enumerate(self._idle)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def at_work(self) -> bool:
        """Tell whether any task is being done or waits to be."""
        return bool(self._tasks) or len(self._idle) < len(self._threads)

    def add_task(self, task: Task) -> None:
        """Have a task done, behind those that came before."""
        with self._lock:
            self._tasks.append(task)
            if self._holder is None:
                self._give()

    def hurry(self) -> None:
        """Let the next go on where one has had the turn for too long; to be called again and again,
        every `PATIENCE_SECONDS`, while anybody is at work.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + PATIENCE_SECONDS
        with self._lock:
            if self._given == self._seen and (self._tasks or self._back):
                self._give()
            self._seen = self._given

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End the threads that have nothing to do, and wait so many seconds for the others.

        From now on nobody waits for the turn: who has it may be waiting for one of them.
        """
        with self._lock:
            self._ending = True
            while self._back:
                self._back.popleft().asleep.release()
            if cancel_pending:
                while self._tasks:
                    self._tasks.popleft().cancel()
            while self._idle:
                self._idle.pop().asleep.release()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def leave(self, me: _Worker) -> None:
        """Give the turn up; whoever had it for too long has it no more."""
        with self._lock:
            if self._holder is me:
                self._give()

    def leave_until(self, me: _Worker, bell: Bell) -> None:
        """Give the turn up until a bell rings, unless it has; come back with the turn."""
        with self._lock:
            if bell.rung:
                return
            bell.waited_for = True
            if self._holder is me:
                self._give()
        me.asleep.acquire()

    def come_back(self, me: _Worker) -> None:
        """Wait for the turn."""
        with self._lock:
            if self._holder is None or self._holder is me or self._ending:
                self._take(me)
                return
            self._back.append(me)
        me.asleep.acquire()

    def ring(self, bell: Bell, sleeper: _Worker) -> None:
        """Let whoever sleeps at a bell come back."""
        with self._lock:
            bell.rung = True
            if bell.waited_for and self._ending:
                sleeper.asleep.release()
            elif bell.waited_for:
                self._back.append(sleeper)
                if self._holder is None:
                    self._give()

    def _work(self, me: _Worker) -> None:
        _me.worker = me
        while True:
            me.asleep.acquire()
            # Taken while the turn is ours: once this thread is idle it may be given the next.
            task, me.task = me.task, None
            if task is None:
                return
            while task is not None:
                try:
                    task.service()
                except BaseException:
                    # waitress answers for the application's errors; this is one of its own.
                    _log.exception("task_failed")
                with self._lock:
                    task = self._next_task(me)
                    if task is None and self._ending:
                        return

    def _next_task(self, me: _Worker) -> Task | None:
        """Return what to do with the turn; where it is not for this one, give it on."""
        free = self._holder is None or self._holder is me
        if free and self._tasks and not self._back:
            self._take(me)
            return self._tasks.popleft()
        self._idle.append(me)
        if free:
            self._give()
        return None

    def _give(self) -> None:
        """Give the turn to the next, or to nobody."""
        self._holder = None
        if self._back:
            one = self._back.popleft()
        elif self._tasks and self._idle:
            one = self._idle.pop()
            one.task = self._tasks.popleft()
        else:
            return
        self._take(one)
        one.asleep.release()

    def _take(self, worker: _Worker) -> None:
        self._given += 1
        self._holder = worker


class Bell:
    """What one thread waits for and another rings, once."""

    __slots__ = ("_lock", "_sleeper", "rung", "waited_for")

    def __init__(self) -> None:
        self._sleeper = _me.worker
        self.rung = self.waited_for = False
        if self._sleeper is None:
            self._lock = threading.Lock()
            self._lock.acquire()

    def wait(self) -> None:
        """Sleep until it rings; for the thread that made it."""
        if self._sleeper is None:
            self._lock.acquire()
        else:
            self._sleeper.turns.leave_until(self._sleeper, self)

    def ring(self) -> None:
        """Wake whoever waits; they go on when it is their turn."""
        if self._sleeper is None:
            self._lock.release()
        else:
            self._sleeper.turns.ring(self, self._sleeper)


class _Pausing:
    """A block in which a thread waits; within another it is the outer one that counts."""

    def __enter__(self) -> None:
        me = _me.worker
        if me is not None:
            me.pauses += 1
            if me.pauses == 1:
                me.turns.leave(me)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        me = _me.worker
        if me is not None:
            me.pauses -= 1
            if not me.pauses:
                me.turns.come_back(me)


# Put around what waits, for a lock, a disk or a server, longer than threads take to change places.
pausing = _Pausing()
