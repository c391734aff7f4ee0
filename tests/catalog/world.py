"""An academy, a pretend OpenSesame on a real port, and the real client between them.

Serves the tests of the sync. Time stands still until it is moved; nobody sleeps.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from catalog import categories, store
from catalog.provider.calls import Credentials, Endpoint
from catalog.provider.opensesame import Client, connect
from catalog.schema import CourseTable
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import connections, decisions, deliveries, entries, items, runs
from catalog.supply.model import (
    Branding,
    Decision,
    DecisionState,
    Delivered,
    DuplicatePolicy,
    Entry,
    Outcome,
    Run,
    RunKind,
)
from catalog.supply.schema import ItemTable
from catalog.sync.judging import Policy
from catalog.sync.listing import Order, Report, run
from demo.opensesame.pretend import Pretend

START = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class World:
    """Everything that a sync needs, and what tests ask about what came of it."""

    pretend: Pretend
    url: str
    transact: Transact
    clock: Clock
    shelf: Shelf
    policy: DuplicatePolicy = DuplicatePolicy.ASK
    academy_id: int = 1
    waits: list[float] = field(default_factory=list)
    closing: ExitStack = field(default_factory=ExitStack)
    kept: Client | None = None

    @contextmanager
    def client(self, **changes: Any) -> Iterator[Client]:
        """Give the real client, which notes its waits instead of waiting."""
        asked = {
            "client_id": self.pretend.client.id,
            "client_secret": self.pretend.client.secret,
            "ciid": self.pretend.ciid,
            **changes,
        }
        with connect(
            Endpoint(self.url, f"{self.url}/oauth/token"),
            Credentials(**asked),
            clock=lambda: datetime.now(UTC),
            sleep=self.waits.append,
            monotonic=time.monotonic,
            allow_loopback=True,
        ) as client:
            yield client

    def order(self, kind: RunKind = RunKind.DAILY, **more: Any) -> Order:
        policy = Policy(more.pop("policy", self.policy), ["localhost", "content.example.org"])
        return Order(self.academy_id, kind, policy, **more)

    def sync(self, kind: RunKind = RunKind.DAILY, **more: Any) -> Report:
        """Run a sync with the real client."""
        # One client for all runs: a new one reads the certificates of the whole world each time.
        if self.kept is None:
            self.kept = self.closing.enter_context(self.client())
        return self.sync_with(self.kept, kind, **more)

    def sync_with(self, client: Any, kind: RunKind = RunKind.DAILY, **more: Any) -> Report:
        """Run a sync with any client."""
        settings = {name: more.pop(name) for name in ("begun", "show") if name in more}
        self.clock.advance(minutes=1)
        return run(
            self.order(kind, **more),
            client=client,
            transact=self.transact,
            clock=self.clock,
            shelf=self.shelf,
            **settings,
        )

    # What came of it

    def ask(self, unit: Callable[..., Any], **more: Any) -> Any:
        """Ask a store about the academy: `ask(runs.runs, limit=1)`."""
        return self.transact(lambda connection: unit(connection, self.academy_id, **more))

    def titles(self, *, archived: bool | None = False) -> list[str]:
        return [row.title for row in self.ask(store.courses, archived=archived, limit=10_000)]

    def course_id(self, key: str) -> int:
        found = self.ask(items.stored, keys=[key.lower()])[key.lower()]
        assert found.course_id is not None, key
        return int(found.course_id)

    def entries(self, report: Report | None = None, outcome: Outcome | None = None) -> list[Entry]:
        """Return what a run told, the last one by itself."""
        run_id = report.run_id if report is not None else self.last_run().id
        found: list[Entry] = self.ask(entries.entries, run_id=run_id, outcome=outcome, limit=10_000)
        return found

    def told(self, report: Report | None = None) -> dict[str, str]:
        """Return titles and outcomes of what a run told."""
        return {entry.title: entry.outcome.value for entry in self.entries(report)}

    def last_run(self) -> Run:
        (found,) = self.ask(runs.runs, limit=1)
        assert isinstance(found, Run)
        return found

    def questions(self, state: DecisionState = DecisionState.PENDING) -> list[Decision]:
        found: list[Decision] = self.ask(decisions.decisions, state=state)
        return found

    def receive(self, delivery_id: str, *keys: str) -> int:
        """Note a push, as the webhook does."""
        number = self.ask(
            deliveries.receive,
            delivery_id=delivery_id,
            courses=[Delivered(key.lower()) for key in keys],
            now=self.clock(),
        )
        assert isinstance(number, int)
        return number

    def delivered(self, number: int) -> dict[str, Delivered]:
        found = self.ask(deliveries.delivered, delivery=number, limit=10_000)
        return {one.key: one for one in found}

    def tree(self) -> list[tuple[str, ...]]:
        return [node.path for node in self.ask(categories.tree).values()]

    def state(self) -> str:
        """Return everything that is known of courses, to be compared with what it is later."""

        def read(connection: Connection) -> list[Any]:
            courses = select(CourseTable.__table__).order_by(CourseTable.id)
            known = select(ItemTable.__table__).order_by(ItemTable.key)
            tree = categories.tree(connection, self.academy_id).values()
            return [
                *(dict(row._mapping) for row in connection.execute(courses)),
                *(dict(row._mapping) for row in connection.execute(known)),
                *(node.path for node in tree),
            ]

        return json.dumps(self.transact(read), default=str, indent=1)


def open_academy(transact: Transact, academy_id: int = 1, ciid: str = "ciid") -> None:
    """Connect an academy with the provider, as an operator and an admin do."""

    def unit(connection: Connection) -> None:
        connections.activate(connection, academy_id, activated=True, now=START)
        connections.save_settings(
            connection,
            academy_id,
            enabled=True,
            ciid=ciid,
            branding=Branding.DEFAULT,
            client_id="",
            client_secret=None,
            policy=DuplicatePolicy.ASK,
            daily_at=0,
            poll_minutes=10,
            now=START,
        )

    transact(unit)


def shelf_at(folder: Path) -> Shelf:
    return Shelf(folder / "shelf")
