"""Archiving and reactivating courses, and what becomes of their running sessions.

Serves pages and commands, and every other caller of `catalog.archive`, by its signals: the gate of
the course is shut and opened in the transaction that archives and reactivates it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import current_app
from sqlalchemy import Connection, Engine

import catalog.archive
from catalog.model import ArchiveReason
from catalog.signals import course_archived, course_reactivated
from hacp import gates, held
from launcher.db import read, transact

# Held messages credited in one transaction, during which SQLite's other writers wait.
AT_A_TIME = 200
# Between two transactions a writer that waits gets in; the lock alone would not let it.
BREATH = 0.01


def listen(engine: Engine) -> None:
    """Let the gates of this application follow what the catalog says on its engine."""
    course_archived.connect(_shut, sender=engine.dialect)
    course_reactivated.connect(_reopen, sender=engine.dialect)


def archive(academy_id: int, *, course_id: int, by: int | None, now: datetime) -> bool:
    """Archive a course by hand; False where there is none or it is archived already."""
    return transact(
        partial(
            catalog.archive.archive,
            academy_id=academy_id,
            course_id=course_id,
            reason=ArchiveReason.ADMIN,
            by=by,
            now=now,
        )
    )


def reactivate(
    academy_id: int,
    *,
    course_id: int,
    by: int | None,
    now: datetime,
    breathe: Callable[[], None] = lambda: time.sleep(BREATH),
) -> int | None:
    """Take an archived course back; return how many held messages were credited by that.

    None where there is no such course, or it is not archived. Most of what is held is credited
    before, a few messages a transaction and with the gate still shut, so that nobody who writes
    waits long; only what came in since then is left to the transaction that reactivates.
    """
    known = partial(catalog.archive.archived, academy_id=academy_id, course_id=course_id)
    if read(known) is None:
        return None
    ahead = 0
    while credited := transact(
        partial(
            held.credit,
            academy_id=academy_id,
            course_id=course_id,
            limit=AT_A_TIME,
            sender=_sender(),
        )
    ):
        ahead += credited
        if credited < AT_A_TIME:
            break
        breathe()

    def unit(connection: Connection) -> int | None:
        waiting = gates.count(connection, academy_id, course_id=course_id)
        done = catalog.archive.reactivate(
            connection, academy_id, course_id=course_id, by=by, now=now
        )
        # Somebody else may have reactivated it while we credited.
        return ahead + waiting.messages if done else ahead or None

    return transact(unit)


def _shut(
    _sent_by: object, *, connection: Connection, academy_id: int, course_id: int, **_more: object
) -> None:
    gates.shut(connection, academy_id, course_id=course_id)


def _reopen(
    _sent_by: object, *, connection: Connection, academy_id: int, course_id: int, **_more: object
) -> None:
    held.reopen(connection, academy_id, course_id=course_id, at_a_time=AT_A_TIME, sender=_sender())


def _sender() -> object:
    """Return whom this application's hall listens to."""
    return current_app.extensions["content_door"]
