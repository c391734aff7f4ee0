"""What is done in the background: which tasks there are, and what is due.

Serves the workers and whoever wants something done soon. A task is a nudge and nothing more: it may
be lost with its worker or come twice, so what is to do stands in the database, where claims keep
two workers apart, and a look around once a minute finds what nobody was told of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask
from huey import Huey, crontab

from launcher import log_keeping, previews, sweeps
from launcher.config import Settings
from launcher.records import recounts
from launcher.workers import Workers, open_queue

# The next look comes a minute later, so one that waited longer for a worker has nothing to add.
LOOK_SECONDS = 55

_log = structlog.get_logger("launcher")


class Tasks:
    """The background tasks of one application; `stopping` is set when its workers are to end."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._opening = threading.Lock()
        self._queue: Huey | None = None
        self.stopping = threading.Event()

    @property
    def queue(self) -> Huey:
        """The queue with the tasks in it, opened when it is first asked for."""
        with self._opening:
            if self._queue is None:
                self._queue = open_queue(self._settings.queue_url)
                self._register(self._queue)
            return self._queue

    def workers(self, count: int) -> Workers:
        """Return workers for these tasks; they do not run yet."""
        return Workers(self.queue, count=count, stopping=self.stopping)

    def close(self) -> None:
        """Close the queue's connection, if any was opened."""
        if self._queue is not None:
            self._queue.storage.close()

    def _register(self, queue: Huey) -> None:
        queue.periodic_task(crontab(minute="*"), name="look_around", expires=LOOK_SECONDS)(
            self._inside(look_around)
        )
        queue.periodic_task(crontab(hour="3", minute="17"), name="tidy_log", retries=0)(
            self._inside(self._tidy_log)
        )

    def _tidy_log(self) -> None:
        """Look after the log of exchanges; what is not done before we stop is done tomorrow."""
        done = log_keeping.tidy(now=datetime.now(UTC), stop=self.stopping.is_set)
        _log.info("log_tidied", dropped=done.dropped, packed=done.packed)

    def _inside(self, task: Callable[..., None]) -> Callable[..., None]:
        """Let a task run in the application's context."""

        def run(*arguments: Any) -> None:
            with self._app.app_context():
                task(*arguments)

        run.__module__ = task.__module__
        return run


def of(app: Flask) -> Tasks:
    """Return the tasks of an application."""
    tasks: Tasks = app.extensions["tasks"]
    return tasks


def look_around() -> None:
    """Do what the clock asks for. Safe to run at any time, also twice at once."""
    closed = sweeps.close_silent_sessions(now=datetime.now(UTC))
    if closed:
        _log.info("silent_sessions_closed", sessions=closed)
    swept = previews.sweep(now=datetime.now(UTC))
    if swept:
        _log.info("old_previews_removed", previews=swept)
    counted = recounts.recount_all()
    if counted:
        _log.info("records_counted_anew", courses=counted)
