"""What is kept of a learner's conversations, taken out: for those that were only a trial.

Serves the hall. Takes a connection inside a transaction and an academy, and never commits. Session
ids of what is gone are unknown afterwards, like any that never was.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from hacp.schema import (
    AttemptRow,
    ExchangeRow,
    HeldRow,
    PreferenceRow,
    RecordRow,
    SessionRow,
    StatusRow,
)

# What hangs on an attempt, before the attempt itself.
_OF_AN_ATTEMPT = (HeldRow, RecordRow, StatusRow, SessionRow, ExchangeRow)


def forget(connection: Connection, academy_id: int, *, learner_id: int) -> int:
    """Take out all attempts of a learner with everything in them; return how many there were."""
    attempts = list(
        connection.scalars(
            select(AttemptRow.id).where(
                AttemptRow.academy_id == academy_id, AttemptRow.learner_id == learner_id
            )
        )
    )
    for table in _OF_AN_ATTEMPT:
        connection.execute(
            delete(table).where(table.academy_id == academy_id, table.attempt_id.in_(attempts))
        )
    for learners in (AttemptRow, PreferenceRow):
        connection.execute(
            delete(learners).where(
                learners.academy_id == academy_id, learners.learner_id == learner_id
            )
        )
    return len(attempts)
