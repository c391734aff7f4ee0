"""The inbox: what the provider's pushes announced, and what became of each course they named.

Serves the webhook, the sync and the page of deliveries. A delivery is noted once, whatever is
repeated; the listing says what it amounts to. Takes a connection, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import NothingToDecide
from catalog.ids import new_id
from catalog.supply.model import OPENSESAME, Delivered, Delivery, DeliveryState, Outcome
from catalog.supply.schema import DeliveredTable, DeliveryTable


def receive(
    connection: Connection,
    academy_id: int,
    *,
    delivery_id: str,
    courses: Sequence[Delivered],
    now: datetime,
    provider: str = OPENSESAME,
) -> int | None:
    """Note a push and return its id here; None where this delivery id came before."""
    own_id = new_id(now)
    named = {course.key: course for course in courses}
    try:
        with connection.begin_nested():
            connection.execute(
                insert(DeliveryTable).values(
                    academy_id=academy_id,
                    id=own_id,
                    provider=provider,
                    delivery_id=delivery_id,
                    state=DeliveryState.RECEIVED.value,
                    received_at=now,
                    course_count=len(named),
                )
            )
    except IntegrityError:
        return None
    if named:
        rows = [
            {
                "academy_id": academy_id,
                "delivery": own_id,
                "key": course.key,
                "licence_type": course.licence_type,
            }
            for course in named.values()
        ]
        connection.execute(insert(DeliveredTable), rows)
    return own_id


def take_up(connection: Connection, academy_id: int, *, run_id: int) -> list[int]:
    """Give the academy's received deliveries to a run; return their ids.

    Those whose run failed are tried again with it. One that comes while the run reads the listing
    is for the next run.
    """
    taken = connection.execute(
        update(DeliveryTable)
        .where(
            DeliveryTable.academy_id == academy_id,
            DeliveryTable.state.in_([DeliveryState.RECEIVED.value, DeliveryState.FAILED.value]),
        )
        .values(state=DeliveryState.RUNNING.value, run_id=run_id, sentence="")
        .returning(DeliveryTable.id)
    )
    return sorted(taken.scalars())


def is_waiting(connection: Connection, academy_id: int) -> bool:
    """Tell whether a delivery of the academy has been received and not taken up yet."""
    query = select(DeliveryTable.id).where(
        DeliveryTable.academy_id == academy_id,
        DeliveryTable.state == DeliveryState.RECEIVED.value,
    )
    return connection.execute(query.limit(1)).first() is not None


def keys_of(connection: Connection, academy_id: int, *, run_id: int) -> set[str]:
    """Return the courses that the deliveries of a run name."""
    query = (
        select(DeliveredTable.key)
        .join(
            DeliveryTable,
            (DeliveryTable.academy_id == DeliveredTable.academy_id)
            & (DeliveryTable.id == DeliveredTable.delivery),
        )
        .where(DeliveryTable.academy_id == academy_id, DeliveryTable.run_id == run_id)
    )
    return set(connection.execute(query).scalars())


def report(
    connection: Connection, academy_id: int, *, run_id: int, became: Mapping[str, Delivered]
) -> None:
    """Note what became of delivered courses, by key, in all deliveries of a run."""
    own = select(DeliveryTable.id).where(
        DeliveryTable.academy_id == academy_id, DeliveryTable.run_id == run_id
    )
    for key, course in became.items():
        connection.execute(
            update(DeliveredTable)
            .where(
                DeliveredTable.academy_id == academy_id,
                DeliveredTable.delivery.in_(own),
                DeliveredTable.key == key,
            )
            .values(
                outcome=course.outcome.value if course.outcome else "",
                course_id=course.course_id,
                title=course.title,
                kind=course.kind,
                matched_id=course.matched_id,
                reason=course.reason,
            )
        )


def finish(
    connection: Connection,
    academy_id: int,
    *,
    run_id: int,
    failure: str | None = None,
    now: datetime,
) -> None:
    """Close the deliveries of a run: done, or failed with a sentence that says why."""
    state = DeliveryState.DONE if failure is None else DeliveryState.FAILED
    connection.execute(
        update(DeliveryTable)
        .where(
            DeliveryTable.academy_id == academy_id,
            DeliveryTable.run_id == run_id,
            DeliveryTable.state == DeliveryState.RUNNING.value,
        )
        .values(state=state.value, sentence=failure or "", finished_at=now)
    )


def retry(connection: Connection, academy_id: int, *, delivery: int) -> None:
    """Put a finished delivery into the inbox again: *try again*.

    Raises `NothingToDecide` where there is none or it is on its way.
    """
    changed = connection.execute(
        update(DeliveryTable)
        .where(
            DeliveryTable.academy_id == academy_id,
            DeliveryTable.id == delivery,
            DeliveryTable.state.in_([DeliveryState.DONE.value, DeliveryState.FAILED.value]),
        )
        .values(state=DeliveryState.RECEIVED.value, finished_at=None, sentence="")
    )
    if not changed.rowcount:
        raise NothingToDecide(delivery)


def delivery(connection: Connection, academy_id: int, *, delivery: int) -> Delivery | None:
    """Return a delivery of the academy, or None."""
    query = select(DeliveryTable).where(
        DeliveryTable.academy_id == academy_id, DeliveryTable.id == delivery
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else _value(found)


def deliveries(
    connection: Connection, academy_id: int, *, limit: int = 50, offset: int = 0
) -> list[Delivery]:
    """List deliveries, the newest first."""
    query = (
        select(DeliveryTable)
        .where(DeliveryTable.academy_id == academy_id)
        .order_by(DeliveryTable.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_value(found) for found in connection.execute(query)]


def count_deliveries(connection: Connection, academy_id: int) -> int:
    """Count what `deliveries` lists over all pages."""
    query = select(func.count()).where(DeliveryTable.academy_id == academy_id)
    return connection.execute(query).scalar_one()


def delivered(
    connection: Connection,
    academy_id: int,
    *,
    delivery: int,
    outcome: Outcome | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Delivered]:
    """List the courses that a delivery named, by title: all of them, or of one outcome."""
    query = (
        select(DeliveredTable)
        .where(DeliveredTable.academy_id == academy_id, DeliveredTable.delivery == delivery)
        .order_by(DeliveredTable.title, DeliveredTable.key)
        .limit(limit)
        .offset(offset)
    )
    if outcome is not None:
        query = query.where(DeliveredTable.outcome == outcome.value)
    return [_delivered(found) for found in connection.execute(query)]


def count_outcomes(
    connection: Connection, academy_id: int, *, deliveries: Sequence[int]
) -> dict[int, dict[Outcome | None, int]]:
    """Count the courses of each delivery by what became of them; None counts those not reached.

    A delivery that named no course is left out.
    """
    query = (
        select(DeliveredTable.delivery, DeliveredTable.outcome, func.count())
        .where(DeliveredTable.academy_id == academy_id, DeliveredTable.delivery.in_(deliveries))
        .group_by(DeliveredTable.delivery, DeliveredTable.outcome)
    )
    counts: dict[int, dict[Outcome | None, int]] = {}
    for own_id, outcome, number in connection.execute(query):
        counts.setdefault(own_id, {})[Outcome(outcome) if outcome else None] = number
    return counts


def _value(found: Row[Any]) -> Delivery:
    return Delivery(
        academy_id=found.academy_id,
        id=found.id,
        delivery_id=found.delivery_id,
        state=DeliveryState(found.state),
        received_at=found.received_at,
        finished_at=found.finished_at,
        run_id=found.run_id,
        course_count=found.course_count,
        sentence=found.sentence,
    )


def _delivered(found: Row[Any]) -> Delivered:
    return Delivered(
        key=found.key,
        licence_type=found.licence_type,
        outcome=Outcome(found.outcome) if found.outcome else None,
        course_id=found.course_id,
        title=found.title,
        kind=found.kind,
        matched_id=found.matched_id,
        reason=found.reason,
    )
