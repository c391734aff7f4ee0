"""Courses that have to be downloaded: the package is fetched and taken in like an upload.

Serves `sync`, one course at a time, each in a transaction of its own. What launches elsewhere needs
none of this.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from catalog import intake
from catalog.duplicates import MarkKind, Verdict
from catalog.errors import ClaimLost, PackageRefused, quote_value
from catalog.intake import Accepted
from catalog.model import Fault
from catalog.shelf import Shelf
from catalog.supply import items
from catalog.supply.model import DuplicatePolicy, Entry, Outcome
from catalog.sync import provided_courses
from catalog.sync.applying import Applied, Applier, note_failure
from catalog.sync.journal import Journal
from catalog.sync.judging import Action, Work
from catalog.sync.reporting import failure_of

T = TypeVar("T")

# The longest that a download may take, and the intake after it.
_LIFE = timedelta(minutes=30)

# What is done with a package that is here already. Two courses of the same files cannot be kept.
_SAME_FILES = {
    DuplicatePolicy.UPDATE: Action.LINK,
    DuplicatePolicy.SKIP: Action.SKIP,
    DuplicatePolicy.KEEP: Action.ASK,
    DuplicatePolicy.ASK: Action.ASK,
}

_log = structlog.get_logger("catalog")


def bring(
    journal: Journal,
    applier: Applier,
    work: Work,
    *,
    download: Callable[[str, Path], int],
    shelf: Shelf,
) -> None:
    """Download a course's package and take it in; whatever goes wrong is told as that course's.

    A new course is linked with its item in the same transaction; a known one becomes what the
    package says. Raises `ClaimLost`.
    """
    if journal.claimed is None:
        rehearsed = _entry(work, Outcome.NEW, "Its package would be downloaded.")
        journal.apply(lambda _connection, _now: Applied(told=[rehearsed]))
        return
    journal.keep_alive(life=_LIFE)
    try:
        with tempfile.TemporaryDirectory(prefix="hacp-package-") as folder:
            path = Path(folder) / "package.zip"
            download(work.item.package_url, path)
            _Taking(journal, applier, work).take(path, shelf)
    except ClaimLost:
        raise
    except Exception as error:
        _log.warning(
            "download_failed", academy_id=journal.academy_id, key=work.step.key, exc_info=error
        )
        _fail(journal, work, failure_of(error))


@dataclass(slots=True)
class _Taking:
    """One package on its way in: the intake's unit of work, and what else belongs into it."""

    journal: Journal
    applier: Applier
    work: Work
    applied: Applied | None = None

    def take(self, path: Path, shelf: Shelf) -> None:
        """Let the intake do it, in a transaction of the journal."""
        intake.accept(
            [path],
            academy_id=self.journal.academy_id,
            transact=self._transact,
            shelf=shelf,
            now=self.journal.clock(),
            into=self.work.step.course_id,
            also=self._link,
        )

    def _transact(self, unit: Callable[[Connection], T], /) -> T:
        results: list[T] = []

        def whole(connection: Connection, _now: datetime) -> Applied:
            results.append(unit(connection))
            return self.applied or Applied(writes=True)

        self.journal.apply(whole)
        return results[0]

    def _link(self, connection: Connection, accepted: Sequence[Accepted]) -> None:
        """Link the course that was taken in with its item."""
        now = self.journal.clock()
        if len(accepted) != 1:
            raise PackageRefused(
                [Fault("", f"The package holds {len(accepted)} courses.", "It should hold one.")]
            )
        (one,) = accepted
        if self.work.step.course_id is not None:
            self.applied = Applied(writes=True)
            # The package has a title and a description too; the item's are those that count.
            known = provided_courses.Change(
                one.course_id, self.work.item, self.work.step.hash, before=self.work.item
            )
            provided_courses.change(connection, self.journal.academy_id, [known], now=now)
        elif one.duplicate:
            self.applied = self._match(connection, one, now=now)
        else:
            change = provided_courses.Change(one.course_id, self.work.item, self.work.step.hash)
            provided_courses.change(connection, self.journal.academy_id, [change], now=now)
            entry = self.applier.added(connection, self.work, one.course_id, now=now)
            self.applied = Applied(told=[entry], placed=True, writes=True)

    def _match(self, connection: Connection, one: Accepted, *, now: datetime) -> Applied:
        """Treat a package that is here already as any duplicate, by the policy."""
        academy_id = self.journal.academy_id
        if items.provided(connection, academy_id, course_id=one.course_id) is not None:
            message = f"Its package is that of course {one.course_id}, {quote_value(one.title)}."
            raise PackageRefused([Fault("", message, "OpenSesame lists that one too.")])
        verdict = Verdict(
            (one.course_id,), MarkKind.STRUCTURE, True, "", "Its package holds the same files."
        )
        action = _SAME_FILES[self.applier.policy]
        matched = replace(self.work, action=action, verdict=verdict, target=one.course_id)
        return self.applier.page(connection, [matched], now=now)


def _fail(journal: Journal, work: Work, reason: str) -> None:
    def unit(connection: Connection, now: datetime) -> Applied:
        note_failure(connection, journal.academy_id, work, now=now)
        return Applied(told=[_entry(work, Outcome.FAILED, reason)], writes=True)

    journal.apply(unit)


def _entry(work: Work, outcome: Outcome, reason: str) -> Entry:
    return Entry(outcome, work.step.key, work.item.title, work.step.course_id, reason=reason)
