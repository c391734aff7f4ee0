"""How an academy stands with OpenSesame: connected, at work, failing, or waiting for somebody.

Serves the tile on the settings page, the admin's home and the pages of deliveries and runs. Reads
only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from catalog.supply import connections, decisions, runs
from catalog.supply.model import ConnectionState, DecisionState, ProviderConnection, Run, RunState
from launcher.opensesame import schedule
from launcher.people import academies


class Condition(StrEnum):
    """The one word for it; what asks for a person comes before what does not."""

    NOT_OFFERED = "not offered"
    OFF = "off"
    WAITING = "waiting"
    FAILING = "failing"
    RUNNING = "running"
    WELL = "well"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is. `connection` is None where the provider was never activated for the academy.

    `waiting` is the run that an admin has to confirm or discard, `questions` how many duplicates
    wait for an answer, `shared_with` the names of other academies with the same CIID.
    """

    connection: ProviderConnection | None
    running: Run | None = None
    waiting: Run | None = None
    questions: int = 0
    next_try: datetime | None = None
    shared_with: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether the operator activated the provider for the academy."""
        return self.connection is not None and self.connection.activated

    @property
    def condition(self) -> Condition:
        """Return the word for it."""
        if self.connection is None or not self.connection.activated:
            return Condition.NOT_OFFERED
        if not self.connection.ready:
            return Condition.OFF
        if self.waiting is not None:
            return Condition.WAITING
        if self.connection.state is ConnectionState.FAILING:
            return Condition.FAILING
        if self.running is not None:
            return Condition.RUNNING
        return Condition.WELL if self.connection.state is ConnectionState.WELL else Condition.NEVER

    def is_due(self, now: datetime) -> bool:
        """Whether a comparison begins in a moment by itself."""
        present = self.connection
        if present is None or not schedule.may_try(present, now=now):
            return False
        return present.next_poll_at is None or present.next_poll_at <= now

    @property
    def calls_for_somebody(self) -> bool:
        """Whether an admin should look at it: it fails, or it waits for an answer."""
        wanted = (Condition.WAITING, Condition.FAILING)
        return self.condition in wanted or (self.offered and self.questions > 0)


def standing(connection: Connection, academy_id: int) -> Standing:
    """Gather how the academy stands with OpenSesame."""
    present = connections.connection_of(connection, academy_id)
    if present is None or not present.activated:
        return Standing(present)
    return Standing(
        present,
        running=_newest(connection, academy_id, RunState.RUNNING),
        waiting=_newest(connection, academy_id, RunState.WAITING),
        questions=decisions.count_decisions(connection, academy_id, state=DecisionState.PENDING),
        next_try=schedule.next_try(present),
        shared_with=_names(connection, connections.sharers(connection, academy_id)),
    )


def _newest(connection: Connection, academy_id: int, state: RunState) -> Run | None:
    found = runs.runs(connection, academy_id, states=(state,), limit=1)
    return found[0] if found else None


def _names(connection: Connection, academy_ids: list[int]) -> tuple[str, ...]:
    if not academy_ids:
        return ()
    every = academies.academies(connection)
    return tuple(academy.name for academy in every if academy.id in academy_ids)
