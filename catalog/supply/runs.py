"""Sync runs: who may run, how far a run is, and how it ended.

Serves the sync, the tasks and the pages of runs; `entries` has the reports. One run an academy on
any number of processes: the claim stands in the row of the run and has to be renewed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from catalog.errors import AlreadyRunning, ClaimLost, NotConnected, NothingToDecide
from catalog.ids import new_id
from catalog.schema import Moment
from catalog.supply.model import (
    OPENSESAME,
    Claim,
    DeliveryState,
    Outcome,
    Run,
    RunKind,
    RunState,
)
from catalog.supply.schema import ConnectionTable, DeliveryTable, EntryTable, RunTable

# A page is applied in seconds, and while one is waited for the claim is renewed. So long a killed
# process keeps others waiting.
CLAIM_LIFE = timedelta(minutes=3)

_KILLED = "The process that made this run ended before it was done. What it applied stays."

_LOCK = (
    select(ConnectionTable.academy_id)
    .where(
        ConnectionTable.academy_id == bindparam("academy_id"),
        ConnectionTable.provider == bindparam("provider"),
    )
    .with_for_update()
)

# Runs whose reading of the listing came to its end.
_COMPLETE = (RunState.DONE, RunState.WAITING, RunState.CONFIRMED, RunState.SETTLED)


def claim(
    connection: Connection,
    academy_id: int,
    *,
    kind: RunKind,
    owner: str,
    now: datetime,
    key: str = "",
    by: int | None = None,
    provider: str = OPENSESAME,
) -> Claim:
    """Begin a run of the academy. `owner` names the process and is shown with every renewal.

    Raises `AlreadyRunning` while another one's claim holds. One whose claim has run out was killed:
    it is closed as broken, and its deliveries are pulled anew. Raises `NotConnected` where the
    provider was never activated.
    """
    lock_academy(connection, academy_id, provider=provider)
    close_broken(connection, now=now, academy_id=academy_id)
    running = connection.execute(
        select(RunTable.id, RunTable.claimed_until).where(
            RunTable.academy_id == academy_id,
            RunTable.provider == provider,
            RunTable.state == RunState.RUNNING.value,
        )
    ).one_or_none()
    if running is not None:
        raise AlreadyRunning(running.id, running.claimed_until)
    run_id = new_id(now)
    connection.execute(
        insert(RunTable).values(
            academy_id=academy_id,
            id=run_id,
            provider=provider,
            kind=kind.value,
            state=RunState.RUNNING.value,
            key=key,
            by=by,
            owner=owner,
            claimed_until=now + CLAIM_LIFE,
            started_at=now,
            expected=_expected(connection, academy_id, provider),
        )
    )
    return Claim(academy_id, run_id, owner)


def renew(
    connection: Connection,
    claimed: Claim,
    *,
    now: datetime,
    pages: int | None = None,
    items: int | None = None,
    counts: Mapping[Outcome, int] | None = None,
    life: timedelta = CLAIM_LIFE,
) -> None:
    """Show the claim, say how far the run is, and have the claim for `life` from now.

    Raises `ClaimLost` where the run was closed meanwhile: the transaction must be given up.
    """
    values: dict[str, Any] = {"claimed_until": now + life}
    if pages is not None:
        values["pages"] = pages
    if items is not None:
        values["items"] = items
    if counts is not None:
        values["counts"] = _dump_counts(counts)
    _change(connection, claimed, **values)


def finish(
    connection: Connection,
    claimed: Claim,
    *,
    state: RunState,
    pages: int | None = None,
    items: int | None = None,
    counts: Mapping[Outcome, int],
    sentence: str = "",
    about: int | None = None,
    now: datetime,
) -> None:
    """End the run and give the claim back; the values are those of `Run`.

    `pages` and `items` None stay as they were renewed last. Raises `ClaimLost`.
    """
    read = {"pages": pages, "items": items}
    _change(
        connection,
        claimed,
        state=state.value,
        **{name: count for name, count in read.items() if count is not None},
        counts=_dump_counts(counts),
        sentence=sentence,
        about=about,
        finished_at=now,
        claimed_until=now,
    )


def close_broken(connection: Connection, *, now: datetime, academy_id: int | None = None) -> int:
    """Close the runs whose claim has run out, of one academy or of all; return how many.

    Deliveries that they pulled are received again.
    """
    lost = [RunTable.claimed_until < now]
    if academy_id is not None:
        lost.append(RunTable.academy_id == academy_id)
    return _close(connection, lost, sentence=_KILLED, now=now)


def abandon(
    connection: Connection,
    academy_id: int,
    *,
    sentence: str,
    now: datetime,
    run_id: int | None = None,
) -> bool:
    """Close the academy's run that is under way, or just the one named; tell whether there was one.

    Whoever makes it notices with its next page. What it applied stays, and its deliveries are
    received again. `sentence` says why.
    """
    under_way = [RunTable.academy_id == academy_id]
    if run_id is not None:
        under_way.append(RunTable.id == run_id)
    return _close(connection, under_way, sentence=sentence, now=now) > 0


def _close(
    connection: Connection, which: list[ColumnElement[bool]], *, sentence: str, now: datetime
) -> int:
    closed = connection.execute(
        update(RunTable)
        .where(RunTable.state == RunState.RUNNING.value, *which)
        .values(state=RunState.BROKEN.value, sentence=sentence, finished_at=now, claimed_until=now)
        .returning(RunTable.academy_id, RunTable.id)
    ).all()
    for found in closed:
        connection.execute(
            update(DeliveryTable)
            .where(
                DeliveryTable.academy_id == found.academy_id,
                DeliveryTable.run_id == found.id,
                DeliveryTable.state == DeliveryState.RUNNING.value,
            )
            .values(state=DeliveryState.RECEIVED.value)
        )
    return len(closed)


def run(connection: Connection, academy_id: int, *, run_id: int) -> Run | None:
    """Return a run of the academy, or None."""
    query = select(RunTable).where(RunTable.academy_id == academy_id, RunTable.id == run_id)
    found = connection.execute(query).one_or_none()
    return None if found is None else _value(found)


def runs(
    connection: Connection,
    academy_id: int,
    *,
    states: Iterable[RunState] = tuple(RunState),
    limit: int = 50,
    offset: int = 0,
) -> list[Run]:
    """List runs in some states, the newest first."""
    query = (
        select(RunTable)
        .where(*_in_states(academy_id, states))
        .order_by(RunTable.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_value(found) for found in connection.execute(query)]


def count_runs(
    connection: Connection, academy_id: int, *, states: Iterable[RunState] = tuple(RunState)
) -> int:
    """Count what `runs` lists over all pages."""
    query = select(func.count()).select_from(RunTable).where(*_in_states(academy_id, states))
    return connection.execute(query).scalar_one()


def complete_since(
    connection: Connection, academy_id: int, *, kind: RunKind, since: datetime
) -> bool:
    """Tell whether a run of this kind that began since then has read the listing to its end."""
    query = select(RunTable.id).where(
        RunTable.academy_id == academy_id,
        RunTable.kind == kind.value,
        RunTable.state.not_in([RunState.RUNNING.value, RunState.BROKEN.value]),
        RunTable.started_at >= since,
    )
    return connection.execute(query.limit(1)).first() is not None


def is_lost(
    connection: Connection, academy_id: int, *, kind: RunKind, provider: str = OPENSESAME
) -> bool:
    """Tell whether the last run of a kind that ended broke off: with its worker, or the listing."""
    return bool(connection.execute(select(lost(academy_id, provider, kind))).scalar_one())


def lost(academy_id: Any, provider: Any, kind: RunKind) -> ColumnElement[bool]:
    """Return the condition that `is_lost` asks about, also for columns of another table."""
    last = (
        select(RunTable.state)
        .where(
            RunTable.academy_id == academy_id,
            RunTable.provider == provider,
            RunTable.kind == kind.value,
            RunTable.state != RunState.RUNNING.value,
        )
        .order_by(RunTable.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, "") == RunState.BROKEN.value


def settle(
    connection: Connection,
    academy_id: int,
    *,
    run_id: int,
    state: RunState,
    by: int | None,
    now: datetime,
) -> None:
    """End a run's waiting: confirmed, discarded or settled by itself.

    Raises `NothingToDecide` where it does not wait (any more).
    """
    changed = connection.execute(
        update(RunTable)
        .where(
            RunTable.academy_id == academy_id,
            RunTable.id == run_id,
            RunTable.state == RunState.WAITING.value,
        )
        .values(state=state.value, decided_by=by, decided_at=now)
    )
    if not changed.rowcount:
        raise NothingToDecide(run_id)


def close_doubt(connection: Connection, academy_id: int, *, run_id: int, now: datetime) -> None:
    """Note that a confirmed run was carried out, or that one waits for nothing any more.

    Who decided about it, and when, stays; what settled itself was settled now.
    """
    connection.execute(
        update(RunTable)
        .where(
            RunTable.academy_id == academy_id,
            RunTable.id == run_id,
            RunTable.state.in_([RunState.CONFIRMED.value, RunState.WAITING.value]),
        )
        .values(
            state=RunState.SETTLED.value,
            decided_at=func.coalesce(RunTable.decided_at, literal(now, Moment())),
        )
    )


def undoubted_since(connection: Connection, academy_id: int, *, run_id: int) -> bool:
    """Tell whether a whole listing raised no doubt after a run."""
    query = select(RunTable.id).where(
        RunTable.academy_id == academy_id,
        RunTable.id > run_id,
        RunTable.state == RunState.DONE.value,
        RunTable.kind != RunKind.ONE.value,
        RunTable.about.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def forget_quiet_polls(connection: Connection, academy_id: int, *, keep: int) -> None:
    """Drop the finished polls before `keep` that found nothing to do and nothing to tell.

    A poll every few minutes would else be a hundred thousand rows a year.
    """
    connection.execute(
        delete(RunTable).where(
            RunTable.academy_id == academy_id,
            RunTable.id < keep,
            RunTable.kind == RunKind.POLL.value,
            RunTable.state == RunState.DONE.value,
            ~select(EntryTable.number)
            .where(EntryTable.academy_id == RunTable.academy_id, EntryTable.run_id == RunTable.id)
            .exists(),
        )
    )


def lock_academy(connection: Connection, academy_id: int, *, provider: str = OPENSESAME) -> None:
    """Let what is done about an academy's items take turns until the transaction ends.

    On SQLite every writer is alone anyway. Raises `NotConnected`.
    """
    if not take_turn(connection, academy_id, provider=provider):
        raise NotConnected(academy_id)


def take_turn(connection: Connection, academy_id: int, *, provider: str = OPENSESAME) -> bool:
    """Do what `lock_academy` does; False where nobody ever activated the provider, so none syncs.

    Whoever brings a course takes it before looking for the same one: what a run has just written is
    seen then, and a run sees what was brought.
    """
    asked = {"academy_id": academy_id, "provider": provider}
    return connection.execute(_LOCK, asked).one_or_none() is not None


def _expected(connection: Connection, academy_id: int, provider: str) -> int:
    query = (
        select(RunTable.items)
        .where(
            RunTable.academy_id == academy_id,
            RunTable.provider == provider,
            RunTable.kind != RunKind.ONE.value,
            RunTable.state.in_([state.value for state in _COMPLETE]),
        )
        .order_by(RunTable.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or 0


def _change(connection: Connection, claimed: Claim, **values: Any) -> None:
    statement = (
        update(RunTable)
        .where(
            RunTable.academy_id == claimed.academy_id,
            RunTable.id == claimed.run_id,
            RunTable.owner == claimed.owner,
            RunTable.state == RunState.RUNNING.value,
        )
        .values(**values)
    )
    if not connection.execute(statement).rowcount:
        raise ClaimLost(claimed.run_id)


def _in_states(academy_id: int, states: Iterable[RunState]) -> list[ColumnElement[bool]]:
    return [
        RunTable.academy_id == academy_id,
        RunTable.state.in_([state.value for state in states]),
    ]


def _dump_counts(counts: Mapping[Outcome, int]) -> str:
    return json.dumps({outcome.value: number for outcome, number in counts.items() if number})


def _value(found: Row[Any]) -> Run:
    return Run(
        academy_id=found.academy_id,
        id=found.id,
        kind=RunKind(found.kind),
        state=RunState(found.state),
        key=found.key,
        by=found.by,
        about=found.about,
        claimed_until=found.claimed_until,
        started_at=found.started_at,
        finished_at=found.finished_at,
        pages=found.pages,
        items=found.items,
        expected=found.expected,
        counts={Outcome(name): number for name, number in json.loads(found.counts).items()},
        sentence=found.sentence,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
    )
