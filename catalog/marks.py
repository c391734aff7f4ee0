"""What courses are known by, kept where it can be looked up, and the duplicates found by it.

Serves the sync, the upload's question and `hacp duplicates`; `duplicates` says what a mark is and
what equal ones mean. Takes a connection, never commits.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select
from sqlalchemy.orm import aliased

from catalog.bulk import NewRows
from catalog.document import parse_document
from catalog.duplicates import MarkKind, Marks, Verdict, marks_of_course, verdict
from catalog.errors import quote_value
from catalog.model import Course
from catalog.schema import CourseTable, MarkTable, StructureTable, TwinTable
from catalog.supply.schema import ItemTable

# 128 bits of a hash: no two marks meet by chance.
_MARK_LENGTH = 32
# Among more courses of one mark than these nobody looks for the one that is meant.
MOST_CANDIDATES = 100
_AT_ONCE = 500

_NEW_MARKS = NewRows(MarkTable.__table__, "academy_id", "kind", "mark", "course_id")


@dataclass(frozen=True, slots=True)
class Twin:
    """Another course that is kept beside this one though it matches."""

    course_id: int
    title: str
    kind: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two courses of the catalog that match. `twins` says that they are kept so on purpose."""

    course_id: int
    other_id: int
    verdict: Verdict
    twins: bool


def put(
    connection: Connection, academy_id: int, marked: Mapping[int, Marks], *, fresh: bool
) -> None:
    """Note what courses are known by, instead of what was noted before.

    `fresh` says that nothing was, which saves a look.
    """
    if not marked:
        return
    if not fresh:
        connection.execute(
            delete(MarkTable).where(
                MarkTable.academy_id == academy_id, MarkTable.course_id.in_(list(marked))
            )
        )
    _NEW_MARKS.add(
        connection,
        (
            (academy_id, kind.value, mark, course_id)
            for course_id, marks in marked.items()
            for kind, mark in _pairs(marks)
        ),
    )


def marks_to_keep(
    course: Course, publisher: str = "", languages: Sequence[str] = (), *, key: str = ""
) -> Marks:
    """Mark a course so that it is found whatever hosts the installation expects courses at.

    Whether an address counts is judged when somebody asks.
    """
    # With a key every address counts, and nobody needs to know its host.
    told = () if key else (urlsplit(unit.file_name).hostname for unit in course.units)
    own = sorted({host for host in told if host})
    return marks_of_course(course, publisher, languages, key=key, hosts=own)


def match(
    connection: Connection,
    academy_id: int,
    asked: Sequence[Marks],
    *,
    hosts: Sequence[str],
    linked: bool,
) -> list[Verdict | None]:
    """Say for each of some marks which course of the academy is the same one.

    `linked` takes in courses that are linked with the provider: a course of its listing is never
    one of them but by its id, an uploaded one may be. `hosts` are where the provider launches.
    """
    if not asked:
        return []
    pairs = [set(_pairs(marks)) for marks in asked]
    found = _candidates(connection, academy_id, set().union(*pairs), linked=linked)
    ids = [
        sorted({number for pair in own for number in found.get(pair, ())})[:MOST_CANDIDATES]
        for own in pairs
    ]
    known = _marks_of(connection, academy_id, {one for few in ids for one in few}, hosts)
    return [
        verdict(marks, {number: known[number] for number in few if number in known})
        for marks, few in zip(asked, ids, strict=True)
    ]


def has_uploaded(connection: Connection, academy_id: int) -> bool:
    """Tell whether the academy has any course that is not linked with a provider.

    Where it has none, `match` finds nothing but those, and need not be asked.
    """
    query = select(CourseTable.id).where(
        CourseTable.academy_id == academy_id, CourseTable.provider.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def marks_of(
    connection: Connection, academy_id: int, *, course_id: int, hosts: Sequence[str]
) -> Marks | None:
    """Return what a course of the academy is known by, or None where there is none."""
    return _marks_of(connection, academy_id, {course_id}, hosts).get(course_id)


def pairs(connection: Connection, academy_id: int, *, hosts: Sequence[str]) -> Iterator[Pair]:
    """Yield the pairs of courses in the catalog that match, each once, by the later course.

    Of courses that share a mark with more than `MOST_CANDIDATES` others, so many are compared.
    """
    twins = {
        (found.course_id, found.twin_id)
        for found in connection.execute(
            select(TwinTable.course_id, TwinTable.twin_id).where(TwinTable.academy_id == academy_id)
        )
    }
    candidates = _suspects(connection, academy_id)
    for later in sorted(candidates):
        earlier = sorted(candidates[later])[:MOST_CANDIDATES]
        known = _marks_of(connection, academy_id, {later, *earlier}, hosts)
        own = known.pop(later, None)
        found = verdict(own, known) if own is not None else None
        if found is not None:
            for other in found.course_ids:
                yield Pair(later, other, found, twins=(other, later) in twins)


def link_twins(
    connection: Connection,
    academy_id: int,
    *,
    course_id: int,
    others: Iterable[int],
    kind: str,
    reason: str,
    now: datetime,
) -> None:
    """Note that courses are kept side by side though they match, and why they do."""
    known = {twin.course_id for twin in twins_of(connection, academy_id, course_id=course_id)}
    rows = [
        {
            "academy_id": academy_id,
            "course_id": min(course_id, other),
            "twin_id": max(course_id, other),
            "kind": kind,
            "reason": reason,
            "at": now,
        }
        for other in dict.fromkeys(others)
        if other != course_id and other not in known
    ]
    if rows:
        connection.execute(insert(TwinTable), rows)


def twins_of(connection: Connection, academy_id: int, *, course_id: int) -> list[Twin]:
    """Return the courses that are kept beside a course though they match."""
    other = aliased(CourseTable)
    query = (
        select(other.id, other.title, TwinTable.kind, TwinTable.reason, TwinTable.at)
        .join(
            other,
            or_(
                (TwinTable.course_id == course_id) & (other.id == TwinTable.twin_id),
                (TwinTable.twin_id == course_id) & (other.id == TwinTable.course_id),
            ),
        )
        .where(
            TwinTable.academy_id == academy_id,
            or_(TwinTable.course_id == course_id, TwinTable.twin_id == course_id),
        )
        .order_by(other.id)
    )
    return [Twin(*found) for found in connection.execute(query)]


def with_twins(
    connection: Connection, academy_id: int, course_ids: Collection[int]
) -> frozenset[int]:
    """Return which of some courses have a twin, for lists to tell them apart."""
    query = select(TwinTable.course_id, TwinTable.twin_id).where(
        TwinTable.academy_id == academy_id,
        or_(TwinTable.course_id.in_(course_ids), TwinTable.twin_id.in_(course_ids)),
    )
    found = {number for row in connection.execute(query) for number in row}
    return frozenset(found.intersection(course_ids))


def names_of(connection: Connection, academy_id: int, course_ids: Collection[int]) -> str:
    """Name courses in a sentence: `course 7, "Safety"`."""
    query = (
        select(CourseTable.id, CourseTable.title)
        .where(CourseTable.academy_id == academy_id, CourseTable.id.in_(list(course_ids)))
        .order_by(CourseTable.id)
    )
    named = [
        f"course {found.id}, {quote_value(found.title)}" for found in connection.execute(query)
    ]
    return "; ".join(named)


def _pairs(marks: Marks) -> list[tuple[MarkKind, str]]:
    return [(kind, mark[:_MARK_LENGTH]) for kind, mark in marks.pairs()]


def _candidates(
    connection: Connection,
    academy_id: int,
    wanted: Collection[tuple[MarkKind, str]],
    *,
    linked: bool,
) -> dict[tuple[MarkKind, str], list[int]]:
    """Return the courses that have a mark, by the mark: one look-up for all of them."""
    found: dict[tuple[MarkKind, str], list[int]] = {}
    marks = sorted({mark for _, mark in wanted})
    for at in range(0, len(marks), _AT_ONCE):
        query = select(MarkTable.kind, MarkTable.mark, MarkTable.course_id).where(
            MarkTable.academy_id == academy_id,
            MarkTable.kind.in_([kind.value for kind in MarkKind]),
            MarkTable.mark.in_(marks[at : at + _AT_ONCE]),
        )
        if not linked:
            query = query.where(~_is_linked())
        for kind, mark, course_id in connection.execute(query):
            found.setdefault((MarkKind(kind), mark), []).append(course_id)
    return found


def _is_linked() -> ColumnElement[bool]:
    return (
        select(ItemTable.course_id)
        .where(
            ItemTable.academy_id == MarkTable.academy_id,
            ItemTable.course_id == MarkTable.course_id,
        )
        .exists()
    )


def _marks_of(
    connection: Connection, academy_id: int, ids: Collection[int], hosts: Sequence[str]
) -> dict[int, Marks]:
    if not ids:
        return {}
    newest = (
        select(StructureTable.course_id, func.max(StructureTable.version).label("version"))
        .where(StructureTable.course_id.in_(list(ids)))
        .group_by(StructureTable.course_id)
        .subquery()
    )
    query = (
        select(
            CourseTable.id,
            CourseTable.publisher,
            CourseTable.languages,
            StructureTable.document,
            ItemTable.key,
        )
        .join(newest, newest.c.course_id == CourseTable.id)
        .join(
            StructureTable,
            (StructureTable.course_id == CourseTable.id)
            & (StructureTable.version == newest.c.version),
        )
        .outerjoin(
            ItemTable,
            (ItemTable.academy_id == CourseTable.academy_id)
            & (ItemTable.course_id == CourseTable.id),
        )
        .where(CourseTable.academy_id == academy_id)
    )
    return {
        found.id: marks_of_course(
            parse_document(found.document),
            found.publisher,
            json.loads(found.languages),
            key=found.key or "",
            hosts=hosts,
        )
        for found in connection.execute(query)
    }


def _suspects(connection: Connection, academy_id: int) -> dict[int, set[int]]:
    """Return for each course the earlier ones that share a mark with it."""
    shared = (
        select(MarkTable.kind, MarkTable.mark)
        .where(MarkTable.academy_id == academy_id)
        .group_by(MarkTable.kind, MarkTable.mark)
        .having(func.count() > 1)
        .subquery()
    )
    query = (
        select(MarkTable.kind, MarkTable.mark, MarkTable.course_id)
        .join(shared, (MarkTable.kind == shared.c.kind) & (MarkTable.mark == shared.c.mark))
        .where(MarkTable.academy_id == academy_id)
        .order_by(MarkTable.kind, MarkTable.mark, MarkTable.course_id)
    )
    suspects: dict[int, set[int]] = {}
    last: tuple[str, str] | None = None
    group: list[int] = []
    for kind, mark, course_id in connection.execute(query):
        if (kind, mark) != last:
            last, group = (kind, mark), []
        if group:
            suspects.setdefault(course_id, set()).update(group[:MOST_CANDIDATES])
        group.append(course_id)
    return suspects
