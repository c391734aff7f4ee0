"""What was said beside a result, kept and read: records, steps of the status, preferences.

Serves the endpoint and, through `store`, the hall. As in `store`, every function takes a connection
inside a transaction and an academy, returns values and never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hacp.documents import (
    KINDS,
    digest_of,
    dump_preferences,
    dump_record,
    kind_of,
    parse_preferences,
)
from hacp.model import Attempt
from hacp.prepared import Prepared
from hacp.records import (
    Achievement,
    Comment,
    Interaction,
    Kept,
    Performance,
    Record,
    StatusChange,
    T,
    Try,
    Visit,
)
from hacp.rows import change_columns, change_of, kept_of, micros
from hacp.statements import (
    ADD_PREFERENCES,
    ADD_RECORD,
    ADD_STATUS,
    CHANGE_PREFERENCES,
    KNOWN_DIGESTS,
    PREFERENCES,
    PREFERRED_BY,
    RECORDS,
    STATUSES,
)

# The roll-up of an attempt that is over asks it.
_STATUSES = Prepared(STATUSES)


def keep_records(
    connection: Connection,
    attempt: Attempt,
    records: Sequence[Record],
    *,
    exchange_id: int,
    now: datetime,
) -> None:
    """Keep what one exchange brought, except what an earlier one has brought already.

    The attempt's row is locked, so nobody else adds to it between the look and the writing.
    """
    digests = [digest_of(record) for record in records]
    wanted = [digest for digest in digests if digest is not None]
    key = {"academy": attempt.academy_id, "attempt": attempt.id, "digests": wanted}
    known = set(connection.scalars(KNOWN_DIGESTS, key)) if wanted else set()
    fresh = []
    for place, (record, digest) in enumerate(zip(records, digests, strict=True)):
        if digest is not None and digest in known:
            continue
        known.add(digest)
        fresh.append(
            {
                "academy_id": attempt.academy_id,
                "attempt_id": attempt.id,
                "exchange_id": exchange_id,
                "place": place,
                "at": micros(now),
                "kind": kind_of(record),
                "digest": digest,
                "document": dump_record(record),
            }
        )
    if fresh:
        connection.execute(ADD_RECORD, fresh)


def keep_step(connection: Connection, attempt: Attempt, step: StatusChange) -> None:
    """Keep one step of an attempt's status."""
    key = {"academy_id": attempt.academy_id, "attempt_id": attempt.id}
    connection.execute(ADD_STATUS, {**key, **change_columns(step)})


def keep_preferences(
    connection: Connection,
    attempt: Attempt,
    preferences: tuple[tuple[str, str], ...],
    *,
    exchange_id: int,
    now: datetime,
) -> None:
    """Write what a learner prefers; of two that write at once the last one stays."""
    said = {
        "exchange_id": exchange_id,
        "changed_at": micros(now),
        "document": dump_preferences(preferences),
    }
    here = {"b_academy": attempt.academy_id, "b_learner": attempt.learner_id, **said}
    if connection.execute(CHANGE_PREFERENCES, here).rowcount:
        return
    fresh = {"academy_id": attempt.academy_id, "learner_id": attempt.learner_id, **said}
    try:
        with connection.begin_nested():
            connection.execute(ADD_PREFERENCES, fresh)
    except IntegrityError:
        connection.execute(CHANGE_PREFERENCES, here)


def preferences_of(
    connection: Connection, academy_id: int, *, learner_id: int
) -> tuple[tuple[str, str], ...]:
    """Return what a learner prefers in this academy, by name; see CMI001, student_preferences."""
    key = {"academy": academy_id, "learner": learner_id}
    return parse_preferences(connection.scalar(PREFERENCES, key))


@dataclass(frozen=True, slots=True)
class Preferred:
    """What a learner prefers, and the exchange that said so last; 0 where none has."""

    names: tuple[tuple[str, str], ...] = ()
    exchange_id: int = 0


def preferred_by(
    connection: Connection, academy_id: int, *, learner_ids: Collection[int]
) -> dict[int, Preferred]:
    """Return what some learners prefer, by learner; who never said anything is left out."""
    key = {"academy": academy_id, "learners": list(learner_ids)}
    return {
        row.learner_id: Preferred(parse_preferences(row.document), row.exchange_id)
        for row in connection.execute(PREFERRED_BY, key)
    }


def statuses_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[StatusChange]:
    """Return every step of an attempt's status, the oldest first."""
    key = {"academy": academy_id, "attempt": attempt_id}
    return [change_of(row) for row in _STATUSES.rows(connection, key)]


def comments_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Kept[Comment]]:
    """Return an attempt's comments, the oldest first; what was sent again stands once."""
    return _records_of(connection, academy_id, attempt_id, Comment)


def interactions_of(
    connection: Connection, academy_id: int, *, attempt_id: int
) -> list[Kept[Interaction]]:
    """Return an attempt's answers to questions, the oldest first."""
    return _records_of(connection, academy_id, attempt_id, Interaction)


def objectives_of(
    connection: Connection, academy_id: int, *, attempt_id: int
) -> list[Kept[Achievement]]:
    """Return what was said of objectives, the oldest first; `Attempt.objectives` is the sum."""
    return _records_of(connection, academy_id, attempt_id, Achievement)


def path_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Kept[Visit]]:
    """Return the elements that the learner came by, the oldest first."""
    return _records_of(connection, academy_id, attempt_id, Visit)


def performance_of(
    connection: Connection, academy_id: int, *, attempt_id: int
) -> list[Kept[Performance]]:
    """Return the rows of vendors' own tables, the oldest first."""
    return _records_of(connection, academy_id, attempt_id, Performance)


def tries_of(connection: Connection, academy_id: int, *, attempt_id: int) -> list[Kept[Try]]:
    """Return the tries within an attempt, the oldest first."""
    return _records_of(connection, academy_id, attempt_id, Try)


def _records_of(
    connection: Connection, academy_id: int, attempt_id: int, wanted: type[T]
) -> list[Kept[T]]:
    kind = next(name for name, kind in KINDS.items() if kind is wanted)
    key = {"academy": academy_id, "attempt": attempt_id, "kind": kind}
    return [cast("Kept[T]", kept_of(row)) for row in connection.execute(RECORDS, key)]
