"""Listings that are not believed at once: what admins said of them, and what that covers.

Serves `ending`, and the page of runs where an admin confirms or discards. `plan.doubt` says what is
doubtful. Takes a connection, never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from catalog.supply import entries, runs
from catalog.supply.model import Outcome, Run, RunState
from catalog.sync.applying import Deferred
from catalog.sync.plan import Doubt, doubt

# So many proposed entries are read at once.
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Trust:
    """What admins said: the run that waits for them, and those that were confirmed and discarded.

    `confirmed_keys` and `discarded_keys` are the courses that these would have archived.
    """

    waiting: Run | None = None
    confirmed: Run | None = None
    discarded: Run | None = None
    confirmed_keys: frozenset[str] = frozenset()
    discarded_keys: frozenset[str] = frozenset()


def confirm(
    connection: Connection, academy_id: int, *, run_id: int, by: int | None, now: datetime
) -> None:
    """Say that a doubtful listing is right: the next run archives what a fresh one still lacks.

    Start one of `RunKind.CONFIRMED` afterwards. Raises `NothingToDecide` where the run does not
    wait.
    """
    runs.settle(connection, academy_id, run_id=run_id, state=RunState.CONFIRMED, by=by, now=now)


def discard(
    connection: Connection, academy_id: int, *, run_id: int, by: int | None, now: datetime
) -> None:
    """Say that a doubtful listing is wrong: nobody is asked about the same courses again.

    That lasts until a listing comes that raises no doubt. Raises `NothingToDecide`.
    """
    runs.settle(connection, academy_id, run_id=run_id, state=RunState.DISCARDED, by=by, now=now)


def trust(connection: Connection, academy_id: int) -> Trust:
    """Return what admins said that still counts."""
    confirmed = _newest(connection, academy_id, RunState.CONFIRMED)
    discarded = _newest(connection, academy_id, RunState.DISCARDED)
    if discarded is not None and runs.undoubted_since(connection, academy_id, run_id=discarded.id):
        discarded = None
    return Trust(
        waiting=_newest(connection, academy_id, RunState.WAITING),
        confirmed=confirmed,
        discarded=discarded,
        confirmed_keys=_proposed(connection, academy_id, confirmed),
        discarded_keys=_proposed(connection, academy_id, discarded),
    )


def weigh(
    archives: Sequence[Deferred], confirmed: Collection[str], *, listed: int, courses: int
) -> Doubt | None:
    """Tell why a complete listing is to wait; what was `confirmed` raises no doubt any more."""
    rest = [one.step for one in archives if one.step.key not in confirmed]
    if not rest and confirmed:
        return None
    return doubt(rest, listed=listed, courses=courses)


def sentence(why: Doubt, *, archived: int, courses: int) -> str:
    """Say to an admin what the doubt is, and that nothing was archived."""
    listing = "The listing is empty" if why is Doubt.EMPTY else "The listing would archive a lot"
    return (
        f"{listing}: {archived} of {courses} courses would be archived by it. Nothing was archived."
    )


def _newest(connection: Connection, academy_id: int, state: RunState) -> Run | None:
    found = runs.runs(connection, academy_id, states=[state], limit=1)
    return found[0] if found else None


def _proposed(connection: Connection, academy_id: int, run: Run | None) -> frozenset[str]:
    keys: set[str] = set()
    while run is not None:
        portion = entries.entries(
            connection,
            academy_id,
            run_id=run.id,
            outcome=Outcome.PROPOSED,
            limit=_AT_ONCE,
            offset=len(keys),
        )
        keys.update(entry.key for entry in portion)
        if len(portion) < _AT_ONCE:
            break
    return frozenset(keys)
