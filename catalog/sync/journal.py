"""The book of one sync run: each unit of work with its entries, its counts and a look at the claim.

Serves `sync`, `ending` and `downloads`: all that a run writes goes through `apply`, so that nothing
is applied without the claim and nothing is applied without being told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from catalog.store import Transact
from catalog.supply import deliveries, entries, runs
from catalog.supply.model import Claim, Delivered, Entry, Outcome
from catalog.sync.applying import Applied

# How often a run says how far it is while nothing changes; each time is a commit more.
_SHOWN_EVERY = timedelta(seconds=1)

# A unit of work and the time that is written into its rows.
Unit = Callable[[Connection, datetime], Applied]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `expected` is how many items the listing had the last time, 0 if never."""

    pages: int
    items: int
    expected: int
    counts: dict[Outcome, int]


@dataclass(slots=True)
class Journal:
    """What a run has done so far. Without a claim it is a rehearsal: `transact` undoes its units.

    `delivered` are the courses that the run's deliveries name, `seen` the keys that were listed;
    `told` counts the entries, which a rehearsal keeps in `rehearsed`.
    """

    academy_id: int
    claimed: Claim | None
    transact: Transact
    clock: Callable[[], datetime]
    show: Callable[[Progress], None] | None = None
    expected: int = 0
    delivered: frozenset[str] = frozenset()
    pages: int = 0
    items: int = 0
    told: int = 0
    counts: Counter[Outcome] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    rehearsed: list[Entry] = field(default_factory=list)
    shown_at: datetime | None = None

    def apply(self, unit: Unit, *, pages: int = 0, items: int = 0) -> Applied:
        """Do a unit of work in one transaction, with everything that has to be told of it.

        `pages` and `items` are how many more are read by then. Raises `ClaimLost`; nothing of the
        unit is kept then.
        """
        now = self.clock()
        pages, items = self.pages + pages, self.items + items

        def whole(connection: Connection) -> Applied:
            if self.claimed is not None:
                runs.lock_academy(connection, self.academy_id)
            applied = unit(connection, now)
            self._write(connection, applied, now=now, pages=pages, items=items)
            return applied

        applied = self.transact(whole)
        self.pages, self.items = pages, items
        self.counts = self._counted(applied)
        self.told += len(applied.told)
        if self.claimed is None:
            self.rehearsed += applied.told
        if self.show is not None:
            self.show(Progress(pages, items, self.expected, dict(self.counts)))
        return applied

    def keep_alive(self, *, life: timedelta = runs.CLAIM_LIFE) -> None:
        """Show the claim while something outside is waited for, at most `life` from now."""
        claimed = self.claimed
        if claimed is not None:
            now = self.clock()
            self.transact(lambda connection: runs.renew(connection, claimed, now=now, life=life))

    def _write(
        self, connection: Connection, applied: Applied, *, now: datetime, pages: int, items: int
    ) -> None:
        if self.claimed is None:
            return
        entries.add(connection, self.claimed, applied.told, first=self.told)
        became = {
            entry.key: _delivered(entry)
            for entry in (*applied.quiet, *applied.told)
            if entry.key in self.delivered
        }
        if became:
            deliveries.report(
                connection, self.academy_id, run_id=self.claimed.run_id, became=became
            )
        idle = self.shown_at is not None and now - self.shown_at < _SHOWN_EVERY
        if idle and not applied.writes and not became:
            return
        self.shown_at = now
        runs.renew(
            connection,
            self.claimed,
            now=now,
            pages=pages,
            items=items,
            counts=self._counted(applied),
        )

    def _counted(self, applied: Applied) -> Counter[Outcome]:
        """Count everything that is as it was, whatever that is, as unchanged."""
        counts = self.counts + Counter(entry.outcome for entry in applied.told)
        if applied.quiet:
            counts[Outcome.UNCHANGED] += len(applied.quiet)
        return counts


def _delivered(entry: Entry) -> Delivered:
    return Delivered(
        key=entry.key,
        outcome=entry.outcome,
        course_id=entry.course_id,
        title=entry.title,
        kind=entry.kind,
        matched_id=entry.matched_id,
        reason=entry.reason,
    )
