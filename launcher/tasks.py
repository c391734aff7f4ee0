"""What is done in the background: which tasks there are, and what is due.

Serves the workers and whoever wants something done soon. A task is a nudge and nothing more: it may
be lost with its worker or come twice, so what is to do stands in the database, where claims keep
two workers apart, and a look around once a minute finds what nobody was told of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from flask import Flask
from huey import Huey, crontab
from huey.exceptions import RetryTask
from sqlalchemy import Connection

from catalog.errors import AlreadyRunning, ClaimLost
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import Due, RunKind, RunState
from catalog.sync.listing import Report
from launcher import duplicates, log_keeping, previews, sweeps, upgrades
from launcher.config import Settings
from launcher.db import read, transact
from launcher.opensesame import schedule
from launcher.opensesame.clients import NotEquipped
from launcher.opensesame.syncing import Asked, NothingToRun, Syncing
from launcher.records import recounts
from launcher.workers import Workers, open_queue

# The next look comes a minute later, so one that waited longer for a worker has nothing to add.
LOOK_SECONDS = 55
# How soon a sync that somebody asked for is tried again while another one of the academy runs.
AGAIN_SECONDS = 5
# Somebody waits for a delivery, and for what they asked for; nobody for pictures.
_SOON, _IN_TURN, _AT_LEISURE = 10, 0, -10
_PRESSING = frozenset({RunKind.DELIVERY, RunKind.HAND, RunKind.ONE, RunKind.CONFIRMED})
# What somebody asked for is not done by another run that happens to be under way.
_WAITED_FOR = frozenset({RunKind.HAND, RunKind.ONE, RunKind.EVERYTHING})

_log = structlog.get_logger("launcher")


class Tasks:
    """The background tasks of one application."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._opening = threading.Lock()
        self._queue: Huey | None = None
        # Held while pictures are fetched, and the academies that asked for theirs meanwhile.
        self._illustrating = threading.Lock()
        self._unillustrated: set[int] = set()
        self.syncing = Syncing(settings, transact)

    @property
    def queue(self) -> Huey:
        """The queue with the tasks in it, opened when it is first asked for."""
        with self._opening:
            if self._queue is None:
                queue = open_queue(self._settings.queue_url)
                self._register(queue)
                self._queue = queue
            return self._queue

    def workers(self, count: int) -> Workers:
        """Return workers for these tasks; they do not run yet."""
        return Workers(self.queue, count=count, stopping=self.syncing.stopping)

    def close(self) -> None:
        """Close the queue's connection, if any was opened."""
        if self._queue is not None:
            self._queue.storage.close()

    def sync_soon(
        self,
        academy_id: int,
        kind: RunKind,
        *,
        key: str = "",
        by: int | None = None,
        lost: bool = False,
    ) -> None:
        """Have an academy compared with OpenSesame soon. It never fails."""
        priority = _SOON if kind in _PRESSING else _IN_TURN
        again = (True,) if lost else ()
        self._nudge("sync", academy_id, kind.value, key, by, *again, priority=priority)

    def look_around(self) -> None:
        """Do what the clock asks for. Safe to run at any time, also twice at once.

        What fails keeps nothing else from being done, and is tried again by the next look.
        """
        now = datetime.now(UTC)
        chores: dict[str, Callable[[], int]] = {
            "silent_sessions_closed": partial(sweeps.close_silent_sessions, now=now),
            "contents_let_go": partial(sweeps.let_go_of_content, now=now),
            "old_previews_removed": partial(previews.sweep, now=now),
            "uploads_given_up": partial(duplicates.give_up, now=now),
            "records_counted_anew": recounts.recount_all,
            "lost_runs_closed": partial(transact, partial(runs.close_broken, now=now)),
            "syncs_due": partial(self._sync_due, now),
            # The last, since the first look after an upgrade may have much to do here.
            "made_findable": partial(upgrades.catch_up, stop=self.syncing.stopping.is_set),
        }
        for event, chore in chores.items():
            try:
                count = chore()
            except Exception:
                _log.exception("chore_failed", chore=event)
                continue
            if count:
                _log.info(event, count=count)

    def sync(
        self,
        academy_id: int,
        kind: str,
        key: str = "",
        by: int | None = None,
        lost: bool = False,
    ) -> None:
        """Compare one academy with OpenSesame. The arguments are those that stand in the queue."""
        asked = Asked(academy_id, RunKind(kind), key=key, by=by, lost=lost)
        try:
            report = self.syncing.run(asked)
        except AlreadyRunning:
            if asked.kind in _WAITED_FOR and not asked.lost:
                raise RetryTask(delay=AGAIN_SECONDS) from None
            return
        except NotEquipped as missing:
            _log.warning("sync_impossible", academy=academy_id, reason=str(missing))
            return
        except (NothingToRun, ClaimLost):
            return
        self._tell(asked, report)
        # A delivery that came while the listing was read is for the next run.
        if read(lambda connection: deliveries.is_waiting(connection, academy_id)):
            self.sync_soon(academy_id, RunKind.DELIVERY)
        if report.state is not RunState.BROKEN:
            self._nudge("fetch_pictures", academy_id, priority=_AT_LEISURE)

    def fetch_pictures(self, academy_id: int) -> None:
        """Fetch the pictures of courses that are new or have another one.

        One at a time in this process: hundreds of pictures take long, and with all its workers at
        them a delivery would wait. Who comes meanwhile is asked for again afterwards.
        """
        self._unillustrated.add(academy_id)
        if not self._illustrating.acquire(blocking=False):
            return
        try:
            self._unillustrated.discard(academy_id)
            self._illustrate(academy_id)
        finally:
            self._illustrating.release()
        for other in list(self._unillustrated):
            self._unillustrated.discard(other)
            self._nudge("fetch_pictures", other, priority=_AT_LEISURE)

    def _illustrate(self, academy_id: int) -> None:
        try:
            fetched = self.syncing.fetch_pictures(academy_id)
        except (NothingToRun, NotEquipped, ClaimLost):
            return
        if fetched.kept or fetched.failed:
            _log.info(
                "pictures_fetched", academy=academy_id, kept=fetched.kept, failed=fetched.failed
            )

    def _sync_due(self, now: datetime) -> int:
        due = read(lambda connection: _due(connection, now))
        for one in due:
            # Nobody else asks for this kind by the clock: it was asked for, and broke off.
            lost = one.kind is RunKind.EVERYTHING
            self.sync_soon(one.academy_id, one.kind, lost=lost)
        return len(due)

    def _register(self, queue: Huey) -> None:
        queue.periodic_task(crontab(minute="*"), name="look_around", expires=LOOK_SECONDS)(
            self._inside(self.look_around)
        )
        queue.periodic_task(crontab(hour="3", minute="17"), name="tidy_log", retries=0)(
            self._inside(self._tidy_log)
        )
        queue.task(name="sync")(self._inside(self.sync))
        queue.task(name="fetch_pictures")(self._inside(self.fetch_pictures))

    def _tidy_log(self) -> None:
        """Look after the log of exchanges; what is not done before we stop is done tomorrow."""
        done = log_keeping.tidy(now=datetime.now(UTC), stop=self.syncing.stopping.is_set)
        _log.info("log_tidied", dropped=done.dropped, packed=done.packed)

    def _inside(self, task: Callable[..., None]) -> Callable[..., None]:
        """Let a task run in the application's context."""

        def run(*arguments: Any) -> None:
            with self._app.app_context():
                task(*arguments)

        return run

    def _nudge(self, name: str, *arguments: Any, priority: int) -> None:
        """Put a task into the queue; where that fails, say so and go on."""
        try:
            task = self.queue._registry.string_to_task(f"{__name__}.{name}")
            self.queue.enqueue(task(arguments, priority=priority))
        except Exception as error:
            _log.warning("queue_failed", task=name, error=type(error).__name__)

    def _tell(self, asked: Asked, report: Report) -> None:
        _log.info(
            "synced",
            academy=asked.academy_id,
            run=report.run_id,
            kind=asked.kind.value,
            state=report.state.value,
            **{outcome.value: number for outcome, number in report.counts.items() if number},
        )


def of(app: Flask) -> Tasks:
    """Return the tasks of an application."""
    tasks: Tasks = app.extensions["tasks"]
    return tasks


def _due(connection: Connection, now: datetime) -> list[Due]:
    """Return what may begin now: not what failed just before, nor what is under way."""
    return [
        one
        for one in connections.due(connection, now=now)
        if _may_begin(connection, one.academy_id, now)
    ]


def _may_begin(connection: Connection, academy_id: int, now: datetime) -> bool:
    present = connections.connection_of(connection, academy_id)
    if present is None or not schedule.may_try(present, now=now):
        return False
    return runs.count_runs(connection, academy_id, states=[RunState.RUNNING]) == 0
