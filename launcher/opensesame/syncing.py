"""Syncs of one process: they get the academy's client, its clock and policy, and an end in time.

Serves the background tasks and `hacp sync`. What a sync does is the catalog's knowledge; here is
decided whether one may begin, and when the next is due.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.sync.listing
from catalog.errors import ClaimLost
from catalog.picture_shelf import PictureShelf
from catalog.provider.opensesame import Client, Page
from catalog.provider.pictures import Picture
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import Claim, ProviderConnection, RunKind, RunState
from catalog.sync import illustrating
from catalog.sync.illustrating import Fetched
from catalog.sync.judging import Policy
from catalog.sync.listing import Order, Progress, Report
from launcher.config import Settings
from launcher.opensesame import schedule
from launcher.opensesame.clients import NotEquipped, launch_hosts, open_client
from launcher.people import academies


class NothingToRun(Exception):
    """No sync began, and none is needed or possible now. The text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sync that somebody wants. `key` names the course where one alone is meant, `by` who asked.

    A dry run writes nothing. `lost` asks for a run that broke off, if nobody has made it since.
    """

    academy_id: int
    kind: RunKind
    key: str = ""
    by: int | None = None
    dry_run: bool = False
    lost: bool = False


@dataclass(slots=True)
class Syncing:
    """Runs syncs; `stopping` is set when they are to end, and `give_up` ends them."""

    settings: Settings
    transact: Transact
    stopping: threading.Event = field(default_factory=threading.Event)
    _under_way: dict[int, int] = field(default_factory=dict)

    def run(self, asked: Asked, *, show: Callable[[Progress], None] | None = None) -> Report:
        """Run a sync to its end and say when the next is due.

        Raises `NothingToRun`, `AlreadyRunning`, `NotEquipped`; then nothing has begun. A provider
        that does not do its part is no exception: the report says it.
        """
        present, zone = self.transact(partial(_ready, academy_id=asked.academy_id))
        began: list[Claim] = []

        def begun(connection: Connection, claimed: Claim) -> None:
            _check_due(connection, asked, zone=zone, now=_now())
            began.append(claimed)
            self._under_way[claimed.run_id] = asked.academy_id

        try:
            with self._client(present, asked) as client:
                report = catalog.sync.listing.run(
                    self._order(asked, present),
                    client=client,
                    transact=self.transact,
                    clock=_now,
                    shelf=Shelf(self.settings.content_root),
                    begun=begun,
                    show=show,
                )
        except NothingToRun:
            self.transact(partial(_put_off, asked=asked))
            raise
        finally:
            for claimed in began:
                self._under_way.pop(claimed.run_id, None)
        self.transact(partial(_plan_next, asked=asked, report=report, zone=zone))
        return report

    def fetch_pictures(self, academy_id: int) -> Fetched:
        """Fetch what pictures are due. Raises `NothingToRun` and `NotEquipped`."""
        present, _zone = self.transact(partial(_ready, academy_id=academy_id))
        with self._client(present, None) as client:
            return illustrating.fetch_due(
                academy_id,
                client=client,
                transact=self.transact,
                shelf=PictureShelf(self.settings.picture_root),
            )

    def give_up(self) -> None:
        """Give every claim of this process back, so that others may go on at once.

        Whoever still works on one notices with the next page.
        """
        self.stopping.set()
        sentence = _("The server was stopped. The next run goes on.")
        for run_id, academy_id in list(self._under_way.items()):
            abandon = partial(
                runs.abandon, academy_id=academy_id, run_id=run_id, sentence=sentence, now=_now()
            )
            self.transact(abandon)

    @contextmanager
    def _client(self, present: ProviderConnection, asked: Asked | None) -> Iterator[_Stoppable]:
        """Give a client that can be stopped; where there is none to be had, the tile says why."""
        try:
            with open_client(present, settings=self.settings, sleep=self._pause) as client:
                yield _Stoppable(client, self.stopping)
        except NotEquipped as missing:
            if asked is not None and not asked.dry_run:
                note = partial(connections.note_result, failure=str(missing), now=_now())
                self.transact(partial(note, academy_id=present.academy_id))
            raise

    def _order(self, asked: Asked, present: ProviderConnection) -> Order:
        return Order(
            asked.academy_id,
            asked.kind,
            Policy(present.policy, launch_hosts(self.settings)),
            key=asked.key,
            by=asked.by,
            dry_run=asked.dry_run,
        )

    def _pause(self, seconds: float) -> None:
        """Wait before the next try, and no longer than there is to be one."""
        if self.stopping.wait(seconds):
            raise ClaimLost


@dataclass(frozen=True, slots=True)
class _Stoppable:
    """A client that begins nothing more as soon as it is time to end."""

    client: Client
    stopping: threading.Event

    def pages(self) -> Iterator[Page]:
        for page in self.client.pages():
            yield page
            self._go_on()

    def download(self, url: str, into: Path) -> int:
        self._go_on()
        return self.client.download(url, into)

    def picture(self, url: str) -> Picture:
        self._go_on()
        return self.client.picture(url)

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise ClaimLost


def _ready(connection: Connection, academy_id: int) -> tuple[ProviderConnection, str]:
    """Return how the academy is connected, and its time zone."""
    present = connections.connection_of(connection, academy_id)
    academy = academies.academy(connection, academy_id)
    if present is None or academy is None or not present.ready:
        raise NothingToRun(_("OpenSesame is not turned on for this academy."))
    return present, academy.time_zone


def _check_due(connection: Connection, asked: Asked, *, zone: str, now: datetime) -> None:
    """Raise `NothingToRun` where another process has run it meanwhile, or it was turned off.

    Called in the transaction that claims the academy, so that of two who come at once one runs.
    """
    present, _zone = _ready(connection, asked.academy_id)
    if asked.kind is RunKind.DAILY:
        day = schedule.last_day(present, zone=zone, now=now)
        done = runs.complete_since(connection, asked.academy_id, kind=RunKind.DAILY, since=day)
    elif asked.kind is RunKind.POLL:
        done = present.next_poll_at is not None and present.next_poll_at > now
    elif asked.lost:
        done = not runs.is_lost(connection, asked.academy_id, kind=asked.kind)
    else:
        done = asked.kind is RunKind.DELIVERY and not deliveries.is_waiting(
            connection, asked.academy_id
        )
    if done:
        raise NothingToRun(_("Another process has done it already."))


def _plan_next(connection: Connection, asked: Asked, report: Report, zone: str) -> None:
    """Say when the academy is due again after a whole listing; after a failure it stays due."""
    if report.run_id is None or report.state is RunState.BROKEN or asked.kind is RunKind.ONE:
        return
    present = connections.connection_of(connection, asked.academy_id)
    run = runs.run(connection, asked.academy_id, run_id=report.run_id)
    if present is None or run is None:
        return
    now = _now()
    took = (run.finished_at or now) - run.started_at
    connections.schedule(
        connection,
        asked.academy_id,
        next_poll_at=schedule.next_poll(present, took=took, now=now),
        next_daily_at=schedule.next_day(present, zone=zone, now=now)
        if asked.kind is RunKind.DAILY
        else None,
    )


def _put_off(connection: Connection, asked: Asked) -> None:
    present = connections.connection_of(connection, asked.academy_id)
    academy = academies.academy(connection, asked.academy_id)
    if present is None or academy is None or asked.kind is not RunKind.DAILY:
        return
    at = schedule.next_day(present, zone=academy.time_zone, now=_now())
    connections.schedule(connection, asked.academy_id, next_daily_at=at)


def _now() -> datetime:
    return datetime.now(UTC)
