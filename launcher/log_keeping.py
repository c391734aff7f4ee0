"""Looking after the log of exchanges: months are made ready, packed when old, dropped when too old.

Serves the background tasks and `hacp log tidy`. How long the log is kept is a setting of the
installation; what is recorded of learners is never touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hacp import months, rewriting
from hacp.months import Key, Month
from hacp.packing import PLAIN
from launcher import config
from launcher.db import read, transact
from launcher.records import log_months

# How many exchanges are looked at in one step: their bytes are in memory, and on SQLite other
# writers wait while they are written.
AT_A_TIME = 500
# Between two tries to put a rewritten month in its place, those who waited behind us get in.
PAUSE_SECONDS = 2

Stop = Callable[[], bool]

_log = structlog.get_logger("launcher")


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done: months by name, and the exchanges packed with their bytes before and after."""

    dropped: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()
    exchanges: int = 0
    before: int = 0
    after: int = 0


def tidy(*, now: datetime, stop: Stop = lambda: False) -> Tidied:
    """Do all that is due. Safe anywhere, at any time; what `stop` ends goes on the next time."""
    prepare(now=now)
    settings = config.current()
    running = months.month_of(now)
    kept = read(partial(log_months.months, now=now))
    dropped: tuple[str, ...] = ()
    if settings.exchanges_keep_months:
        oldest = running.moved(-settings.exchanges_keep_months)
        dropped = _drop(
            [one.month for one in kept if one.month < oldest and one.dropped_at is None],
            oldest,
            now=now,
            stop=stop,
        )
    done = Tidied(dropped=dropped)
    if settings.exchanges_pack_months:
        newest = running.moved(-settings.exchanges_pack_months)
        for one in kept:
            due = one.month < newest and one.packed_at is None and one.dropped_at is None
            if due and str(one.month) not in dropped and not stop():
                done = _pack(one.month, done, now=now, stop=stop)
        if not stop():
            _rewrite_before(now=now)
    return done


def prepare(*, now: datetime) -> None:
    """Make the months ahead ready. Where the table is too busy, the next time will do."""
    try:
        transact(partial(months.prepare, now=now))
    except OperationalError as error:
        _log.warning("log_months_not_prepared", reason=str(error.orig))


def _drop(due: list[Month], oldest: Month, *, now: datetime, stop: Stop) -> tuple[str, ...]:
    if not due:
        return ()
    try:
        transact(partial(months.drop_partitions, before=oldest))
    except OperationalError as error:
        _log.warning("log_months_not_dropped", reason=str(error.orig))
        return ()
    after: Key | None = None
    while not stop():
        step = read(partial(months.walk, first=0, end=oldest.first, after=after, limit=AT_A_TIME))
        if step.found:
            transact(partial(months.remove, found=step.found))
        if step.next is None:
            return tuple(_noted(log_months.note_dropped, month, now=now) for month in due)
        after = step.next
    return ()


def _pack(month: Month, done: Tidied, *, now: datetime, stop: Stop) -> Tidied:
    after: Key | None = None
    exchanges, before, small = done.exchanges, done.before, done.after
    while not stop():
        step = read(
            partial(months.walk, first=month.first, end=month.end, after=after, limit=AT_A_TIME)
        )
        packed = months.packed(step.found)
        if packed:
            transact(partial(months.put, found=packed))
        exchanges += len(packed)
        before += sum(one.size for one in step.found if one.form == PLAIN)
        small += sum(one.size for one in packed)
        if step.next is None:
            if not _rewritten(
                partial(rewriting.rewrite_month, month=month, pause=_pause), str(month)
            ):
                break
            name = _noted(log_months.note_packed, month, now=now)
            return Tidied(done.dropped, (*done.packed, name), exchanges, before, small)
        after = step.next
    return Tidied(done.dropped, done.packed, exchanges, before, small)


def _rewrite_before(*, now: datetime) -> None:
    """Write anew what was there before there were months, once all of it is packed."""
    end = read(rewriting.end_of_before)
    if end is None:
        return
    kept = read(partial(log_months.months, now=now))
    if all(one.packed_at or one.dropped_at for one in kept if one.month.first < end):
        _rewritten(partial(rewriting.rewrite_before, pause=_pause), "before")


def _pause() -> None:
    time.sleep(PAUSE_SECONDS)


def _rewritten(rewrite: Callable[[Connection], bool], month: str) -> bool:
    """Give room back to the disk; False where the log was in use, and the next time has to do."""
    try:
        transact(rewrite)
    except OperationalError as error:
        _log.warning("log_month_not_rewritten", month=month, reason=str(error.orig))
        return False
    return True


def _noted(note: Callable[..., None], month: Month, *, now: datetime) -> str:
    def unit(connection: Connection) -> None:
        note(connection, month, now=now)

    transact(unit)
    return str(month)
