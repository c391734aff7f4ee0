"""An uploaded package that carries the id of a course of OpenSesame's: it becomes that course.

Serves uploads, decisions on them and `hacp import`, in the transaction that takes the package in.
Links only with an item that has no course yet; what has one is a duplicate, and is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from catalog import versions
from catalog.duplicates import MarkKind, marks_of_course
from catalog.intake import Accepted
from catalog.model import Course
from catalog.provider.provided import Item, dump_item, item_hash
from catalog.supply import connections, decisions, items
from catalog.supply.model import OPENSESAME, DuplicatePolicy, Origin, Question
from catalog.sync import provided_courses


def link_accepted(
    connection: Connection, academy_id: int, accepted: Sequence[Accepted], *, now: datetime
) -> list[int]:
    """Link the courses of a package that carry a known id; return those that were linked.

    Nothing is linked where the academy is not connected. The caller has its turn with the academy's
    items (`runs.take_turn`, which `intake.accept` has taken).
    """
    present = connections.connection_of(connection, academy_id)
    if present is None or not present.ready:
        return []
    ids = [one.course_id for one in accepted if not one.duplicate]
    found = versions.structures(connection, academy_id, course_ids=ids)
    return [
        number
        for number in ids
        if number in found and _link(connection, academy_id, number, found[number].course, now=now)
    ]


def _link(
    connection: Connection, academy_id: int, course_id: int, course: Course, *, now: datetime
) -> bool:
    if items.provided(connection, academy_id, course_id=course_id) is not None:
        return False
    item = _meant(connection, academy_id, course)
    if item is None:
        return False
    change = provided_courses.Change(course_id, item, item_hash(item))
    provided_courses.change(connection, academy_id, [change], now=now)
    decisions.withdraw(connection, academy_id, provider=OPENSESAME, keys=[item.key])
    decisions.record(
        connection,
        academy_id,
        _question(item, course_id),
        choice=DuplicatePolicy.UPDATE,
        course_id=course_id,
        by=None,
        policy=None,
        now=now,
    )
    return True


def _meant(connection: Connection, academy_id: int, course: Course) -> Item | None:
    """Return the item whose id the course carries; None where it is none, or more than one.

    The Course_ID says it before what else looks like an id: addresses name customers and licences
    too.
    """
    marks = marks_of_course(course)
    for carried in (marks.own_guids, marks.guids):
        known = items.stored(connection, academy_id, sorted(carried))
        if known:
            free = [key for key, one in known.items() if one.course_id is None]
            return _only(items.documents(connection, academy_id, free).values())
    return None


def _only(found: Iterable[Item]) -> Item | None:
    several = list(found)
    return several[0] if len(several) == 1 else None


def _question(item: Item, course_id: int) -> Question:
    return Question(
        provider=OPENSESAME,
        key=item.key,
        title=item.title,
        document=dump_item(item),
        origin=Origin.UPLOAD,
        kind=MarkKind.GUID.value,
        certain=True,
        matched=(course_id,),
        reason=f"The uploaded package carries the OpenSesame id {item.key}.",
    )
