"""The end of a listing: what is missing, whether that is believed, what is archived, the report.

Serves `sync`. Only a complete listing archives anything, and a doubtful one waits for an admin.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from catalog import archive, categories, search, store
from catalog.model import ArchiveReason
from catalog.supply import connections, decisions, deliveries, items, runs
from catalog.supply.items import Stored
from catalog.supply.model import OPENSESAME, Delivered, Entry, Outcome, Run, RunKind, RunState
from catalog.sync import doubts
from catalog.sync.applying import Applied, Deferred
from catalog.sync.journal import Journal
from catalog.sync.plan import MISSES_UNTIL_REMOVED, Doubt, Step, StepKind, plan_missing
from catalog.sync.reporting import failure_of

# So many courses are archived, or told about, with one commit.
_AT_ONCE = 50
# After so many new courses the searches of the next minute need a database that knows of them.
_MANY = 500

_REASONS = {
    ArchiveReason.INACTIVE: "It is inactive at OpenSesame.",
    ArchiveReason.REMOVED: "It was removed from the list: two listings in a row are without it.",
}
_UNLISTED = "OpenSesame delivered it, and its listing does not have it."

_log = structlog.get_logger("catalog")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run is to be closed: its state, a sentence, and the run whose doubt it is about.

    `settles` are runs that waited, or were confirmed, and need not be thought of any more.
    """

    state: RunState = RunState.DONE
    sentence: str = ""
    about: int | None = None
    settles: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the end of a listing means, before anything of it is written.

    `steps` are those of courses that the listing lacks, `stray` the items it lacks that have no
    course, `courses` how many courses are open.
    """

    trust: doubts.Trust
    courses: int
    steps: list[Step] = field(default_factory=list)
    stray: list[Stored] = field(default_factory=list)


def end_listing(
    journal: Journal, archives: Sequence[Deferred], *, listed: int, whole: bool, only: str = ""
) -> Ended:
    """Archive what a complete listing says is to be archived, or say why it has to wait.

    `archives` are the courses that it has as inactive. Where the listing is not `whole`, because an
    element had no id, nothing counts as missing. `only` is the key of the one course that is
    synced: then nothing is doubted, since somebody asked for just that.
    """
    found = journal.transact(lambda connection: _look(connection, journal, whole, only))
    removed = [step for step in found.steps if step.kind is StepKind.ARCHIVE]
    every = [*archives, *_titled(journal, removed)]
    why = None
    if not only:
        confirmed = found.trust.confirmed_keys
        why = doubts.weigh(every, confirmed, listed=listed, courses=found.courses)
    if why is not None:
        return _wait(journal, why, every, found)
    _note_missing(journal, found)
    _archive(journal, every)
    if only:
        return Ended()
    confirmed_run, waiting = found.trust.confirmed, found.trust.waiting
    settles = tuple(one for one in (confirmed_run, waiting) if one is not None)
    return Ended(about=confirmed_run.id if confirmed_run is not None else None, settles=settles)


def close(
    journal: Journal,
    ended: Ended,
    *,
    kind: RunKind,
    failure: str | None = None,
    placed: bool = False,
    complete: bool = True,
) -> None:
    """Write down how the run ended, tell its deliveries, and give the claim back.

    `failure` is a sentence where the provider could not be asked; `placed` says that categories may
    have been left empty. Raises `ClaimLost`.
    """
    claimed = journal.claimed
    if claimed is None:
        return
    now = journal.clock()

    def unit(connection: Connection) -> None:
        if placed:
            categories.prune(connection, journal.academy_id)
        if complete:
            _report_unlisted(connection, journal, run_id=claimed.run_id)
        runs.finish(
            connection,
            claimed,
            state=ended.state,
            pages=journal.pages,
            items=journal.items,
            counts=journal.counts,
            sentence=ended.sentence,
            about=ended.about,
            now=now,
        )
        deliveries.finish(
            connection, journal.academy_id, run_id=claimed.run_id, failure=failure, now=now
        )
        connections.note_result(connection, journal.academy_id, failure=failure, now=now)
        for one in ended.settles:
            runs.close_doubt(connection, journal.academy_id, run_id=one.id, now=now)
        if kind is RunKind.POLL:
            runs.forget_quiet_polls(connection, journal.academy_id, keep=claimed.run_id)

    journal.transact(unit)
    if journal.counts[Outcome.NEW] >= _MANY:
        journal.transact(search.take_stock)


def _look(connection: Connection, journal: Journal, whole: bool, only: str) -> _Found:
    """See what the listing lacks. What an admin confirmed as missing was missed once before."""
    found = _Found(
        doubts.trust(connection, journal.academy_id),
        items.count_open(connection, journal.academy_id),
    )
    if not whole:
        return found
    portions = items.lacking(connection, journal.academy_id, seen=journal.seen)
    if only:
        own = items.stored(connection, journal.academy_id, {only} - journal.seen)
        portions = iter([list(own.values())])
    for lacking in portions:
        known = {one.key: known for one in lacking if (known := one.known()) is not None}
        for key in found.trust.confirmed_keys & known.keys():
            known[key] = replace(known[key], missed=max(known[key].missed, 1))
        found.steps.extend(plan_missing(known, journal.seen))
        found.stray.extend(one for one in lacking if one.course_id is None)
    return found


def _titled(journal: Journal, steps: Sequence[Step]) -> list[Deferred]:
    """Give courses that are not listed any more the titles that they have here."""
    ids = [step.course_id for step in steps if step.course_id is not None]
    rows = journal.transact(
        lambda connection: {
            number: row
            for at in range(0, len(ids), items.AT_ONCE)
            for number, row in store.courses_by_ids(
                connection, journal.academy_id, ids=ids[at : at + items.AT_ONCE]
            ).items()
        }
    )
    return [
        Deferred(step, rows[step.course_id].title if step.course_id in rows else step.key)
        for step in steps
    ]


def _wait(journal: Journal, why: Doubt, archives: Sequence[Deferred], found: _Found) -> Ended:
    """Propose what would be archived, unless somebody was asked about just that already."""
    if why is Doubt.EMPTY:
        # All that is open would be missing a second time.
        missed = [step for step in found.steps if step.kind is StepKind.MISSED]
        missed = [step for step in missed if step.archived_for is None]
        archives = [*archives, *_titled(journal, missed)]
    said = doubts.sentence(why, archived=len(archives), courses=found.courses)
    keys = {one.step.key for one in archives}
    trust = found.trust
    if trust.waiting is not None:
        return Ended(sentence=f"{said} An earlier run waits for an admin.", about=trust.waiting.id)
    if trust.discarded is not None and keys <= trust.discarded_keys:
        return Ended(
            sentence=f"{said} An admin discarded the same before.", about=trust.discarded.id
        )
    for few in _portions(archives):
        proposed = Applied(told=[_entry(one, Outcome.PROPOSED) for one in few], writes=True)
        journal.apply(lambda _connection, _now, proposed=proposed: proposed)  # type: ignore[misc]
    settles = () if trust.confirmed is None else (trust.confirmed,)
    return Ended(RunState.WAITING, f"{said} Confirm it, or discard it.", settles=settles)


def _note_missing(journal: Journal, found: _Found) -> None:
    """Count misses; an item without a course that is missing again is forgotten."""
    missed = [step for step in found.steps if step.kind is not StepKind.ARCHIVE]
    gone = [one.key for one in found.stray if one.missed + 1 >= MISSES_UNTIL_REMOVED]
    again = [one.key for one in found.stray if one.missed + 1 < MISSES_UNTIL_REMOVED]

    def unit(connection: Connection, _now: datetime) -> Applied:
        items.note_flags(connection, journal.academy_id, missed)
        items.note_missed(connection, journal.academy_id, again)
        items.forget(connection, journal.academy_id, gone)
        decisions.withdraw(connection, journal.academy_id, provider=OPENSESAME, keys=gone)
        return Applied(writes=True)

    if missed or gone or again:
        journal.apply(unit)


def _archive(journal: Journal, archives: Sequence[Deferred]) -> None:
    for few in _portions(archives):

        def unit(connection: Connection, now: datetime, few: Sequence[Deferred] = few) -> Applied:
            told = [_archive_one(connection, journal.academy_id, one, now=now) for one in few]
            return Applied(told=told, writes=True)

        journal.apply(unit)


def _archive_one(connection: Connection, academy_id: int, one: Deferred, *, now: datetime) -> Entry:
    """Archive a course in a savepoint: one that cannot be archived stops no other."""
    step = one.step
    try:
        with connection.begin_nested():
            items.note_flags(connection, academy_id, [step])
            if step.course_id is not None and step.archived_for is not None:
                archive.archive(
                    connection,
                    academy_id,
                    course_id=step.course_id,
                    reason=step.archived_for,
                    by=None,
                    now=now,
                )
    except Exception as error:
        if connection.closed or connection.invalidated:
            raise
        _log.warning("archive_failed", academy_id=academy_id, key=step.key, exc_info=error)
        return replace(_entry(one, Outcome.FAILED), reason=failure_of(error))
    return _entry(one, Outcome.ARCHIVED)


def _entry(one: Deferred, outcome: Outcome) -> Entry:
    reason = _REASONS.get(one.step.archived_for or ArchiveReason.REMOVED, "")
    return Entry(
        outcome,
        one.step.key,
        one.title,
        one.step.course_id,
        reason=reason,
        differences=one.differences,
    )


def _report_unlisted(connection: Connection, journal: Journal, *, run_id: int) -> None:
    missing = journal.delivered - journal.seen
    became = {key: Delivered(key, outcome=Outcome.UNLISTED, reason=_UNLISTED) for key in missing}
    deliveries.report(connection, journal.academy_id, run_id=run_id, became=became)


def _portions(archives: Sequence[Deferred]) -> Collection[Sequence[Deferred]]:
    return [archives[at : at + _AT_ONCE] for at in range(0, len(archives), _AT_ONCE)]
