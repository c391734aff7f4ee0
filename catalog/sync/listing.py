"""A sync run: the provider's listing is read page by page, and the academy's courses follow it.

Serves the tasks, the commands and the pages that start one. Everything it needs is given to it:
`judging` decides, `applying` writes, `ending` closes. Deletes no course, ever.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from catalog.errors import ClaimLost, ItemRefused
from catalog.provider.errors import ProviderError
from catalog.provider.opensesame import Page
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import deliveries, items, runs
from catalog.supply.model import Claim, Entry, Outcome, RunKind, RunState
from catalog.sync import downloads
from catalog.sync.ahead import ahead
from catalog.sync.applying import Applied, Applier, Deferred
from catalog.sync.ending import Ended, close, end_listing
from catalog.sync.journal import Journal, Progress
from catalog.sync.judging import Policy, judge_page

__all__ = ["Listing", "Order", "Policy", "Progress", "Report", "run"]

T = TypeVar("T")

# Told of the claim in its own transaction.
Begun = Callable[[Connection, Claim], None]

# How often the claim is renewed while a page is waited for.
_IDLE_SECONDS = 20.0
_CLOSED = "Another process closed this run, since it had not been heard of for too long."

_log = structlog.get_logger("catalog")


class Listing(Protocol):
    """What is asked of a provider: `opensesame.Client`, or whatever stands in for it."""

    def pages(self) -> Iterator[Page]:
        """Yield the listing page by page; raises `ProviderError` where it breaks off."""

    def download(self, url: str, into: Path) -> int:
        """Write a package to a file and return its size; raises `ProviderError`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: for whom, why, and by which rules.

    `key` names the course where one alone is synced (`RunKind.ONE`), `by` who pressed the button. A
    dry run writes nothing and says what it would do.
    """

    academy_id: int
    kind: RunKind
    policy: Policy
    key: str = ""
    by: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended. `entries` are there for a dry run only: a real one's are in the database.

    `error` is what the provider, or the way to it, did not do; it says whether trying again makes
    sense. `run_id` is None for a dry run.
    """

    state: RunState
    run_id: int | None
    counts: dict[Outcome, int]
    sentence: str = ""
    error: ProviderError | None = None
    entries: tuple[Entry, ...] = ()


def run(
    order: Order,
    *,
    client: Listing,
    transact: Transact,
    clock: Callable[[], datetime],
    shelf: Shelf,
    begun: Begun | None = None,
    show: Callable[[Progress], None] | None = None,
) -> Report:
    """Run a sync. Raises `AlreadyRunning` or `NotConnected`, and nothing is done then.

    `begun` is told of the claim in the transaction that makes it; where it raises, nothing begins.

    A run that breaks off says where and why, keeps what it applied, and archives nothing. What is
    no fault of the provider is noted with the run and raised. `show` is told after every page how
    far it is.
    """
    started = _begin(order, transact, clock, begun, show)
    reading = _Reading(order, started, client, shelf)
    try:
        return reading.read()
    except ProviderError as error:
        return reading.break_off(str(error), error)
    except ClaimLost:
        return Report(RunState.BROKEN, reading.run_id, dict(started.counts), _CLOSED)
    except Exception as error:
        _log.exception("sync_failed", academy_id=order.academy_id, run_id=reading.run_id)
        with suppress(ClaimLost):
            reading.break_off(f"The server failed ({type(error).__name__}); its log says more.")
        raise


def _begin(
    order: Order,
    transact: Transact,
    clock: Callable[[], datetime],
    begun: Begun | None,
    show: Callable[[Progress], None] | None,
) -> Journal:
    """Claim the academy, and take up the deliveries that wait; a dry run claims nothing."""
    academy_id = order.academy_id
    if order.dry_run:
        return Journal(academy_id, None, _undone(transact), clock, show)

    def unit(connection: Connection) -> Journal:
        claimed = runs.claim(
            connection,
            academy_id,
            kind=order.kind,
            owner=secrets.token_hex(8),
            key=order.key,
            by=order.by,
            now=clock(),
        )
        if begun is not None:
            begun(connection, claimed)
        if order.kind is not RunKind.ONE:
            deliveries.take_up(connection, academy_id, run_id=claimed.run_id)
        own = runs.run(connection, academy_id, run_id=claimed.run_id)
        named = deliveries.keys_of(connection, academy_id, run_id=claimed.run_id)
        expected = own.expected if own is not None else 0
        return Journal(
            academy_id, claimed, transact, clock, show, expected, delivered=frozenset(named)
        )

    return transact(unit)


def _undone(transact: Transact) -> Transact:
    """Do units of work and take them back again: the surest way to say what would be done."""

    def run(unit: Callable[[Connection], T]) -> T:
        done: list[T] = []

        def attempt(connection: Connection) -> None:
            done.append(unit(connection))
            raise _TakenBack

        with suppress(_TakenBack):
            transact(attempt)
        return done[0]

    return run


class _TakenBack(Exception):
    """Ends a transaction of a dry run."""


@dataclass(slots=True)
class _Reading:
    """A listing on its way, and what waits for its end."""

    order: Order
    journal: Journal
    client: Listing
    shelf: Shelf
    archives: list[Deferred] = field(default_factory=list)
    unreadable: bool = False
    placed: bool = False

    @property
    def run_id(self) -> int | None:
        claimed: Claim | None = self.journal.claimed
        return None if claimed is None else claimed.run_id

    def read(self) -> Report:
        """Apply the listing page by page, and then what its end means."""
        alone = self.order.kind is RunKind.ONE
        pages = ahead(self.client.pages(), idle=self.journal.keep_alive, idle_seconds=_IDLE_SECONDS)
        with closing(pages):
            for page in pages:
                self._apply(page)
                if alone and self.order.key in self.journal.seen:
                    break
        ended = end_listing(
            self.journal,
            self.archives,
            listed=self.journal.items,
            whole=not self.unreadable,
            only=self.order.key,
        )
        self._close(ended)
        return self._report(ended)

    def break_off(self, sentence: str, error: ProviderError | None = None) -> Report:
        """Say where and why the run ended before its time; nothing is archived."""
        journal = self.journal
        where = "before its first page"
        if journal.pages:
            noun = "course" if journal.items == 1 else "courses"
            where = f"after page {journal.pages} ({journal.items} {noun})"
        said = f"The listing broke off {where}: {sentence} What came before is applied."
        ended = Ended(RunState.BROKEN, f"{said} Nothing was archived.")
        close(
            journal,
            ended,
            kind=self.order.kind,
            failure=sentence,
            placed=self.placed,
            complete=False,
        )
        return self._report(ended, error)

    def _close(self, ended: Ended) -> None:
        close(self.journal, ended, kind=self.order.kind, placed=self.placed)

    def _report(self, ended: Ended, error: ProviderError | None = None) -> Report:
        counts, rehearsed = dict(self.journal.counts), tuple(self.journal.rehearsed)
        return Report(ended.state, self.run_id, counts, ended.sentence, error, rehearsed)

    def _apply(self, page: Page) -> None:
        order, journal = self.order, self.journal
        listed, refused = page.items, page.refused
        if order.key:
            listed = tuple(item for item in listed if item.key == order.key)
            refused = tuple(one for one in refused if one.key == order.key)
        # A delivery asks for what failed before; a poll does not, however it was started.
        quiet = order.kind is RunKind.POLL and not journal.delivered
        kind = order.kind if quiet or order.kind is not RunKind.POLL else RunKind.DELIVERY
        applier = self._applier()

        def unit(connection: Connection, now: datetime) -> Applied:
            works = judge_page(
                connection,
                order.academy_id,
                listed,
                seen=journal.seen,
                policy=order.policy,
                kind=kind,
            )
            applied = applier.page(connection, works, now=now)
            told = _refusals(connection, order.academy_id, refused)
            (applied.quiet if quiet else applied.told).extend(told)
            return applied

        count = len(page.items) + len(page.refused)
        applied = journal.apply(unit, pages=1, items=count)
        journal.seen.update(one.key for one in refused if one.key)
        self.unreadable = self.unreadable or any(not one.key for one in page.refused)
        self.archives += applied.archives
        self.placed = self.placed or applied.placed
        for work in applied.packages:
            downloads.bring(journal, applier, work, download=self.client.download, shelf=self.shelf)

    def _applier(self) -> Applier:
        order = self.order
        return Applier(
            order.academy_id,
            self.run_id,
            order.policy.duplicates,
            anew=order.kind is RunKind.EVERYTHING,
        )


def _refusals(
    connection: Connection, academy_id: int, refused: tuple[ItemRefused, ...]
) -> list[Entry]:
    """Tell what of a page could not be read; a course that has it here stays as it is."""
    stored = items.stored(connection, academy_id, [one.key for one in refused if one.key])
    return [
        Entry(
            Outcome.FAILED,
            one.key,
            one.key or "A course without an id",
            stored[one.key].course_id if one.key in stored else None,
            reason=str(one),
        )
        for one in refused
    ]
