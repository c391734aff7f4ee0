"""What an admin decided about a duplicate of the listing: the item becomes what was chosen.

Serves the page of decisions. Uploads decide at their own door; this is about what a sync asked.
Takes a connection, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from catalog import marks, store
from catalog.errors import DecisionRefused, NothingToDecide
from catalog.provider.provided import Item, item_hash, parse_item_document
from catalog.supply import decisions, items, runs
from catalog.supply.model import (
    Decision,
    DecisionState,
    DuplicatePolicy,
    ItemState,
    Origin,
)
from catalog.sync import provided_courses


def settle(
    connection: Connection,
    academy_id: int,
    *,
    decision_id: int,
    choice: DuplicatePolicy,
    target: int | None = None,
    by: int | None,
    now: datetime,
) -> int | None:
    """Carry a decision out and write it down; return the course that the item is now, or None.

    *Update* links the item with `target`, one of the courses that matched (the first of them by
    itself); *keep* makes a course beside them, or, where its package has to be downloaded, lets the
    next run do so; *skip* leaves the item alone from now on. Raises `NothingToDecide` where the
    question is answered or gone, `DecisionRefused` where the choice cannot be.
    """
    # A run that is under way judges the same item; the two take turns.
    runs.lock_academy(connection, academy_id)
    asked = decisions.decision(connection, academy_id, decision_id=decision_id)
    if asked is None or asked.state is not DecisionState.PENDING:
        raise NothingToDecide(decision_id)
    if asked.question.origin is not Origin.SYNC or choice is DuplicatePolicy.ASK:
        raise DecisionRefused("This cannot be decided so.")
    item = parse_item_document(asked.question.document)
    course_id: int | None = None
    if choice is DuplicatePolicy.UPDATE:
        course_id = _link(connection, academy_id, item, _target(asked, target), now=now)
    elif choice is DuplicatePolicy.KEEP:
        course_id = _add_beside(connection, academy_id, asked, item, now=now)
    else:
        items.set_state(connection, academy_id, key=item.key, state=ItemState.DECLINED)
    decisions.decide(
        connection,
        academy_id,
        decision_id=decision_id,
        choice=choice,
        course_id=course_id,
        by=by,
        now=now,
    )
    return course_id


def reopen(connection: Connection, academy_id: int, *, key: str) -> None:
    """Let the next run judge a skipped item as if it were new.

    Raises `NothingToDecide` where the item has a course, or is not known.
    """
    runs.lock_academy(connection, academy_id)
    stored = items.stored(connection, academy_id, [key]).get(key)
    if stored is None or stored.course_id is not None:
        raise NothingToDecide(key)
    items.forget(connection, academy_id, [key])


def _target(asked: Decision, target: int | None) -> int:
    matched: Sequence[int] = asked.question.matched
    if target is None:
        return matched[0]
    if target not in matched:
        raise DecisionRefused(f"Course {target} is none of those that matched.")
    return target


def _link(
    connection: Connection, academy_id: int, item: Item, course_id: int, *, now: datetime
) -> int:
    if not store.courses_by_ids(connection, academy_id, ids=[course_id]):
        raise DecisionRefused(f"There is no course {course_id} any more.")
    linked = items.provided(connection, academy_id, course_id=course_id)
    if linked is not None:
        raise DecisionRefused(f"Course {course_id} is another course of OpenSesame by now.")
    change = provided_courses.Change(course_id, item, item_hash(item))
    provided_courses.change(connection, academy_id, [change], now=now)
    return course_id


def _add_beside(
    connection: Connection, academy_id: int, asked: Decision, item: Item, *, now: datetime
) -> int | None:
    if not item.launch_url:
        items.set_state(connection, academy_id, key=item.key, state=ItemState.ACCEPTED)
        return None
    new = [(item, item_hash(item))]
    (course_id,) = provided_courses.add(connection, academy_id, new, replaces=[item.key], now=now)
    marks.link_twins(
        connection,
        academy_id,
        course_id=course_id,
        others=asked.question.matched,
        kind=asked.question.kind,
        reason=asked.question.reason,
        now=now,
    )
    return course_id
