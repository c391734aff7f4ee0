"""What OpenSesame did for an academy: a connection, runs and deliveries, as the stores keep them.

Serves the tests of pages and of the standing. Nothing here calls a provider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from catalog.provider.provided import Item, item_hash
from catalog.supply import connections, decisions, deliveries, runs
from catalog.supply import entries as reports
from catalog.supply.model import (
    OPENSESAME,
    Branding,
    Claim,
    Delivered,
    DuplicatePolicy,
    Entry,
    Origin,
    Outcome,
    Question,
    RunKind,
    RunState,
)
from catalog.sync import provided_courses

CIID = "0b0f1c5e-6a55-4d0e-9a61-5b7c1e0d2a44"
KEYS = [f"11111111-0000-4000-8000-{number:012}" for number in range(100)]


@dataclass
class Supplied:
    """One academy's side; every method is a transaction of its own through `transact`."""

    transact: Callable[[Callable[[Connection], Any]], Any]
    academy_id: int
    now: datetime

    def activate(self, *, activated: bool = True) -> None:
        self.transact(
            lambda c: connections.activate(c, self.academy_id, activated=activated, now=self.now)
        )

    def connect(self, **changes: Any) -> None:
        chosen: dict[str, Any] = {
            "enabled": True,
            "ciid": CIID,
            "branding": Branding.DEFAULT,
            "client_id": "",
            "client_secret": None,
            "policy": DuplicatePolicy.ASK,
            "daily_at": 135,
            "poll_minutes": 10,
        }
        self.activate()
        self.transact(
            lambda c: connections.save_settings(
                c, self.academy_id, now=self.now, **{**chosen, **changes}
            )
        )

    def note(self, failure: str | None = None, *, times: int = 1) -> None:
        for _ in range(times):
            self.transact(
                lambda c: connections.note_result(c, self.academy_id, failure=failure, now=self.now)
            )

    def begin(self, kind: RunKind = RunKind.DAILY, **more: Any) -> Claim:
        return self.transact(
            lambda c: runs.claim(c, self.academy_id, kind=kind, owner="test", now=self.now, **more)
        )

    def renew(self, claim: Claim, **more: Any) -> None:
        self.transact(lambda c: runs.renew(c, claim, now=self.now, **more))

    def end(
        self,
        claim: Claim,
        *entries: Entry,
        state: RunState = RunState.DONE,
        unchanged: int = 0,
        items: int = 0,
        sentence: str = "",
    ) -> int:
        counts = {Outcome.UNCHANGED: unchanged}
        for entry in entries:
            counts[entry.outcome] = counts.get(entry.outcome, 0) + 1

        def unit(c: Connection) -> None:
            reports.add(c, claim, entries, first=1)
            runs.finish(
                c,
                claim,
                state=state,
                pages=1,
                items=items or len(entries) + unchanged,
                counts=counts,
                sentence=sentence,
                now=self.now + timedelta(seconds=42),
            )

        self.transact(unit)
        return claim.run_id

    def ran(
        self, *entries: Entry, kind: RunKind = RunKind.DAILY, by: int | None = None, **more: Any
    ) -> int:
        return self.end(self.begin(kind, by=by), *entries, **more)

    def receive(self, *keys: str, delivery_id: str = "D-1", licence: str = "") -> int:
        courses = [Delivered(key, licence) for key in keys]
        return self.transact(
            lambda c: deliveries.receive(
                c, self.academy_id, delivery_id=delivery_id, courses=courses, now=self.now
            )
        )

    def report(self, claim: Claim, *became: Delivered, failure: str | None = None) -> None:
        def unit(c: Connection) -> None:
            deliveries.take_up(c, self.academy_id, run_id=claim.run_id)
            deliveries.report(
                c, self.academy_id, run_id=claim.run_id, became={one.key: one for one in became}
            )
            deliveries.finish(
                c, self.academy_id, run_id=claim.run_id, failure=failure, now=self.now
            )

        self.transact(unit)

    def take_up(self, claim: Claim) -> None:
        self.transact(lambda c: deliveries.take_up(c, self.academy_id, run_id=claim.run_id))

    def provide(self, key: str, title: str) -> int:
        """Have a course of the provider, as a run would have added it."""
        item = Item(key, title, launch_url=f"https://content.example.org/{key}")

        def unit(c: Connection) -> int:
            new = [(item, item_hash(item))]
            (course_id,) = provided_courses.add(c, self.academy_id, new, now=self.now)
            return course_id

        return self.transact(unit)

    def ask(self, title: str = "Ladders") -> None:
        question = Question(
            OPENSESAME, KEYS[0], title, "{}", Origin.SYNC, "title", False, (1,), "Equal titles."
        )
        self.transact(
            lambda c: decisions.ask(c, self.academy_id, question, run_id=None, now=self.now)
        )
