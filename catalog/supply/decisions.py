"""Duplicates and what was decided about them: the queue of *ask me*, and the audit trail.

Serves the sync, uploads, the page of decisions and whoever asks later why two courses are one. Says
nothing about courses themselves. Takes a connection, never commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from catalog.errors import NothingToDecide
from catalog.ids import new_id
from catalog.supply.model import Decision, DecisionState, DuplicatePolicy, Origin, Question
from catalog.supply.schema import DecisionTable


def ask(
    connection: Connection,
    academy_id: int,
    question: Question,
    *,
    run_id: int | None,
    now: datetime,
) -> int:
    """Put a question into the queue, or renew the one about the same item; return its id."""
    values = {**_question_values(question), "run_id": run_id}
    if question.provider is not None:
        renewed = connection.execute(
            update(DecisionTable)
            .where(
                DecisionTable.academy_id == academy_id,
                DecisionTable.provider == question.provider,
                DecisionTable.key == question.key,
                DecisionTable.state == DecisionState.PENDING.value,
            )
            .values(values)
            .returning(DecisionTable.id)
        ).scalar_one_or_none()
        if renewed is not None:
            return renewed
    decision_id = new_id(now)
    connection.execute(
        insert(DecisionTable).values(
            academy_id=academy_id,
            id=decision_id,
            state=DecisionState.PENDING.value,
            made_at=now,
            **values,
        )
    )
    return decision_id


def record(
    connection: Connection,
    academy_id: int,
    question: Question,
    *,
    choice: DuplicatePolicy,
    course_id: int | None,
    by: int | None,
    policy: DuplicatePolicy | None,
    run_id: int | None = None,
    now: datetime,
) -> int:
    """Keep a decision that was made at once: by a setting, or by a person at an upload."""
    decision_id = new_id(now)
    connection.execute(
        insert(DecisionTable).values(
            academy_id=academy_id,
            id=decision_id,
            state=DecisionState.DECIDED.value,
            choice=choice.value,
            course_id=course_id,
            by=by,
            policy=policy.value if policy else "",
            run_id=run_id,
            made_at=now,
            decided_at=now,
            **_question_values(question),
        )
    )
    return decision_id


def decide(
    connection: Connection,
    academy_id: int,
    *,
    decision_id: int,
    choice: DuplicatePolicy,
    course_id: int | None,
    by: int | None,
    now: datetime,
) -> None:
    """Write an answer down. `provided_courses.settle` does what it means, and calls this.

    Raises `NothingToDecide` where it was answered already, or there is no such question.
    """
    changed = connection.execute(
        update(DecisionTable)
        .where(
            DecisionTable.academy_id == academy_id,
            DecisionTable.id == decision_id,
            DecisionTable.state == DecisionState.PENDING.value,
        )
        .values(
            state=DecisionState.DECIDED.value,
            choice=choice.value,
            course_id=course_id,
            by=by,
            decided_at=now,
        )
    )
    if not changed.rowcount:
        raise NothingToDecide(decision_id)


def withdraw(
    connection: Connection, academy_id: int, *, provider: str, keys: Iterable[str]
) -> None:
    """Take back questions that have settled themselves, such as those of items that went away."""
    connection.execute(
        update(DecisionTable)
        .where(
            DecisionTable.academy_id == academy_id,
            DecisionTable.provider == provider,
            DecisionTable.key.in_(list(keys)),
            DecisionTable.state == DecisionState.PENDING.value,
        )
        .values(state=DecisionState.WITHDRAWN.value)
    )


def give_up(connection: Connection, *, before: datetime) -> list[str]:
    """Withdraw uploads that nobody decided about since before a time; return the keys to them."""
    gone = connection.execute(
        update(DecisionTable)
        .where(
            DecisionTable.origin == Origin.UPLOAD.value,
            DecisionTable.state == DecisionState.PENDING.value,
            DecisionTable.made_at < before,
        )
        .values(state=DecisionState.WITHDRAWN.value)
        .returning(DecisionTable.key)
    )
    return list(gone.scalars())


def decision(connection: Connection, academy_id: int, *, decision_id: int) -> Decision | None:
    """Return a question of the academy with its answer, or None."""
    query = select(DecisionTable).where(
        DecisionTable.academy_id == academy_id, DecisionTable.id == decision_id
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else _value(found)


def decisions(
    connection: Connection,
    academy_id: int,
    *,
    state: DecisionState,
    limit: int = 50,
    offset: int = 0,
) -> list[Decision]:
    """List questions: those that wait, the oldest first, or the trail, the newest first."""
    order = DecisionTable.id if state is DecisionState.PENDING else DecisionTable.id.desc()
    query = select(DecisionTable).where(*_in_state(academy_id, state))
    query = query.order_by(order).limit(limit).offset(offset)
    return [_value(found) for found in connection.execute(query)]


def count_decisions(connection: Connection, academy_id: int, *, state: DecisionState) -> int:
    """Count what `decisions` lists over all pages: the badge."""
    query = select(func.count()).select_from(DecisionTable).where(*_in_state(academy_id, state))
    return connection.execute(query).scalar_one()


def trail(
    connection: Connection, academy_id: int, *, course_id: int = 0, key: str = ""
) -> list[Decision]:
    """Return what was decided about a course or an item, the newest first: why it is as it is."""
    query = (
        select(DecisionTable)
        .where(
            DecisionTable.academy_id == academy_id,
            or_(
                (DecisionTable.course_id == course_id) & (DecisionTable.course_id > 0),
                (DecisionTable.key == key) & (DecisionTable.key != ""),
            ),
        )
        .order_by(DecisionTable.id.desc())
    )
    return [_value(found) for found in connection.execute(query)]


def _in_state(academy_id: int, state: DecisionState) -> list[ColumnElement[bool]]:
    return [DecisionTable.academy_id == academy_id, DecisionTable.state == state.value]


def _question_values(question: Question) -> dict[str, Any]:
    return {
        "provider": question.provider,
        "key": question.key,
        "title": question.title,
        "document": question.document,
        "origin": question.origin.value,
        "kind": question.kind,
        "certain": question.certain,
        "matched": json.dumps(question.matched),
        "reason": question.reason,
    }


def _value(found: Row[Any]) -> Decision:
    return Decision(
        academy_id=found.academy_id,
        id=found.id,
        question=Question(
            provider=found.provider,
            key=found.key,
            title=found.title,
            document=found.document,
            origin=Origin(found.origin),
            kind=found.kind,
            certain=found.certain,
            matched=tuple(json.loads(found.matched)),
            reason=found.reason,
        ),
        state=DecisionState(found.state),
        choice=DuplicatePolicy(found.choice) if found.choice else None,
        course_id=found.course_id,
        by=found.by,
        policy=DuplicatePolicy(found.policy) if found.policy else None,
        run_id=found.run_id,
        made_at=found.made_at,
        decided_at=found.decided_at,
    )
