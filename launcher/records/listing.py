"""Which rows of a transcript stand on a page: found by walking an index, not by sorting them all.

Serves `launcher.records.transcripts`. Knows which index gives which order, and when it is cheaper
to gather what fits and to sort that. Returns keys of rows and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    or_,
    select,
    true,
    tuple_,
)

from catalog.model import ResultStatus
from catalog.schema import CourseTable
from launcher.people import finding
from launcher.schema import Membership, Progress

# Where no more rows fit, they are gathered and sorted. Where more do, the order is walked, and of
# a million rows one in a hundred fits, so that a page is full soon.
FEW = 10_000
# Courses that are named one by one in a question.
FEW_COURSES = 1000

# A learner and a course.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; `since` and `until` bound the last activity, the second not included."""

    learner_id: int | None = None
    learner_ids: Sequence[int] | None = None
    course_id: int | None = None
    status: str | None = None
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None


_KEY = (Progress.learner_id, Progress.course_id)
_SORTED_BY = ("status", "percent", "seconds", "attempts", "first_at", "last_at")
# What may be sorted by, and the column of that. There is an index for each: in the order of names
# and titles, learners and courses lead to their rows.
_COLUMNS = {
    "learner": "name_key",
    "course": "title_key",
    "status": "last_at",
    "score": "percent",
    "time": "seconds",
    "attempts": "attempts",
    "first": "first_at",
    "last": "last_at",
}
SORTS = frozenset(_COLUMNS)
# Words begin at A, numbers and times at the greatest; "-" turns it around.
_LEAST_FIRST = ("learner", "course")
_MAY_BE_NONE = ("score", "first", "last")


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the list: by parts, within each by columns, all of them up or all down.

    The parts are walked one after another, so that what has no value comes last in both directions
    and statuses come by their rank: neither is the order of an index. `row` is `Progress`, or the
    columns of a query that has them.
    """

    name: str
    down: bool
    filters: Filters

    @classmethod
    def of(cls, sort: str, filters: Filters) -> Order:
        """Return the order of that name, with "-" before it turned around; else "last"."""
        name = sort.removeprefix("-")
        name = name if name in SORTS else "last"
        return cls(name, (name not in _LEAST_FIRST) != sort.startswith("-"), filters)

    def within(self, row: Any) -> list[ColumnElement[Any]]:
        """What a part is ordered by; the ids make pages of equal values stable."""
        by: tuple[SQLColumnExpression[Any], ...]
        if self.name == "learner":
            by = (Membership.name_key, Membership.id, row.course_id)
        elif self.name == "course":
            by = (CourseTable.title_key, CourseTable.id, row.learner_id)
        else:
            by = (getattr(row, _COLUMNS[self.name]), row.learner_id, row.course_id)
        return [one.desc() if self.down else one.asc() for one in by]

    def parts(self, row: Any) -> list[ColumnElement[bool]]:
        """The parts in their order."""
        if self.name == "status":
            # The order in which an attempt climbs is that in which people expect statuses.
            ranked = [one.value for one in ResultStatus if self.filters.status in (None, one)]
            return [
                and_(row.status == status, never)
                for status in (reversed(ranked) if self.down else ranked)
                for never in (row.last_at.is_not(None), row.last_at.is_(None))
            ]
        if self.name in _MAY_BE_NONE:
            column = getattr(row, _COLUMNS[self.name])
            return [column.is_not(None), column.is_(None)]
        return [true()]

    def whole(self, row: Any) -> list[ColumnElement[Any]]:
        """The same order over all parts, for what is sorted."""
        parts = self.parts(row)
        if len(parts) == 1:
            return self.within(row)
        return [case(*((part, n) for n, part in enumerate(parts))), *self.within(row)]


def count(connection: Connection, academy_id: int, filters: Filters, *, most: int | None) -> int:
    """Count the rows that fit; counting stops at `most`."""
    fit = conditions(connection, academy_id, filters)
    found = select(Progress.learner_id).where(*fit).limit(most)
    return connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def keys(
    connection: Connection,
    academy_id: int,
    filters: Filters,
    *,
    sort: str,
    limit: int,
    offset: int,
) -> list[Key]:
    """Return the keys of one page in its order."""
    order = Order.of(sort, filters)
    if _is_narrow(connection, academy_id, filters):
        fit = conditions(connection, academy_id, filters)
        return _gathered(connection, fit, order, limit=limit, offset=offset)
    fit = conditions(connection, academy_id, filters, walking=True)
    return _walked(connection, fit, order, limit=limit, offset=offset)


def these(keys: Collection[Key]) -> list[ColumnElement[bool]]:
    """Return what makes rows of `progress` those of some keys.

    The learners are named once more by themselves, since SQLite finds no index for pairs.
    """
    return [
        Progress.learner_id.in_({learner_id for learner_id, _course in keys}),
        tuple_(*_KEY).in_(list(keys)),
    ]


def conditions(
    connection: Connection, academy_id: int, filters: Filters, *, walking: bool = False
) -> list[ColumnElement[bool]]:
    """Return what a row of `progress` must be to fit.

    `walking` asks of each row whether its learner fits a search; without it, the learners who fit
    lead to the rows.
    """
    wanted: list[ColumnElement[bool]] = [Progress.academy_id == academy_id]
    if filters.learner_id is not None:
        wanted.append(Progress.learner_id == filters.learner_id)
    if filters.learner_ids is not None:
        wanted.append(Progress.learner_id.in_(filters.learner_ids))
    if filters.course_id is not None:
        wanted.append(Progress.course_id == filters.course_id)
    if filters.status is not None:
        wanted.append(Progress.status == filters.status)
    if filters.since is not None:
        wanted.append(Progress.last_at >= filters.since)
    if filters.until is not None:
        wanted.append(Progress.last_at < filters.until)
    wanted += _sought(connection, academy_id, filters.search, walking=walking)
    return wanted


def _sought(
    connection: Connection, academy_id: int, search: str, *, walking: bool
) -> Iterator[ColumnElement[bool]]:
    """Each piece may fit the learner or the course: "kim safety" finds Kim's row of the course."""
    asked = finding.tokens(search)
    courses = {token: _courses(connection, academy_id, token) for token in asked}

    def learners(tokens: Sequence[str]) -> ColumnElement[bool]:
        ids = finding.few(connection, academy_id, tokens)
        if ids is not None:
            return Progress.learner_id.in_(ids)
        if walking:
            return finding.fits(academy_id, tokens, Progress.learner_id)
        return Progress.learner_id.in_(finding.all_of(academy_id, tokens))

    of_learners_only = [token for token in asked if courses[token] is None]
    if of_learners_only:
        yield learners(of_learners_only)
    for token, mention in courses.items():
        if mention is not None:
            yield or_(learners([token]), Progress.course_id.in_(mention))


def _courses(connection: Connection, academy_id: int, token: str) -> list[int] | Select[int] | None:
    """Return the ids of courses that mention a token, or the question for them where it is many."""
    mention = select(CourseTable.id).where(
        CourseTable.academy_id == academy_id, CourseTable.sought.icontains(token, autoescape=True)
    )
    ids = list(connection.execute(mention.limit(FEW_COURSES + 1)).scalars())
    return (ids or None) if len(ids) <= FEW_COURSES else mention


def _is_narrow(connection: Connection, academy_id: int, filters: Filters) -> bool:
    """Tell whether so few rows fit that they may be gathered."""
    if filters.learner_id is not None or filters.learner_ids is not None:
        return True
    return filters != Filters() and count(connection, academy_id, filters, most=FEW + 1) <= FEW


def _gathered(
    connection: Connection,
    fit: list[ColumnElement[bool]],
    order: Order,
    *,
    limit: int,
    offset: int,
) -> list[Key]:
    """Sort what fits: gathered first, or a planner might walk a million rows to find a few."""
    columns = [getattr(Progress, name) for name in _SORTED_BY]
    gathered = select(*_KEY, *columns).where(*fit).cte("gathered").prefix_with("MATERIALIZED")
    row = gathered.c
    page = select(row.learner_id, row.course_id)
    if order.name == "learner":
        page = page.join(Membership, Membership.id == row.learner_id)
    elif order.name == "course":
        page = page.join(CourseTable, CourseTable.id == row.course_id)
    page = page.order_by(*order.whole(row)).limit(limit).offset(offset)
    return [(found.learner_id, found.course_id) for found in connection.execute(page)]


def _walked(
    connection: Connection,
    fit: list[ColumnElement[bool]],
    order: Order,
    *,
    limit: int,
    offset: int,
) -> list[Key]:
    """Walk part by part; a part that lies wholly before the page is counted to be passed over."""
    found: list[Key] = []
    for part in order.parts(Progress):
        walk = _walk(order).where(*fit, part)
        page = walk.order_by(*order.within(Progress)).limit(limit - len(found)).offset(offset)
        step = [(row.learner_id, row.course_id) for row in connection.execute(page)]
        found += step
        if len(found) == limit:
            break
        if step:
            offset = 0
        elif offset:
            before = select(func.count()).select_from(walk.limit(offset).subquery())
            offset -= connection.execute(before).scalar_one()
    return found


def _walk(order: Order) -> Select[int, int]:
    """Select keys in the order of the index; each learner or course leads to its rows."""
    keys_of = select(*_KEY)
    if order.name == "learner":
        of_learner = and_(
            Progress.academy_id == Membership.academy_id, Progress.learner_id == Membership.id
        )
        return keys_of.join_from(Membership, Progress, of_learner)
    if order.name == "course":
        of_course = and_(
            Progress.academy_id == CourseTable.academy_id, Progress.course_id == CourseTable.id
        )
        return keys_of.join_from(CourseTable, Progress, of_course)
    return keys_of
